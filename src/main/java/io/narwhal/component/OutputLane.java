package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.output.LedgerWriter;
import io.narwhal.record.UsageRows;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers one usage journal to a ledger: one file a frame, named by the frame, so that delivering
 * it again changes nothing.
 */
final class OutputLane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutputLane.class);

    private final String collector;
    private final JournalReader input;
    private final LedgerWriter ledger;
    private long position;
    private long rows;
    private boolean dirty;

    OutputLane(String collector, JournalReader input, LedgerWriter ledger, long rows) {
        this.collector = collector;
        this.input = input;
        this.ledger = ledger;
        this.position = input.position();
        this.rows = rows;
    }

    /** Whose usage this is. */
    String collector() {
        return collector;
    }

    /**
     * Delivers up to this many frames.
     *
     * @return frames delivered; 0 when there are none now
     */
    int work(int framesMax, Duty duty) {
        int frames = 0;
        while (frames < framesMax) {
            switch (input.next()) {
                case END -> {
                    return frames;
                }
                case DAMAGED -> LOG.error("{}; its rows are lost", input.damage().line());
                case FRAME -> deliver(duty);
            }
            position = input.position();
            dirty = true;
            frames++;
            duty.beat();
        }
        return frames;
    }

    private void deliver(Duty duty) {
        var usage =
                UsageRows.read(
                        new StateReader(
                                input.bytes(), input.payloadOffset(), input.payloadLength()));
        long frame = input.sequence();
        Patience.until(duty, () -> ledger.commit(frame, usage));
        rows += usage.size();
    }

    /** Whether something was delivered since the last acknowledgement. */
    boolean isDirty() {
        return dirty;
    }

    /** Rows delivered in the life of this lane. */
    long rows() {
        return rows;
    }

    void snapshot(StateWriter out) {
        out.putString(collector);
        out.putLong(input.journalId()).putLong(position).putLong(rows);
    }

    /** Where a lane of this output stands. */
    record Mark(String collector, JournalPosition position, long rows) {
        static Mark read(StateReader in) {
            return new Mark(
                    in.getString(), new JournalPosition(in.getLong(), in.getLong()), in.getLong());
        }
    }

    /** Says that what was delivered need not be kept for this output. */
    void acknowledge(String output) {
        input.acknowledge(output, position);
        dirty = false;
    }

    @Override
    public void close() {
        input.close();
    }
}
