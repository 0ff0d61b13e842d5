package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Arrays;

/**
 * The last totals of the flows of one exporter, by a 128-bit hash of what names the flow. When
 * there are too many, the flow that was silent for longest gives way. The newest flows that ended
 * are kept a while without their totals, so that a record that was sent before the end, and comes
 * after it, is known. An open hash table whose entries are lists as well, one of flows that go on
 * and one of those that ended, in the order in which they were last touched.
 */
final class Totals {
    /** Totals of an entry: octets and packets, forward and reverse. */
    static final int COUNTERS = 4;

    /** Flows that ended and are still known. */
    static final int ENDED_MAX = 1024;

    private static final int WORDS = 4 + COUNTERS;
    private static final int EXPORT_MS = 2;
    private static final int SEQUENCE = 3;
    private static final int COUNTER = 4;
    private static final int NONE = -1;

    /** Beside the number of the last message: the flow has ended. */
    private static final long ENDED = 1L << 32;

    private static final int GOING = 0;
    private static final int OVER = 1;

    /** Entries that any exporter may have, without asking for room. */
    private static final int FREE_ENTRIES = 16;

    private static final int ENTRY_BYTES = 8 * WORDS + 8 + 8;

    private final int limit;
    private final StateRoom room;

    /** Of an entry: both halves of the hash, time and number of its last message, its totals. */
    private long[] entries = new long[0];

    // The lists, and where hashes stand: numbers of entries, NONE where there is none.
    private int[] older = new int[0];
    private int[] newer = new int[0];
    private int[] slots = {NONE, NONE};
    private final int[] oldest = {NONE, NONE};
    private final int[] newest = {NONE, NONE};
    private final int[] sizes = new int[2];
    private int free = NONE;
    private int used;

    // Most entries at once since it was cleared: what the arrays were made for. Part of the state,
    // as what is left to others must be the same after a restart.
    private int peak;

    private long forgotten;
    private long untold;

    // Where several paths tell of the same flows: no message of before is of this life of the
    // exporter; and the newest message of a flow that is forgotten.
    private final boolean isShared;
    private long sinceMs = Long.MIN_VALUE;
    private long goneMs = Long.MIN_VALUE;
    private long newestMs = Long.MIN_VALUE;

    Totals(int limit, StateRoom room) {
        this(limit, room, false);
    }

    /**
     * Without totals.
     *
     * @param isShared whether messages come by several paths, each in its own order: one that is
     *     late by hours is told from the first of a flow
     */
    Totals(int limit, StateRoom room, boolean isShared) {
        this.limit = limit;
        this.room = room;
        this.isShared = isShared;
    }

    /**
     * Whether nobody can say whether what this message tells of that flow was counted: the flow is
     * not known, but may have been when the message was sent. It counts nothing, and that is told.
     */
    boolean isBeyondMemory(long high, long low, Header header) {
        if (!isShared) {
            return false;
        }
        boolean isLate = header.exportMs < sinceMs || header.exportMs <= goneMs;
        newestMs = Math.max(newestMs, header.exportMs);
        if (!isLate || slots[slot(high, low)] != NONE) {
            return false;
        }
        forgotten++;
        untold++;
        return true;
    }

    /** The exporter restarted; where it does so on several paths, what is newest counts. */
    void restart(long exportMs) {
        if (!isShared) {
            clear();
        } else if (exportMs > newestMs) {
            clear();
            sinceMs = exportMs;
            goneMs = Long.MIN_VALUE;
        }
    }

    /** About what they take in memory, but for what any exporter may have. */
    long stateBytes() {
        return (long) Math.max(0, peak - FREE_ENTRIES) * ENTRY_BYTES;
    }

