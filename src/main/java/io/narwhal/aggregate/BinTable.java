package io.narwhal.aggregate;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.KeyLayout;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The sums of one open bin. Entries stand densely in the order in which their keys first came,
 * which is the order of rows and snapshots; an index with linear probing finds them.
 *
 * <pre>
 *  entry   | key (width longs) | octets | packets | flows | [the same, scaled] |
 *  index   | hash (32 bits) | number of the entry + 1 (32 bits) |     0: free
 * </pre>
 *
 * Key and counters are neighbours, so a record touches one line of the index and one or two of the
 * entries. The hash in the index spares a look at the entries of other keys and makes growing
 * cheap.
 */
final class BinTable {
    private static final int ENTRIES_FIRST = 8;
    private static final int COUNTERS = 3;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private final long startMs;
    private final long dueMs;
    private final boolean late;
    private final int width;
    private final int counters;
    private final int stride;
    private long[] index = new long[2 * ENTRIES_FIRST];
    private long[] entries;
    private int size;

    /**
     * @param dueMs the arrival time at which its rows are written
     * @param late whether it corrects a bin that has closed
     * @param scaled whether entries have scaled counters, too
     */
    BinTable(long startMs, long dueMs, boolean late, int width, boolean scaled) {
        this(startMs, dueMs, late, width, scaled ? 2 * COUNTERS : COUNTERS, ENTRIES_FIRST);
    }

    private BinTable(
            long startMs, long dueMs, boolean late, int width, int counters, int capacity) {
        this.startMs = startMs;
        this.dueMs = dueMs;
        this.late = late;
        this.width = width;
        this.counters = counters;
        this.stride = width + counters;
        this.entries = new long[capacity * stride];
    }

    /** The hash of a key; it decides about speed alone, never about what is written. */
    static int hash(long[] keys, int at, int width) {
        long hash = MULTIPLIER;
        for (int i = at; i < at + width; i++) {
            hash = (hash ^ keys[i]) * MULTIPLIER;
            hash ^= hash >>> 32;
        }
        return (int) (hash * MULTIPLIER >>> 32);
    }

    /**
     * Where the bin that begins at that time stands among bins in order; ~ where it would stand.
     */
    static int search(List<BinTable> bins, long startMs) {
        int from = 0;
        int to = bins.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (bins.get(middle).startMs() < startMs) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from < bins.size() && bins.get(from).startMs() == startMs ? from : ~from;
    }

    long startMs() {
        return startMs;
    }

    long dueMs() {
        return dueMs;
    }

    boolean late() {
        return late;
    }

    int size() {
        return size;
    }

    /** The array of the entries, as the class comment shows it. */
    long[] entries() {
        return entries;
    }

    /** Where an entry's key begins. */
    int keyAt(int entry) {
        return entry * stride;
    }

    long octets(int entry) {
        return entries[entry * stride + width];
    }

    long packets(int entry) {
        return entries[entry * stride + width + 1];
    }

    long flows(int entry) {
        return entries[entry * stride + width + 2];
    }

    long octetsScaled(int entry) {
        return entries[entry * stride + width + COUNTERS];
    }

    long packetsScaled(int entry) {
        return entries[entry * stride + width + COUNTERS + 1];
    }

    /** Flows whose rate is unknown, so that their counters are in none of the scaled ones. */
    long flowsUnscaled(int entry) {
        return entries[entry * stride + width + COUNTERS + 2];
    }

    /** Number of the entry with this key, or -1. */
    int find(long[] keys, int at, int hash) {
        long[] index = this.index;
        int mask = index.length - 1;
        for (int slot = hash & mask; index[slot] != 0; slot = (slot + 1) & mask) {
            if ((int) (index[slot] >>> 32) == hash) {
                int entry = (int) index[slot] - 1;
                if (isKey(entry * stride, keys, at)) {
                    return entry;
                }
            }
        }
        return -1;
    }

    /** What the index holds where a search for this hash begins: an entry + 1, or 0. */
    int candidate(int hash) {
        return (int) index[hash & (index.length - 1)];
    }

    /** Some value of the entry of a {@link #candidate} that is not 0. */
    long read(int candidate) {
        return entries[(candidate - 1) * stride];
    }

    private boolean isKey(int place, long[] keys, int at) {
        for (int i = 0; i < width; i++) {
            if (entries[place + i] != keys[at + i]) {
                return false;
            }
        }
        return true;
    }

