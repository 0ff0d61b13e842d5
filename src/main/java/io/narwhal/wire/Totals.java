package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Arrays;

/**
 * The last totals of the flows of one exporter, by a 128-bit hash of what names the flow. When
 * there are too many, the flow that was silent for longest gives way. An open hash table whose
 * entries are a list as well, in the order in which they were last touched.
 */
final class Totals {
    /** Totals of an entry: octets and packets, forward and reverse. */
    static final int COUNTERS = 4;

    private static final int WORDS = 4 + COUNTERS;
    private static final int EXPORT_MS = 2;
    private static final int SEQUENCE = 3;
    private static final int COUNTER = 4;
    private static final int NONE = -1;

    private final int limit;

    /** Of an entry: both halves of the hash, time and number of its last message, its totals. */
    private long[] entries = new long[0];

    // The list, and where hashes stand: numbers of entries, NONE where there is none.
    private int[] older = new int[0];
    private int[] newer = new int[0];
    private int[] slots = {NONE, NONE};
    private int oldest = NONE;
    private int newest = NONE;
    private int free = NONE;
    private int used;
    private int size;

    private long forgotten;
    private long untold;

    Totals(int limit) {
        this.limit = limit;
    }

    int size() {
        return size;
    }

    /** Flows that had to give way. */
    long forgotten() {
        return forgotten;
    }

    /** As {@link #forgotten()}, since the last call. */
    long takeForgotten() {
        long taken = untold;
        untold = 0;
        return taken;
    }

    /** The entry of that hash, which becomes the newest; a new one has totals of 0. */
    int touch(long high, long low, Header header) {
        int slot = slot(high, low);
        int entry = slots[slot];
        if (entry != NONE) {
            unlink(entry);
            append(entry);
            return entry;
        }
        if (size == limit) {
            forgotten++;
            untold++;
            free(oldest);
        }
        entry = insert(high, low);
        entries[entry * WORDS + EXPORT_MS] = header.exportMs;
        entries[entry * WORDS + SEQUENCE] = header.sequence;
        return entry;
    }

    private int insert(long high, long low) {
        grow();
        int entry = free != NONE ? free : used++;
        if (entry == free) {
            free = newer[entry];
        }
        int at = entry * WORDS;
        Arrays.fill(entries, at, at + WORDS, 0);
        entries[at] = high;
        entries[at + 1] = low;
        slots[slot(high, low)] = entry;
        append(entry);
        size++;
        return entry;
    }

    /**
     * Whether that message was sent before the last one that told of this entry; else it is the
     * last one from now on.
     */
    boolean isOlder(int entry, Header header) {
        int at = entry * WORDS;
        long before = entries[at + EXPORT_MS];
        boolean isOlder =
                header.exportMs < before
                        || header.exportMs == before
                                && header.sequence - (int) entries[at + SEQUENCE] < 0;
        if (!isOlder) {
            entries[at + EXPORT_MS] = header.exportMs;
            entries[at + SEQUENCE] = header.sequence;
        }
        return isOlder;
    }

    long get(int entry, int counter) {
        return entries[entry * WORDS + COUNTER + counter];
    }

    void set(int entry, int counter, long total) {
        entries[entry * WORDS + COUNTER + counter] = total;
    }

    /** Forgets an entry: the flow has ended. */
    void free(int entry) {
        unlink(entry);
        int slot = slot(entries[entry * WORDS], entries[entry * WORDS + 1]);
        newer[entry] = free;
        free = entry;
        size--;
        close(slot);
    }

    /** Takes a slot out and moves up those behind it that it kept from their place. */
    private void close(int gap) {
        int mask = slots.length - 1;
        int hole = gap;
        slots[hole] = NONE;
        for (int i = hole + 1 & mask; slots[i] != NONE; i = i + 1 & mask) {
            int home = home(entries[slots[i] * WORDS + 1]);
            if ((i - home & mask) >= (i - hole & mask)) {
                slots[hole] = slots[i];
                slots[i] = NONE;
                hole = i;
            }
        }
    }

    /** Where that hash stands, or could be put. */
    private int slot(long high, long low) {
        int mask = slots.length - 1;
        int slot = home(low);
        while (slots[slot] != NONE) {
            int at = slots[slot] * WORDS;
            if (entries[at + 1] == low && entries[at] == high) {
                return slot;
            }
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private int home(long low) {
        return (int) low & slots.length - 1;
    }

    private void append(int entry) {
        older[entry] = newest;
        newer[entry] = NONE;
        if (newest == NONE) {
            oldest = entry;
        } else {
            newer[newest] = entry;
        }
        newest = entry;
    }

    private void unlink(int entry) {
        int before = older[entry];
        int after = newer[entry];
        if (before == NONE) {
            oldest = after;
        } else {
            newer[before] = after;
        }
        if (after == NONE) {
            newest = before;
        } else {
            older[after] = before;
        }
    }

    private void grow() {
        if (free == NONE && used == older.length) {
            int room = (int) Math.min(limit, Math.max(16, 2L * used));
            entries = Arrays.copyOf(entries, Math.multiplyExact(room, WORDS));
            older = Arrays.copyOf(older, room);
            newer = Arrays.copyOf(newer, room);
        }
        if (2 * (size + 1) > slots.length) {
            slots = new int[2 * slots.length];
            Arrays.fill(slots, NONE);
            for (int entry = oldest; entry != NONE; entry = newer[entry]) {
                slots[slot(entries[entry * WORDS], entries[entry * WORDS + 1])] = entry;
            }
        }
    }

    /** Forgets all entries; the count of what was forgotten for want of room stays. */
    void clear() {
        entries = new long[0];
        older = new int[0];
        newer = new int[0];
        slots = new int[] {NONE, NONE};
        oldest = NONE;
        newest = NONE;
        free = NONE;
        used = 0;
        size = 0;
    }

    /** The oldest entry first. */
    void snapshot(StateWriter out) {
        out.putLong(forgotten).putInt(size);
        for (int entry = oldest; entry != NONE; entry = newer[entry]) {
            out.putLongs(entries, entry * WORDS, WORDS);
        }
    }

    /** What a smaller limit has no room for gives way, the oldest first. */
    void restore(StateReader in) {
        forgotten = in.getLong();
        long[] one = new long[WORDS];
        for (int left = in.getCount(8 * WORDS); left > 0; left--) {
            in.getLongs(one, 0, WORDS);
            if (slots[slot(one[0], one[1])] != NONE) {
                throw new StateReader.Malformed("a flow has its totals twice");
            }
            if (size == limit) {
                forgotten++;
                untold++;
                free(oldest);
            }
            int entry = insert(one[0], one[1]);
            System.arraycopy(one, 0, entries, entry * WORDS, WORDS);
        }
    }
}
