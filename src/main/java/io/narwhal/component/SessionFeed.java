package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.SubscribersConfig;
import io.narwhal.journal.JournalPosition;
import io.narwhal.session.Holders;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a lane of flows knows of sessions: it reads the journals of the collectors that hear of
 * them, in step with its own journal, by the times of arrival alone. Flows that arrived at a time
 * are applied when everything has been read that arrived up to {@code wait} later, and nothing that
 * arrived after that: so it makes no difference when either is read, and a lane stays a function of
 * journals. Until then the flows wait in their own journal, which is durable.
 */
final class SessionFeed implements AutoCloseable {
    private static final int VERSION = 1;

    /** How a feed stands to the flows that it was asked for. */
    enum Progress {
        /** Everything was read that they wait for. */
        READY,
        /** There is more to read at once. */
        MORE,
        /** What they wait for has not come yet. */
        WAITING
    }

    /**
     * The flows that are to be applied.
     *
     * @param arrivalMs when the last of them arrived, ms since 1970
     * @param links by link of an agent, when the last of those that came by it arrived there
     * @param position up to which the lane has taken its own journal
     */
    record Flows(long arrivalMs, SortedMap<String, Long> links, long position) {}

    private final String lane;
    private final long waitMs;
    private final Holders holders;
    private final List<SessionJournal> journals;

    private SessionFeed(String lane, long waitMs, Holders holders, List<SessionJournal> journals) {
        this.lane = lane;
        this.waitMs = waitMs;
        this.holders = holders;
        this.journals = journals;
    }

    /**
     * Opens the journals of sessions for a lane.
     *
     * @param holders filled from them; new
     * @param from where the lane's checkpoint says that it stands in each
     * @param in what {@link #snapshot} wrote; null when the lane has read nothing yet
     * @param replay is told how each of them comes back
     */
    static SessionFeed open(
            Environment environment,
            String lane,
            Holders holders,
            Map<String, JournalPosition> from,
            @Nullable StateReader in,
            Replay replay) {
        NodeConfig config = environment.config();
        SubscribersConfig subscribers = config.enhance().subscribers();
        if (subscribers == null) {
            throw new LaneRecovery.Refused(lane + ": no collector hears of sessions");
        }
        Map<String, byte[]> states = in == null ? Map.of() : states(in);
        if (in != null) {
            holders.restore(in);
        }
        holders.retain(subscribers.journals());
        var feed = new SessionFeed(lane, subscribers.waitMs(), holders, new ArrayList<>());
        try {
            for (String name : subscribers.journals()) {
                feed.journals.add(
                        SessionJournal.open(
                                environment,
                                name,
                                paths(subscribers, lane, name),
                                holders,
                                from.getOrDefault(name, JournalPosition.BEGINNING),
                                states.get(name),
                                replay));
            }
            return feed;
        } catch (RuntimeException e) {
            feed.close();
            throw e;
        }
    }

    // What was pulled has come by many ways, each with its own time.
    private static @Nullable SessionPaths paths(
            SubscribersConfig subscribers, String lane, String journal) {
        return journal.equals(NodeConfig.PULL)
                ? new SessionPaths(
                        subscribers.pulled(), lane.equals(journal), SessionPaths.SILENT_BYTES)
                : null;
    }

    /** An empty index for a lane that feeds, or none, by configuration. */
    static Holders holders(NodeConfig config) {
        SubscribersConfig subscribers = config.enhance().subscribers();
        return subscribers == null
                ? Holders.none()
                : new Holders(subscribers.keepMs(), Holders.SESSIONS_MAX);
    }

    private static Map<String, byte[]> states(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "sessions of version " + version + "; this release reads " + VERSION);
        }
        Map<String, byte[]> states = new HashMap<>();
        for (int left = in.getCount(8); left > 0; left--) {
            String name = in.getString();
            states.put(name, in.getBytes());
        }
        return states;
    }

    /**
     * Reads on, for these flows.
     *
     * @param ends whether the collectors have ended for good, all of them: then nothing more comes
     *     behind the block that says so
     * @param framesMax frames read at the most before {@link Progress#MORE}
     */
    Progress advance(Flows flows, boolean ends, int framesMax) {
        boolean endIsFinal = ends && !SubscriberLanes.isWaitedFor(lane);
        Progress worst = Progress.READY;
        for (SessionJournal journal : journals) {
            Progress one = journal.advance(flows, waitMs, ends, endIsFinal, framesMax);
            worst = one.compareTo(worst) > 0 ? one : worst;
        }
        if (worst == Progress.READY) {
            holders.onWatermark(flows.arrivalMs());
        }
        return worst;
    }

    /** What these flows wait for; for the operator. */
    String waitsFor(Flows flows) {
        var message =
                new StringBuilder("for sessions up to ").append(time(flows.arrivalMs() + waitMs));
        for (SessionJournal journal : journals) {
            journal.behind(flows, waitMs)
                    .forEach(
                            (name, seenMs) ->
                                    message.append("; radius collector ")
                                            .append(name)
                                            .append(
                                                    seenMs == 0
                                                            ? " has told of nothing yet"
                                                            : " is at " + time(seenMs)));
        }
        return message.toString();
    }

    private static String time(long ms) {
        return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Where it stands in each journal: behind the last frame taken. */
    SortedMap<String, JournalPosition> positions() {
        SortedMap<String, JournalPosition> positions = new TreeMap<>();
        journals.forEach(journal -> positions.put(journal.name(), journal.position()));
        return positions;
    }

    /** Writes what is known of sessions. */
    void snapshot(StateWriter out) {
        out.putByte(VERSION).putInt(journals.size());
        for (SessionJournal journal : journals) {
            var state = new StateWriter(1 << 12);
            journal.snapshot(state);
            out.putString(journal.name()).putBytes(state.toBytes());
        }
        holders.snapshot(out);
    }

    /** Lets the collectors delete what was taken; once a checkpoint holds it durably. */
    void acknowledge() {
        if (SubscriberLanes.isWaitedFor(lane)) {
            journals.forEach(one -> one.acknowledge(SubscriberLanes.reader(lane)));
        }
    }

    @Override
    public void close() {
        journals.forEach(SessionJournal::close);
    }
}