    /** Appends an entry with zero counters for a key that is not there; returns its number. */
    int insert(long[] keys, int at, int hash) {
        if ((size + 1) * stride > entries.length) {
            entries = Arrays.copyOf(entries, Math.multiplyExact(entries.length, 2));
        }
        if (2 * (size + 1) > index.length) {
            index = grown(index);
        }
        System.arraycopy(keys, at, entries, size * stride, width);
        place(index, hash, ++size);
        return size - 1;
    }

    private static long[] grown(long[] index) {
        long[] grown = new long[Math.multiplyExact(index.length, 2)];
        for (long slot : index) {
            if (slot != 0) {
                place(grown, (int) (slot >>> 32), (int) slot);
            }
        }
        return grown;
    }

    private static void place(long[] index, int hash, int number) {
        int mask = index.length - 1;
        int slot = hash & mask;
        while (index[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        index[slot] = (long) hash << 32 | number;
    }

    void add(int entry, long octets, long packets, long flows) {
        int place = entry * stride + width;
        entries[place] += octets;
        entries[place + 1] += packets;
        entries[place + 2] += flows;
    }

    /**
     * Adds measured counts, multiplied by their rate, to the scaled counters. What does not fit 64
     * bits becomes their largest value, and stays it.
     *
     * @return how many of the two did not fit
     */
    int scale(int entry, long rate, long octets, long packets, long flows) {
        int place = entry * stride + width + COUNTERS;
        if (rate == 0) {
            entries[place + 2] += flows;
            return 0;
        }
        return scale(place, rate, octets) + scale(place + 1, rate, packets);
    }

    /** Adds what another table has scaled; likewise stops at the largest value. */
    void addScaled(int entry, BinTable other, int otherEntry) {
        if (counters == COUNTERS) {
            return;
        }
        int place = entry * stride + width + COUNTERS;
        scale(place, 1, other.octetsScaled(otherEntry));
        scale(place + 1, 1, other.packetsScaled(otherEntry));
        entries[place + 2] += other.flowsUnscaled(otherEntry);
    }

    /** Whether entries have scaled counters, too. */
    boolean isScaled() {
        return counters != COUNTERS;
    }

    private int scale(int place, long rate, long measured) {
        long product = rate * measured;
        long sum = entries[place] + product;
        boolean fits =
                Math.unsignedMultiplyHigh(rate, measured) == 0
                        && Long.compareUnsigned(sum, product) >= 0;
        entries[place] = fits ? sum : -1L;
        return fits ? 0 : 1;
    }

    /** Marks the numbers of the texts in its keys. */
    void markTexts(KeyLayout layout, BitSet live) {
        for (int field : layout.texts()) {
            for (int entry = 0; entry < size; entry++) {
                live.set((int) layout.get(field, entries, entry * stride));
            }
        }
    }

    /** The same sums, their keys' texts under other numbers. */
    BinTable renumbered(KeyLayout layout, int[] numbers) {
        if (layout.texts().length == 0) {
            return this;
        }
        var renumbered =
                new BinTable(startMs, dueMs, late, width, counters, Math.max(ENTRIES_FIRST, size));
        for (int entry = 0; entry < size; entry++) {
            int at = entry * stride;
            for (int field : layout.texts()) {
                int number = (int) layout.get(field, entries, at);
                layout.set(field, entries, at, numbers[number]);
            }
            int same = renumbered.insert(entries, at, hash(entries, at, width));
            Check.that(same == entry, "entries keep their order");
            System.arraycopy(entries, at + width, renumbered.entries, at + width, counters);
        }
        return renumbered;
    }

    void snapshot(StateWriter out) {
        out.putLong(startMs).putLong(dueMs).putBoolean(late).putInt(size);
        out.putLongs(entries, 0, size * stride);
    }

    static BinTable restore(StateReader in, int width, boolean scaled) {
        long startMs = in.getLong();
        long dueMs = in.getLong();
        boolean late = in.getBoolean();
        int counters = scaled ? 2 * COUNTERS : COUNTERS;
        int size = in.getCount(8 * (width + counters));
        var table =
                new BinTable(startMs, dueMs, late, width, counters, Math.max(ENTRIES_FIRST, size));
        in.getLongs(table.entries, 0, size * table.stride);
        int slots = Math.multiplyExact(4, Integer.highestOneBit(size));
        table.index = new long[Math.max(table.index.length, slots)];
        while (table.size < size) {
            int at = table.size * table.stride;
            int hash = hash(table.entries, at, width);
            if (table.find(table.entries, at, hash) >= 0) {
                throw new StateReader.Malformed(
                        "bin " + startMs + ": entry " + table.size + " has the key of another");
            }
            place(table.index, hash, ++table.size);
        }
        return table;
    }
}
