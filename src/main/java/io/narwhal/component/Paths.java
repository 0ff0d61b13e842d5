package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ways by which what a lane reads came to this host: 0 is this host's own collectors, every
 * other one is a journal of an agent, by link and name, numbered as they were first heard of. Each
 * is a stream of its own: it has its own order, its own time, and its own counts of what it lost.
 */
public final class Paths {
    /** Paths of a lane; more are the same as the last one. */
    static final int COUNT_MAX = 32_767;

    private final List<Path> paths = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private long[] clocks = {0};

    /** One path. */
    private static final class Path {
        final String name;
        final Losses losses;
        long epoch;
        boolean isKnown;
        boolean isClosed;

        /** Whether a stretch is known to be lost since the last block. */
        boolean lacks;

        long datagramsTotal;
        long octetsTotal;

        Path(String name, Losses losses) {
            this.name = name;
            this.losses = losses;
        }
    }

    /** The number of the path that this block came by, whose time has now come so far. */
    public int number(ReceivedBlock block) {
        Origin origin = block.origin();
        if (origin == null) {
            return 0;
        }
        int number = number(origin.path());
        clocks[number] = Math.max(clocks[number], block.arrivalMicros() / 1_000);
        return number;
    }

    private int number(String name) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        if (paths.size() >= COUNT_MAX) {
            return paths.size();
        }
        paths.add(new Path(name, new Losses()));
        clocks = Arrays.copyOf(clocks, paths.size() + 1);
        numbers.put(name, paths.size());
        return paths.size();
    }

    /** Link and stream of a path; empty of this host's own. */
    public String name(int number) {
        return number == 0 ? "" : paths.get(number - 1).name;
    }

    /** How many there are beside this host's own. */
    public int count() {
        return paths.size();
    }

    /** How far the arrivals of each have come, ms since 1970; may be another array each time. */
    public long[] clocks() {
        return clocks;
    }

    /** Takes note of a block before its datagrams are looked at. */
    void onBlock(int number, ReceivedBlock block) {
        Path path = paths.get(number - 1);
        Origin origin = block.origin();
        if (origin != null && origin.isGap()) {
            if (!origin.isElsewhere()) {
                path.losses.onDamage(origin.through() - origin.position());
                path.lacks = true;
            }
            return;
        }
        path.isClosed = block.kind() == ReceivedBlock.Kind.CLOSE;
        path.losses.onDrops(block);
    }

    /**
     * Takes note of what a block had.
     *
     * @param datagrams that count in the totals of the journal that it came from
     */
    void onDatagrams(int number, ReceivedBlock block, long datagrams, long octets) {
        Path path = paths.get(number - 1);
        Origin origin = block.origin();
        if (origin == null || origin.isGap()) {
            return;
        }
        if (origin.wasParked()) {
            // It comes later than its turn; the totals of what came since are newer.
            path.losses.onDatagrams(datagrams, octets);
            path.losses.onJournalled(datagrams, octets);
            return;
        }
        // Where the totals do not go on, another journal begins, or an older copy of it. Where they
        // jump without a known damage, what lies between is parked, or another manager has it.
        long lost = block.datagramsTotal() - datagrams - path.datagramsTotal;
        long lostOctets = block.octetsTotal() - octets - path.octetsTotal;
        boolean goesOn = path.lacks && path.isKnown && path.epoch == origin.epoch() && lost >= 0;
        path.lacks = false;
        path.losses.onDatagrams(datagrams, octets);
        path.losses.onJournalled(
                datagrams + (goesOn ? lost : 0), octets + (goesOn ? lostOctets : 0));
        path.isKnown = true;
        path.epoch = origin.epoch();
        path.datagramsTotal = block.datagramsTotal();
        path.octetsTotal = block.octetsTotal();
    }

    /** A stretch of this host's own copy cannot be read: any of them may have stood there. */
    void onDamage() {
        paths.forEach(path -> path.lacks = true);
    }

    /** Whether the collectors of all paths have ended for good. */
    boolean areAllClosed() {
        return paths.stream().allMatch(path -> path.isClosed);
    }

    /** What never reached the decoder of any. */
    List<Losses> losses() {
        return paths.stream().map(path -> path.losses).toList();
    }

    /** What never reached the decoder of one, which is not this host's own. */
    public Losses losses(int number) {
        Check.that(number > 0, "the losses of a path of an agent");
        return paths.get(number - 1).losses;
    }

    void snapshot(StateWriter out) {
        out.putInt(paths.size());
        for (int i = 0; i < paths.size(); i++) {
            Path path = paths.get(i);
            out.putString(path.name).putLong(clocks[i + 1]).putLong(path.epoch);
            out.putBoolean(path.isKnown).putBoolean(path.isClosed).putBoolean(path.lacks);
            out.putLong(path.datagramsTotal).putLong(path.octetsTotal);
            path.losses.snapshot(out);
        }
    }

    static Paths restore(StateReader in) {
        var paths = new Paths();
        for (int left = in.getCount(100); left > 0; left--) {
            String name = in.getString();
            long clock = in.getLong();
            long epoch = in.getLong();
            boolean isKnown = in.getBoolean();
            boolean isClosed = in.getBoolean();
            boolean lacks = in.getBoolean();
            long datagramsTotal = in.getLong();
            long octetsTotal = in.getLong();
            var path = new Path(name, Losses.restore(in));
            path.epoch = epoch;
            path.isKnown = isKnown;
            path.isClosed = isClosed;
            path.lacks = lacks;
            path.datagramsTotal = datagramsTotal;
            path.octetsTotal = octetsTotal;
            paths.paths.add(path);
            paths.numbers.put(name, paths.paths.size());
            paths.clocks = Arrays.copyOf(paths.clocks, paths.paths.size() + 1);
            paths.clocks[paths.paths.size()] = clock;
        }
        return paths;
    }
}
