package io.narwhal.aggregate;

import io.narwhal.record.Dictionary;
import io.narwhal.record.RowSink;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

/** Cuts rows of one kind into frames and hands each on when it is full. */
final class Frames {
    private final UsageDefinition definition;
    private final UsageRows.Kind kind;
    private final RowSink out;
    private UsageRows rows;

    Frames(UsageDefinition definition, UsageRows.Kind kind, RowSink out) {
        this.definition = definition;
        this.kind = kind;
        this.out = out;
        this.rows = new UsageRows(definition, kind);
    }

    /**
     * Appends every entry of a bin, in the order in which the keys came.
     *
     * @param dictionary has the texts of its keys
     */
    void add(BinTable bin, Dictionary dictionary) {
        for (int entry = 0; entry < bin.size(); entry++) {
            if (rows.size() == UsageRows.ROWS_MAX) {
                flush();
            }
            rows.add(
                    bin.startMs(),
                    bin.entries(),
                    bin.keyAt(entry),
                    dictionary,
                    bin.octets(entry),
                    bin.packets(entry),
                    bin.flows(entry));
            if (definition.scaled()) {
                rows.scale(
                        bin.octetsScaled(entry),
                        bin.packetsScaled(entry),
                        bin.flowsUnscaled(entry));
            }
        }
    }

    /** Hands on what is left. */
    void flush() {
        if (rows.size() > 0) {
            out.onRows(rows);
            rows = new UsageRows(definition, kind);
        }
    }
}
