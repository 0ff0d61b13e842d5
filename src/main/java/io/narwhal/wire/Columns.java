package io.narwhal.wire;

import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

/** The columns of a block by field, and columns of our own for what the books and times need. */
final class Columns {
    private final long[][] low = new long[Field.values().length][];
    private final long[][] high = new long[Field.values().length][];
    private final RecordBlock block;

    Columns(RecordBlock block) {
        this.block = block;
        for (Field field : Field.values()) {
            boolean has = block.has(field);
            low[field.ordinal()] = has ? block.column(field) : own(field);
            high[field.ordinal()] =
                    has && field.kind() == Field.Kind.ADDRESS
                            ? block.highColumn(field)
                            : new long[0];
        }
    }

    // The books count octets and packets, and an end is held against its start.
    private static long[] own(Field field) {
        return field == Field.OCTETS
                        || field == Field.PACKETS
                        || field == Field.START
                        || field == Field.END
                        || field == Field.SAMPLING_RATE
                ? new long[RecordBlock.CAPACITY]
                : new long[0];
    }

    /** Whether anybody wants the sampling rate, or to know who told it. */
    boolean wantsSampling() {
        return wants(Field.SAMPLING_RATE) || wants(Field.SAMPLING_SOURCE);
    }

    /** Whether anybody wants this field. */
    boolean wants(Field field) {
        return block.has(field);
    }

    /** The bits of the rows' fields, for those that only the state of an exporter tells. */
    long[] present() {
        return block.present();
    }

    /** Whether a row has counted neither octets nor packets. */
    boolean isIdle(int row) {
        return (low(Field.OCTETS)[row] | low(Field.PACKETS)[row]) == 0;
    }

    long[] low(Field field) {
        return low[field.ordinal()];
    }

    long[] high(Field field) {
        return high[field.ordinal()];
    }
}
