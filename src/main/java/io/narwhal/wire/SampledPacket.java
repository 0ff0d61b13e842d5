package io.narwhal.wire;

import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import java.util.Arrays;

/**
 * What is known of one sampled packet, as values of the fields of a record. One object, reused for
 * each sample. Times, exporter and domain are the datagram's and written with the rest.
 */
final class SampledPacket {
    private static final Field[] FIELDS = Field.values();

    private final long[] low = new long[FIELDS.length];
    private final long[] high = new long[FIELDS.length];
    private long present;

    /** Forgets the sample before. */
    void clear() {
        Arrays.fill(low, 0);
        Arrays.fill(high, 0);
        present = 0;
    }

    /** The exporter said so. */
    void put(Field field, long value) {
        low[field.ordinal()] = value;
        present |= field.bit();
    }

    /** As {@link #put}, of an address. */
    void put(Field field, long highHalf, long lowHalf) {
        high[field.ordinal()] = highHalf;
        put(field, lowHalf);
    }

    /** A value that the record needs and that the exporter did not say. */
    void imply(Field field, long value) {
        low[field.ordinal()] = value;
    }

    boolean has(Field field) {
        return (present & field.bit()) != 0;
    }

    long low(Field field) {
        return low[field.ordinal()];
    }

    long high(Field field) {
        return high[field.ordinal()];
    }

    /** Writes all wanted columns of that row, and which of them the exporter sent. */
    void write(Columns columns, RecordBlock block, int row) {
        for (int i = 0; i < FIELDS.length; i++) {
            Field field = FIELDS[i];
            long[] column = columns.low(field);
            if (column.length > 0) {
                column[row] = low[i];
                if (field.kind() == Field.Kind.ADDRESS) {
                    columns.high(field)[row] = high[i];
                }
            }
        }
        block.present()[row] = present;
    }
}
