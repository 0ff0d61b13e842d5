package io.narwhal.wire;

import io.narwhal.record.Field;

import java.util.Arrays;
import java.util.function.Function;

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

    /** Which fields the exporter told. */
    long present() {
        return present;
    }

    /** The columns that are wanted of a block, with the fields that fill them. */
    static final class Target {
        private final int[] lowFields;
        private final long[][] lowColumns;
        private final int[] highFields;
        private final long[][] highColumns;

        Target(Columns columns) {
            this.lowFields = wanted(columns::low);
            this.lowColumns = columns(lowFields, columns::low);
            this.highFields = wanted(columns::high);
            this.highColumns = columns(highFields, columns::high);
        }

        private static int[] wanted(Function<Field, long[]> columns) {
            return Arrays.stream(FIELDS)
                    .filter(field -> columns.apply(field).length > 0)
                    .mapToInt(Field::ordinal)
                    .toArray();
        }

        private static long[][] columns(int[] fields, Function<Field, long[]> columns) {
            return Arrays.stream(fields)
                    .mapToObj(field -> columns.apply(FIELDS[field]))
                    .toArray(long[][]::new);
        }
    }

    /** Writes every wanted column of that row. */
    void write(Target target, int row) {
        for (int i = 0; i < target.lowFields.length; i++) {
            target.lowColumns[i][row] = low[target.lowFields[i]];
        }
        for (int i = 0; i < target.highFields.length; i++) {
            target.highColumns[i][row] = high[target.highFields[i]];
        }
    }
}
