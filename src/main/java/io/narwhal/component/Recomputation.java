package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.RowSink;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Computes a lane again from its received journal, from the oldest frame that is there up to where
 * the lane stood, with the present configuration. It acknowledges nothing and writes nothing.
 *
 * @param lane the context that came of it
 * @param begin where the journal began; 0: it is whole
 * @param firstArrivalMs arrival of the first frame, ms since 1970
 * @param frames frames read
 * @param damage stretches that could not be read
 */
public record Recomputation(
        Lane lane, long begin, long firstArrivalMs, long frames, List<Damaged> damage) {
    private static final int SESSION_FRAMES = 64;
    private static final int TELL_FRAMES = 1_024;

    /**
     * A stretch that could not be read.
     *
     * @param line file, byte and what is wrong
     * @param untilMs arrival of the first frame behind it, ms since 1970
     */
    public record Damaged(String line, long untilMs) {}

    /** Who waits. */
    public interface Watcher {
        /** Reading stands at this byte of the journal, and ends at that one. */
        void at(long position, long end);
    }

    /** It cannot be computed again. The message says why, and what next. */
    public static final class Impossible extends RuntimeException {
        Impossible(String message) {
            super(message);
        }
    }

    /** The state of one that is under way. */
    private static final class Run implements AutoCloseable {
        final Path directory;
        final JournalReader reader;
        final Lane lane;
        final @Nullable SessionFeed sessions;
        final Crew crew;
        final RowSink out;
        final List<Damaged> damage = new ArrayList<>();
        @Nullable String damagedLine;
        long firstArrivalMs;
        long frames;

        Run(Environment environment, String name, Lane live, Crew crew, RowSink out) {
            Disk disk = environment.disk();
            this.directory = environment.layout().received(name);
            this.crew = crew;
            this.out = out;
            // What is held stays so, or it would count twice when it is recycled; what had been
            // recycled is taken where it stands.
            Lane.Work work =
                    LaneRecovery.work(environment.config(), disk, name)
                            .withLinesWaiting(live.linesHeld());
            this.lane = new Lane(work);
            lane.setAside(HeldList.load(disk, environment.layout(), name).heldAt(live.recycled()));
            // After a power cut less may be published than a checkpoint knows to be durable.
            this.reader = JournalReader.openPhysical(disk, directory, 0);
            this.sessions =
                    SubscriberLanes.has(environment.config(), name)
                            ? SessionFeed.open(
                                    environment,
                                    name,
                                    work.holders(),
                                    Map.of(),
                                    null,
                                    new Replay(name, Replay.Input.of(disk, directory)))
                            : null;
        }

        void upTo(JournalPosition end, Watcher watcher) {
            while (reader.position() < end.position()) {
                switch (reader.next()) {
                    case END ->
                            throw new Impossible(
                                    directory
                                            + " ends at byte "
                                            + reader.position()
                                            + ", before what was accounted ("
                                            + end.position()
                                            + "); restore the data directory as a whole");
                    case DAMAGED -> damaged();
                    case FRAME -> take();
                }
                if (reader.journalId() != end.journalId()) {
                    throw new Impossible(
                            directory
                                    + " is another journal than the one that was accounted;"
                                    + " restore the data directory as a whole");
                }
                if (frames % TELL_FRAMES == 0) {
                    watcher.at(reader.position(), end.position());
                }
            }
            endStep();
            settleDamage(Long.MAX_VALUE);
        }

        private void take() {
            boolean ends =
                    lane.take(
                            reader.bytes(),
                            reader.payloadOffset(),
                            reader.payloadLength(),
                            reader.framePosition());
            firstArrivalMs = frames == 0 ? lane.stepBeganMs() : firstArrivalMs;
            settleDamage(lane.stepArrivalMs());
            frames++;
            if (ends) {
                endStep();
            }
        }

        private void damaged() {
            endStep();
            lane.onDamage(reader.damage().to() - reader.damage().from());
            damagedLine = reader.damage().line();
        }

        private void settleDamage(long untilMs) {
            if (damagedLine != null) {
                damage.add(new Damaged(damagedLine, untilMs));
                damagedLine = null;
            }
        }

        // Everything is there that the lane waited for, or it would not stand where it does.
        private void endStep() {
            if (sessions != null && lane.hasTaken()) {
                SessionFeed.Progress progress = SessionFeed.Progress.MORE;
                while (progress == SessionFeed.Progress.MORE) {
                    progress = sessions.advance(flows(), true, SESSION_FRAMES);
                }
                if (progress == SessionFeed.Progress.WAITING) {
                    throw new Impossible(
                            directory
                                    + ": what was known of sessions when it was accounted is not"
                                    + " in their journals now: waits "
                                    + sessions.waitsFor(flows())
                                    + ". Start the node, which publishes again what a power cut"
                                    + " left, and give the command again");
                }
            }
            lane.endStep(crew, out);
        }

        private SessionFeed.Flows flows() {
            return new SessionFeed.Flows(lane.stepArrivalMs(), lane.stepLinks(), reader.position());
        }

        @Override
        public void close() {
            reader.close();
            if (sessions != null) {
                sessions.close();
            }
        }
    }

    /**
     * Computes a lane again.
     *
     * @param live the lane as it stood
     * @param end where that was
     * @param out takes all rows, those of bins that are still open in the end included
     * @throws Impossible when the journal is not the one that was accounted
     * @throws io.narwhal.journal.JournalTrimmed when the journal was trimmed meanwhile
     */
    public static Recomputation of(
            Environment environment,
            String lane,
            Lane live,
            JournalPosition end,
            Crew crew,
            RowSink out,
            Watcher watcher) {
        long begin = JournalReader.oldest(environment.disk(), environment.layout().received(lane));
        try (var run = new Run(environment, lane, live, crew, out)) {
            run.upTo(end, watcher);
            run.lane.aggregations().forEach(one -> one.openRows(out::onRows));
            return new Recomputation(run.lane, begin, run.firstArrivalMs, run.frames, run.damage);
        }
    }
}
