package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The collectors of agents that tell of sessions, as they are heard in a journal of what was
 * pulled, and whether flows may go on. Each has its own time; so flows are held against the
 * collectors of their own link, if that has any, and else against all of them, by their times of
 * arrival there.
 *
 * <p>One is not waited for while it has ended for good, nor when it was silent: when nothing came
 * by it while so many bytes of others were pulled, counted from behind the flows that wait. All of
 * that is a function of the journal.
 */
final class SessionPaths {
    /** Bytes of others, pulled while nothing comes by a path, from which on it is silent. */
    static final long SILENT_BYTES = 256L << 20;

    private static final int VERSION = 1;

    /** How far a path has come. */
    private static final class Heard {
        final int number;
        long clockMs;
        long position;
        boolean isClosed;

        Heard(int number) {
            this.number = number;
        }
    }

    private final List<String> wanted;
    private final boolean isOwn;
    private final long silentBytes;
    // By path; also of those that were wanted once, as numbers must not be given twice.
    private final Map<String, Heard> heard = new HashMap<>();
    private final List<String> order = new ArrayList<>();
    // Behind the last block by which this node said that nothing more is pulled, and its time.
    private long closedAt;
    private long closedMs;

    /**
     * Nothing is heard yet.
     *
     * @param wanted link and collector of each, as {@code edge-1/acct}
     * @param isOwn whether the flows that wait come of the same journal
     */
    SessionPaths(List<String> wanted, boolean isOwn, long silentBytes) {
        this.wanted = List.copyOf(wanted);
        this.isOwn = isOwn;
        this.silentBytes = silentBytes;
    }

    /**
     * Takes note of a block.
     *
     * @param position behind it
     * @return the number of its path, from 1; 0 when it is none of those that are wanted
     */
    int heard(ReceivedBlock block, long position) {
        Origin origin = block.origin();
        if (origin == null && block.kind() == ReceivedBlock.Kind.CLOSE) {
            closedAt = position;
            closedMs = block.arrivalMicros() / 1_000;
        }
        if (origin == null || origin.isGap() || !wanted.contains(origin.path())) {
            return 0;
        }
        Heard one = of(origin.path());
        one.clockMs = Math.max(one.clockMs, block.arrivalMicros() / 1_000);
        one.position = position;
        one.isClosed = block.kind() == ReceivedBlock.Kind.CLOSE;
        return one.number;
    }

    private Heard of(String path) {
        return heard.computeIfAbsent(
                path,
                _ -> {
                    order.add(path);
                    return new Heard(order.size());
                });
    }

    /**
     * Whether everything was read that these flows wait for.
     *
     * @param position up to which the journal was read
     */
    boolean suffice(SessionFeed.Flows flows, long waitMs, long position) {
        return behind(flows, waitMs, position).isEmpty();
    }

    /** The paths that are waited for, and how far each is; 0 when nothing came by it. */
    SortedMap<String, Long> behind(SessionFeed.Flows flows, long waitMs, long position) {
        SortedMap<String, Long> behind = new TreeMap<>();
        // Who computes them again finds the same: what came after the end was not there then.
        boolean ended = isOwn ? closedAt >= flows.position() : closedMs >= flows.arrivalMs();
        if (isOwn && flows.links().isEmpty() || closedAt > 0 && ended) {
            return behind;
        }
        for (String path : wanted) {
            Heard one = heard.get(path);
            long needMs = needMs(flows, path);
            long since = Math.max(one == null ? 0 : one.position, isOwn ? flows.position() : 0);
            boolean isSilent = position - since >= silentBytes;
            boolean isDone =
                    one != null && (one.isClosed || needMs < 0 || one.clockMs > needMs + waitMs);
            if (needMs >= 0 && !isDone && !isSilent) {
                behind.put(path, one == null ? 0 : one.clockMs);
            }
        }
        return behind;
    }

    // The newest flow that waits for this path; negative when none does.
    private long needMs(SessionFeed.Flows flows, String path) {
        if (!isOwn) {
            return flows.arrivalMs();
        }
        long needMs = -1;
        for (Map.Entry<String, Long> one : flows.links().entrySet()) {
            boolean isOfLink = path.startsWith(one.getKey() + "/");
            if (isOfLink || wanted.stream().noneMatch(w -> w.startsWith(one.getKey() + "/"))) {
                needMs = Math.max(needMs, one.getValue());
            }
        }
        return needMs;
    }

    /** The journal is read anew from another place. */
    void forget() {
        heard.clear();
        order.clear();
        closedAt = 0;
        closedMs = 0;
    }

    void snapshot(StateWriter out) {
        out.putByte(VERSION).putLong(closedAt).putLong(closedMs).putInt(order.size());
        for (String path : order) {
            Heard one = of(path);
            out.putString(path).putLong(one.clockMs).putLong(one.position);
            out.putBoolean(one.isClosed);
        }
    }

    /**
     * Reads what {@link #snapshot} wrote.
     *
     * @throws StateReader.Malformed when another release wrote it
     */
    void restore(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "paths of sessions of version " + version + "; this release reads " + VERSION);
        }
        closedAt = in.getLong();
        closedMs = in.getLong();
        for (int left = in.getCount(21); left > 0; left--) {
            Heard one = of(in.getString());
            one.clockMs = in.getLong();
            one.position = in.getLong();
            one.isClosed = in.getBoolean();
        }
    }
}
