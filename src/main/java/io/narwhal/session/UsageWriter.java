package io.narwhal.session;

import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RecordSink;

/** Writes what sessions used into the columns of a block, which goes to the sink when full. */
final class UsageWriter {
    private static final long[] NONE = new long[0];
    private static final long[] NOBODY = new long[3];
    private static final long TOLD =
            Field.EXPORTER.bit()
                    | Field.SUBSCRIBER.bit()
                    | Field.SESSION_ID.bit()
                    | Field.NAS.bit()
                    | Field.DIRECTION.bit()
                    | Field.OCTETS.bit()
                    | Field.PACKETS.bit()
                    | Field.START.bit()
                    | Field.END.bit();

    private final RecordBlock block;
    private final Dictionary dictionary;
    private final RecordSink sink;
    // By the ordinal of the field; empty where it has no column.
    private final long[][] low = new long[Field.values().length][];
    private final long[][] high = new long[Field.values().length][];

    UsageWriter(RecordBlock block, Dictionary dictionary, RecordSink sink) {
        this.block = block;
        this.dictionary = dictionary;
        this.sink = sink;
        for (Field field : Field.values()) {
            boolean has = block.has(field);
            low[field.ordinal()] = has ? block.column(field) : NONE;
            high[field.ordinal()] =
                    has && field.kind() == Field.Kind.ADDRESS ? block.highColumn(field) : NONE;
        }
    }

    void flush() {
        if (block.size() > 0) {
            sink.onBlock(block);
            block.clear();
        }
    }

    /** What a request added to one direction of its session. */
    void write(
            Instance session,
            int direction,
            boolean isFirst,
            long octets,
            long packets,
            long startMs,
            long endMs) {
        int row = block.size();
        for (int i = 0; i < low.length; i++) {
            if (low[i].length > 0) {
                low[i][row] = 0;
            }
            if (high[i].length > 0) {
                high[i][row] = 0;
            }
        }
        boolean isUp = direction == Field.UP;
        put(Field.EXPORTER, row, session.nas.key.high(), session.nas.key.low());
        text(Field.SUBSCRIBER, row, session.subscriber);
        if (low[Field.SESSION_ID.ordinal()].length > 0) {
            text(Field.SESSION_ID, row, session.sessionId());
        }
        text(Field.NAS, row, session.nas.name());
        put(Field.DIRECTION, row, direction);
        put(Field.OCTETS, row, octets);
        put(Field.PACKETS, row, packets);
        put(Field.START, row, startMs);
        put(Field.END, row, endMs);
        int at = session.address();
        long[] address = at < 0 ? NOBODY : session.addresses();
        int from = Math.max(0, at);
        Field side = isUp ? Field.SRC_ADDR : Field.DST_ADDR;
        put(side, row, address[from], address[from + 1]);
        block.present()[row] =
                TOLD | (at < 0 ? 0 : side.bit()) | (isFirst ? 0 : RecordBlock.REVERSE);
        block.setSize(row + 1);
        if (block.room() == 0) {
            flush();
        }
    }

    private void text(Field field, int row, String text) {
        if (low[field.ordinal()].length > 0) {
            low[field.ordinal()][row] = dictionary.number(text);
        }
    }

    private void put(Field field, int row, long value) {
        if (low[field.ordinal()].length > 0) {
            low[field.ordinal()][row] = value;
        }
    }

    private void put(Field field, int row, long highHalf, long lowHalf) {
        put(field, row, lowHalf);
        if (high[field.ordinal()].length > 0) {
            high[field.ordinal()][row] = highHalf;
        }
    }
}
