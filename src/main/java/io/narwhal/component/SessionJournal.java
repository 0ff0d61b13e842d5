package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.recovery.Evidence;
import io.narwhal.recovery.SessionPlan;
import io.narwhal.session.Holders;
import io.narwhal.session.SessionLimits;
import io.narwhal.session.Sessions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One journal of a {@link SessionFeed}: what a collector heard of sessions, read for who held which
 * address. What the sessions used is booked by the collector's own lane, not here.
 */
final class SessionJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionJournal.class);
    private static final Set<Field> COLUMNS =
            EnumSet.of(Field.OCTETS, Field.PACKETS, Field.START, Field.END);

    private final String name;
    private final Disk disk;
    private final Path directory;
    private final SessionLimits limits;
    private final @Nullable SessionPaths paths;
    private final Holders holders;
    private final ReceivedBlock block = new ReceivedBlock();
    private JournalReader reader;
    private Sessions sessions;
    // Behind the last frame taken; the reader may be one frame further.
    private long position;
    private boolean peeked;
    // Whether the last frame taken said that the collector ended for good.
    private boolean closed;
    private long takenMs;

    private SessionJournal(
            String name,
            Disk disk,
            Path directory,
            SessionLimits limits,
            @Nullable SessionPaths paths,
            Holders holders,
            JournalReader reader) {
        this.name = name;
        this.disk = disk;
        this.directory = directory;
        this.limits = limits;
        this.paths = paths;
        this.holders = holders;
        this.reader = reader;
        this.sessions = sessions();
    }

    // Rows and counts of sessions are the business of the collector's own lane.
    private Sessions sessions() {
        return new Sessions(
                limits,
                new RecordBlock(COLUMNS),
                new Dictionary(),
                _ -> {},
                new Books(),
                holders.watcher(name));
    }

    /**
     * Opens the journal where a checkpoint says, or at its oldest frame when there is no such place
     * any more.
     *
     * @param paths the ways by which it came here; null when it is of a collector of this host
     */
    static SessionJournal open(
            Environment environment,
            String name,
            @Nullable SessionPaths paths,
            Holders holders,
            JournalPosition from,
            byte @Nullable [] state,
            Replay replay) {
        Disk disk = environment.disk();
        Path directory = environment.layout().received(name);
        Evidence.Input evidence = JournalEvidence.of(disk, directory).asInput(from);
        SessionPlan plan = SessionPlan.of(state != null, evidence);
        replay.found("sessions of " + name, plan.label());
        boolean known = plan == SessionPlan.RESUME;
        var limits = LaneRecovery.sessionLimits(environment.config());
        var reader = JournalReader.open(disk, directory, known ? from.position() : 0);
        var journal = new SessionJournal(name, disk, directory, limits, paths, holders, reader);
        if (known && state != null) {
            journal.restore(new StateReader(state));
            journal.position = from.position();
            return journal;
        }
        if (plan == SessionPlan.LEARN_ANEW) {
            replay.lost(0, "sessions", directory + ": what was known of them is learnt anew");
            LOG.warn(
                    "{}: the place up to which sessions were read is gone; they are learnt anew"
                            + " from the oldest that are there",
                    directory);
        }
        holders.forget(name);
        return journal;
    }

    /** Reads up to the first frame that flows of that arrival do not wait for. */
    SessionFeed.Progress advance(
            SessionFeed.Flows flows, long waitMs, boolean ends, boolean endIsFinal, int framesMax) {
        long arrivalMs = flows.arrivalMs();
        for (int frames = 0; frames < framesMax; frames++) {
            if (paths != null && paths.suffice(flows, waitMs, position)) {
                return SessionFeed.Progress.READY;
            }
            if (!peeked && !peek()) {
                // Behind the block that says so nothing came before the flows did.
                return endIsFinal || ends && closed
                        ? SessionFeed.Progress.READY
                        : SessionFeed.Progress.WAITING;
            }
            if (paths != null) {
                take(paths);
                continue;
            }
            long at = block.arrivalMicros() / 1_000;
            // What a collector hears after it was ended and begun again is later than all flows
            // that were applied at its end: those must find the same when they are computed again.
            if (at > arrivalMs + waitMs || closed && at > arrivalMs) {
                return SessionFeed.Progress.READY;
            }
            take();
        }
        return SessionFeed.Progress.MORE;
    }

    private boolean peek() {
        while (true) {
            JournalReader.Step step;
            try {
                step = reader.next();
            } catch (JournalTrimmed e) {
                beginAnew(e);
                continue;
            }
            switch (step) {
                case END -> {
                    return false;
                }
                case DAMAGED -> {
                    LOG.error("{}; sessions told there are not known", reader.damage().line());
                    position = reader.position();
                }
                case FRAME -> {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    peeked = true;
                    return true;
                }
            }
        }
    }

    private void beginAnew(JournalTrimmed why) {
        LOG.warn("{}; sessions are learnt anew from there on", why.getMessage());
        reader.close();
        reader = JournalReader.open(disk, directory, 0);
        holders.forget(name);
        sessions = sessions();
        position = 0;
        closed = false;
        if (paths != null) {
            paths.forget();
        }
    }

    private void take(SessionPaths from) {
        int path = from.heard(block, reader.position());
        if (path > 0) {
            block.source().setPath(path);
            takeRequests();
        }
        closed = block.kind() == ReceivedBlock.Kind.CLOSE && block.origin() == null;
        taken();
    }

    private void take() {
        takeRequests();
        // What one agent ends goes on at the others.
        closed = block.kind() == ReceivedBlock.Kind.CLOSE && block.origin() == null;
        taken();
    }

    private void taken() {
        takenMs = Math.max(takenMs, block.arrivalMicros() / 1_000);
        peeked = false;
        position = reader.position();
    }

    private void takeRequests() {
        while (block.next()) {
            if (block.kind() != ReceivedBlock.Kind.REQUESTS || block.isRefusal()) {
                continue;
            }
            sessions.onRequest(
                    block.bytes(),
                    block.offset(),
                    block.length(),
                    block.source(),
                    block.arrivalMicros());
        }
        sessions.onWatermark(block.arrivalMicros() / 1_000);
        sessions.flush();
    }

    String name() {
        return name;
    }

    /** Behind the last frame taken. */
    JournalPosition position() {
        return new JournalPosition(reader.journalId(), position);
    }

    /** Who has not told yet what these flows wait for, and how far each is; 0: nothing yet. */
    SortedMap<String, Long> behind(SessionFeed.Flows flows, long waitMs) {
        if (paths != null) {
            return paths.behind(flows, waitMs, position);
        }
        SortedMap<String, Long> behind = new TreeMap<>();
        if (seenMs() <= flows.arrivalMs() + waitMs) {
            behind.put(name, seenMs());
        }
        return behind;
    }

    // The latest arrival read, ms since 1970; 0 when nothing was.
    private long seenMs() {
        return peeked ? Math.max(takenMs, block.arrivalMicros() / 1_000) : takenMs;
    }

    void snapshot(StateWriter out) {
        out.putBoolean(closed).putLong(takenMs);
        if (paths != null) {
            paths.snapshot(out);
        }
        sessions.snapshot(out);
    }

    private void restore(StateReader in) {
        closed = in.getBoolean();
        takenMs = in.getLong();
        if (paths != null) {
            paths.restore(in);
        }
        sessions.restore(in);
    }

    void acknowledge(String readerName) {
        reader.acknowledge(readerName, position);
    }

    @Override
    public void close() {
        reader.close();
    }
}