    /** Flows that go on. */
    int size() {
        return sizes[GOING];
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

    /**
     * The entry of that hash, which becomes the newest; a new one, and one whose flow has ended,
     * has totals of 0.
     */
    int touch(long high, long low, Header header) {
        int slot = slot(high, low);
        int entry = slots[slot];
        if (entry != NONE) {
            unlink(entry);
            append(entry);
            return entry;
        }
        makeRoom(GOING);
        takeRoom();
        entry = insert(high, low, Integer.toUnsignedLong(header.sequence));
        entries[entry * WORDS + EXPORT_MS] = header.exportMs;
        return entry;
    }

    private void makeRoom(int list) {
        if (sizes[list] == (list == OVER ? ENDED_MAX : limit)) {
            forgotten += list == OVER ? 0 : 1;
            untold += list == OVER ? 0 : 1;
            free(oldest[list]);
        }
    }

    private int insert(long high, long low, long last) {
        grow();
        int entry = free != NONE ? free : used++;
        if (entry == free) {
            free = newer[entry];
        }
        int at = entry * WORDS;
        Arrays.fill(entries, at, at + WORDS, 0);
        entries[at] = high;
        entries[at + 1] = low;
        entries[at + SEQUENCE] = last;
        slots[slot(high, low)] = entry;
        append(entry);
        return entry;
    }

    /**
     * Whether that message was sent before the last one that told of this entry; else it is the
     * last one from now on, and the flow goes on. Time and number must say so both: when the
     * exporter's clock was set back the numbers go on, and when its numbers began anew the time
     * does.
     */
    boolean isOlder(int entry, Header header) {
        int at = entry * WORDS;
        long later = header.exportMs - entries[at + EXPORT_MS];
        int ahead = header.sequence - (int) entries[at + SEQUENCE];
        boolean isOlder = later <= 0 && ahead <= 0 && (later < 0 || ahead < 0);
        if (!isOlder) {
            move(entry, GOING, header.sequence);
            entries[at + EXPORT_MS] = header.exportMs;
        }
        return isOlder;
    }

    private void move(int entry, int list, int sequence) {
        unlink(entry);
        makeRoom(list);
        entries[entry * WORDS + SEQUENCE] =
                Integer.toUnsignedLong(sequence) | (list == OVER ? ENDED : 0);
        append(entry);
    }

    long get(int entry, int counter) {
        return entries[entry * WORDS + COUNTER + counter];
    }

    void set(int entry, int counter, long total) {
        entries[entry * WORDS + COUNTER + counter] = total;
    }

    /** The flow of an entry has ended: if it comes again, it begins anew. */
    void end(int entry) {
        int at = entry * WORDS;
        Arrays.fill(entries, at + COUNTER, at + WORDS, 0);
        move(entry, OVER, (int) entries[at + SEQUENCE]);
    }

    private void free(int entry) {
        goneMs = Math.max(goneMs, entries[entry * WORDS + EXPORT_MS]);
        unlink(entry);
        int slot = slot(entries[entry * WORDS], entries[entry * WORDS + 1]);
        newer[entry] = free;
        free = entry;
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

    private int list(int entry) {
        return entries[entry * WORDS + SEQUENCE] >>> 32 == 1 ? OVER : GOING;
    }

    private void append(int entry) {
        int list = list(entry);
        int before = newest[list];
        older[entry] = before;
        newer[entry] = NONE;
        if (before == NONE) {
            oldest[list] = entry;
        } else {
            newer[before] = entry;
        }
        newest[list] = entry;
        sizes[list]++;
    }

    private void unlink(int entry) {
        int list = list(entry);
        sizes[list]--;
        int before = older[entry];
        int after = newer[entry];
        if (before == NONE) {
            oldest[list] = after;
        } else {
            newer[before] = after;
        }
        if (after == NONE) {
            newest[list] = before;
        } else {
            older[after] = before;
        }
    }

    /** When no room is given for another entry, the oldest gives way as if the limit were here. */
    private void takeRoom() {
        if (sizes[GOING] + sizes[OVER] < peak) {
            return;
        }
        if (peak < FREE_ENTRIES || room.take(ENTRY_BYTES)) {
            peak++;
            return;
        }
        int list = sizes[OVER] > 0 ? OVER : GOING;
        forgotten += list == OVER ? 0 : 1;
        untold += list == OVER ? 0 : 1;
        free(oldest[list]);
    }

    private void grow() {
        if (free == NONE && used == older.length) {
            int more = (int) Math.min((long) limit + ENDED_MAX, Math.max(16, 2L * used));
            entries = Arrays.copyOf(entries, Math.multiplyExact(more, WORDS));
            older = Arrays.copyOf(older, more);
            newer = Arrays.copyOf(newer, more);
        }
        if (2 * (sizes[GOING] + sizes[OVER] + 1) > slots.length) {
            slots = new int[2 * slots.length];
            Arrays.fill(slots, NONE);
            for (int first : oldest) {
                for (int entry = first; entry != NONE; entry = newer[entry]) {
                    slots[slot(entries[entry * WORDS], entries[entry * WORDS + 1])] = entry;
                }
            }
        }
    }

    /** Forgets all entries; the count of what was forgotten for want of room stays. */
    void clear() {
        entries = new long[0];
        older = new int[0];
        newer = new int[0];
        slots = new int[] {NONE, NONE};
        Arrays.fill(oldest, NONE);
        Arrays.fill(newest, NONE);
        Arrays.fill(sizes, 0);
        free = NONE;
        used = 0;
        peak = 0;
    }

    /** Flows that go on, the oldest first; then those that ended. */
    void snapshot(StateWriter out) {
        out.putLong(forgotten).putInt(peak).putInt(sizes[GOING] + sizes[OVER]);
        for (int first : oldest) {
            for (int entry = first; entry != NONE; entry = newer[entry]) {
                out.putLongs(entries, entry * WORDS, WORDS);
            }
        }
        if (isShared) {
            out.putLong(sinceMs).putLong(goneMs).putLong(newestMs);
        }
    }

    /** What a smaller limit has no room for gives way, the oldest first. */
    void restore(StateReader in) {
        forgotten = in.getLong();
        peak = in.getInt();
        long[] one = new long[WORDS];
        for (int left = in.getCount(8 * WORDS); left > 0; left--) {
            in.getLongs(one, 0, WORDS);
            if (slots[slot(one[0], one[1])] != NONE) {
                throw new StateReader.Malformed("a flow has its totals twice");
            }
            makeRoom(one[SEQUENCE] >>> 32 == 1 ? OVER : GOING);
            int entry = insert(one[0], one[1], one[SEQUENCE]);
            System.arraycopy(one, 0, entries, entry * WORDS, WORDS);
        }
        if (isShared) {
            sinceMs = in.getLong();
            goneMs = Math.max(goneMs, in.getLong());
            newestMs = in.getLong();
        }
    }
}
