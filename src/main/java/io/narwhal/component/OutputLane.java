package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.output.LedgerWriter;
import io.narwhal.record.UsageRows;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;

/**
 * Delivers one usage journal to a ledger: one file a frame, named by the frame, so that delivering
 * it again changes nothing.
 */
final class OutputLane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutputLane.class);

    private final String collector;
    private final JournalReader input;
    private final LedgerWriter ledger;
    private final LedgerWriter corrections;
    private final @Nullable Replay replay;
    private long position;
    private long rows;
    private long damagedBytes;
    private boolean dirty;

    /** A lane that goes on behind this mark; null: from the beginning of the journal. */
    OutputLane(
            String collector,
            JournalReader input,
            LedgerWriter ledger,
            OutputHead.@Nullable Mark mark) {
        this(collector, input, ledger, ledger, mark, null);
    }

    /**
     * A lane that notes how it comes back.
     *
     * @param corrections where rows of corrections go
     */
    OutputLane(
            String collector,
            JournalReader input,
            LedgerWriter ledger,
            LedgerWriter corrections,
            OutputHead.@Nullable Mark mark,
            @Nullable Replay replay) {
        this.corrections = corrections;
        this.replay = replay;
        this.collector = collector;
        this.input = input;
        this.ledger = ledger;
        this.position = input.position();
        this.rows = mark == null ? 0 : mark.rows();
        this.damagedBytes = mark == null ? 0 : mark.damagedBytes();
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
                case DAMAGED -> {
                    LOG.error("{}; its rows are lost and booked", input.damage().line());
                    damagedBytes += input.damage().to() - input.damage().from();
                    if (replay != null) {
                        replay.damaged(input.damage());
                    }
                }
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
        if (replay != null) {
            replay.frame();
        }
        var read = PulledRows.read(input.bytes(), input.payloadOffset(), input.payloadLength());
        if (read.isEmpty()) {
            return; // an agent has lost what stood there; the books of transfers say so
        }
        UsageRows usage = read.get();
        long frame = input.sequence();
        LedgerWriter into = usage.correction().isPresent() ? corrections : ledger;
        Patience.until(duty, () -> into.commit(frame, usage));
        rows += usage.size();
    }

    /** Whether something was delivered since the last acknowledgement. */
    boolean isDirty() {
        return dirty;
    }

    /** How the lane came back, as far as it is now; none for a lane that does not note it. */
    Optional<Replay> replay(Clock clock) {
        if (replay != null) {
            replay.stands(position, position, rows, clock);
        }
        return Optional.ofNullable(replay);
    }

    /** Rows delivered in the life of this lane. */
    long rows() {
        return rows;
    }

    /** Where the lane stands. */
    OutputHead.Mark mark() {
        return new OutputHead.Mark(
                collector, new JournalPosition(input.journalId(), position), rows, damagedBytes);
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
