package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the flow samples of one sFlow agent tell, by data source: how many came and how many the
 * numbers name besides, how many packets they were taken from, and how many the agent dropped. The
 * numbers are cumulative and of 32 bits; each is held against the one before.
 *
 * <p>A sample up to {@link #FORWARD} ahead of the newest follows it, one up to {@link #LATE} behind
 * is late and fills a gap; any other begins anew, and nothing is concluded from its distance.
 */
final class DataSources {
    /** Data sources of one agent that are followed. */
    static final int LIMIT = 4096;

    private static final int FREE_ENTRIES = 64;
    private static final int ENTRY_BYTES = 96;

    private final StateRoom room;

    private static final int FORWARD = 65_536;
    private static final int LATE = 128;

    private int size;
    private int recent;

    /** Class in the upper half, index in the lower; sorted. */
    private long[] keys = new long[4];

    private Track[] tracks = new Track[4];

    /** What is known of one data source. */
    private static final class Track {
        int sequence;
        int pool;
        int drops;

        /** Its agent restarted since; the numbers before say nothing of those to come. */
        boolean restarted;

        long rate;
        long samples;
        long missing;
        long packets;
        long packetSamples;
        long dropped;
    }

    DataSources(StateRoom room) {
        this.room = room;
    }

    /** About what they take in memory, but for what any agent may have. */
    long stateBytes() {
        return (long) Math.max(0, size - FREE_ENTRIES) * ENTRY_BYTES;
    }

    /**
     * A flow sample came.
     *
     * @return false when its data source is one too many to be followed
     */
    boolean onSample(long key, int sequence, long rate, int pool, int drops) {
        int at = find(key);
        if (at < 0) {
            if (size == LIMIT || size >= FREE_ENTRIES && !room.take(ENTRY_BYTES)) {
                return false;
            }
            at = insert(-at - 1, key);
            begin(tracks[at], sequence, pool, drops);
        } else {
            follow(tracks[at], sequence, pool, drops);
        }
        tracks[at].rate = rate;
        tracks[at].samples++;
        return true;
    }

    private int find(long key) {
        if (recent < size && keys[recent] == key) {
            return recent;
        }
        int at = Arrays.binarySearch(keys, 0, size, key);
        recent = Math.max(0, at);
        return at;
    }

    private int insert(int at, long key) {
        if (size == keys.length) {
            keys = Arrays.copyOf(keys, 2 * size);
            tracks = Arrays.copyOf(tracks, 2 * size);
        }
        System.arraycopy(keys, at, keys, at + 1, size - at);
        System.arraycopy(tracks, at, tracks, at + 1, size - at);
        keys[at] = key;
        tracks[at] = new Track();
        size++;
        return at;
    }

    private static void begin(Track source, int sequence, int pool, int drops) {
        source.sequence = sequence;
        source.pool = pool;
        source.drops = drops;
    }

    private static void follow(Track source, int sequence, int pool, int drops) {
        int ahead = sequence - source.sequence;
        if (source.restarted) {
            source.restarted = false;
            begin(source, sequence, pool, drops);
        } else if (ahead > 0 && ahead <= FORWARD) {
            source.missing += ahead - 1;
            source.packets += Integer.toUnsignedLong(pool - source.pool);
            source.packetSamples++;
            source.dropped += Math.max(0, drops - source.drops);
            begin(source, sequence, pool, drops);
        } else if (ahead < -LATE || ahead > FORWARD) {
            begin(source, sequence, pool, drops);
        } else if (ahead < 0 && source.missing > 0) {
            source.missing--;
            source.packetSamples++;
        }
    }

    /** The agent began anew: the next sample of each source is held against none before. */
    void restart() {
        for (int i = 0; i < size; i++) {
            tracks[i].restarted = true;
        }
    }

    /** Whether any source named a rate. */
    boolean rateKnown() {
        for (int i = 0; i < size; i++) {
            if (tracks[i].rate != 0) {
                return true;
            }
        }
        return false;
    }

    /** By class and index. */
    List<SampleSource> reports() {
        List<SampleSource> reports = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Track s = tracks[i];
            reports.add(
                    new SampleSource(
                            keys[i] >>> 32,
                            keys[i] & 0xffff_ffffL,
                            s.rate,
                            s.samples,
                            s.missing,
                            s.packets,
                            s.packetSamples,
                            s.dropped));
        }
        return reports;
    }

    void snapshot(StateWriter out) {
        out.putInt(size);
        for (int i = 0; i < size; i++) {
            Track s = tracks[i];
            out.putLong(keys[i]).putInt(s.sequence).putInt(s.pool).putInt(s.drops).putLong(s.rate);
            out.putBoolean(s.restarted);
            out.putLong(s.samples).putLong(s.missing).putLong(s.packets).putLong(s.packetSamples);
            out.putLong(s.dropped);
        }
    }

    void restore(StateReader in) {
        for (int left = in.getCount(69); left > 0; left--) {
            // First the place: making it may put another array in place of this one.
            int at = insert(size, in.getLong());
            Track s = tracks[at];
            begin(s, in.getInt(), in.getInt(), in.getInt());
            s.rate = in.getLong();
            s.restarted = in.getBoolean();
            s.samples = in.getLong();
            s.missing = in.getLong();
            s.packets = in.getLong();
            s.packetSamples = in.getLong();
            s.dropped = in.getLong();
        }
    }
}
