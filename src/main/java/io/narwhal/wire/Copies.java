package io.narwhal.wire;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The datagrams that came by any path, to know those that another path has supplied already. What
 * is compared is the whole datagram, its header's number and times included, and who sent it: so an
 * exporter that numbers its datagrams for each collector by itself is never matched falsely. Where
 * equal datagrams are meant (version 1 has no numbers), they are counted: the second one of a path
 * matches the second one of another.
 *
 * <p>All are remembered while there is room, as an exporter that one path knows may come by another
 * one too, hours late. What has to give way: first what all known paths of its exporter have
 * supplied, then what only one path knows, then the oldest. What is forgotten before another known
 * path has passed it is counted and told; so is what comes when its copy may have been forgotten.
 *
 * <p>An open hash table whose entries are lists as well, one for each such class, in order.
 */
final class Copies {
    /** How far behind a path may bring what it brings, by the exporter's clock, in seconds. */
    static final int SLACK_SECONDS = 60;

    private static final int NONE = -1;

    // The lists, in the order in which their entries give way.
    private static final int PASSED = 0;
    private static final int SINGLE = 1;
    private static final int WAITING = 2;

    /** Beside the list of an entry: some path could not read all of its sets. */
    private static final int IN_PARTS = 4;

    private static final int LISTS = 3;

    /** Times are kept as seconds from 2038 on, before it and after it. */
    private static final long ERA_SECONDS = 1L << 31;

    // An entry has places for paths in two words: number and count of each, 16 bits each.
    private static final int PLACES = 4;
    private static final int COUNT_MAX = 0xffff;

    private final Teller teller;
    private final SortedMap<Key, Exporter> exporters = new TreeMap<>();
    private int limit;
    private int exportersMax = Integer.MAX_VALUE;

    private long[] prints = new long[0];
    private long[] firstTwo = new long[0];
    private long[] nextTwo = new long[0];
    private Exporter[] owners = new Exporter[0];
    private int[] seconds = new int[0];
    private int[] older = new int[0];
    private int[] newer = new int[0];
    private byte[] lists = new byte[0];
    private int[] slots = {NONE, NONE};
    private final int[] oldest = {NONE, NONE, NONE};
    private final int[] newest = {NONE, NONE, NONE};
    private int free = NONE;
    private int used;
    private int size;

    /** What a datagram, or a set of one, is. */
    enum Claim {
        /** Nobody has supplied it: it counts. */
        FIRST,
        /** Another path has. */
        COPY,
        /** Another path has brought it, but could not read all of it: ask for each set. */
        PARTS
    }

    /** Is told what could not be compared. */
    interface Teller {
        /**
         * Tells it.
         *
         * @param exporter whose address it is
         * @param ms time of the datagram, by its exporter
         */
        void tell(String exporter, long ms, String message);
    }

    private record Key(long high, long low, FlowProtocol protocol, long domain)
            implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.<Key>comparingLong(k -> k.high ^ Long.MIN_VALUE)
                        .thenComparingLong(k -> k.low ^ Long.MIN_VALUE)
                        .thenComparing(Key::protocol)
                        .thenComparingLong(Key::domain);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** What is known of an exporter, whatever its paths. */
    static final class Exporter {
        private final Key key;
        private final long salt;
        // In the order of their first datagrams, each with the newest time that it brought, and of
        // what was forgotten before it brought it.
        private int[] paths = new int[0];
        private int[] newestSecond = new int[0];
        private int[] missedSecond = new int[0];
        private int entries;
        private int forgottenSecond = Integer.MIN_VALUE;
        private long copies;
        private long forgotten;
        private long uncompared;
        private int firstSecond;
        private int lastSecond;
        private boolean isGone;

        private Exporter(Key key) {
            this.key = key;
            long mixed = mix(key.high * 0x9e3779b97f4a7c15L + key.low);
            this.salt = mix(mixed + ((long) key.protocol.code() << 32) + key.domain);
        }

        private int place(int path) {
            for (int i = 0; i < paths.length; i++) {
                if (paths[i] == path) {
                    return i;
                }
            }
            paths = Arrays.copyOf(paths, paths.length + 1);
            newestSecond = Arrays.copyOf(newestSecond, paths.length);
            missedSecond = Arrays.copyOf(missedSecond, paths.length);
            missedSecond[paths.length - 1] = forgottenSecond;
            paths[paths.length - 1] = path;
            newestSecond[paths.length - 1] = Integer.MIN_VALUE;
            return paths.length - 1;
        }

        private void heard(int path, int second) {
            int place = place(path);
            newestSecond[place] = Math.max(newestSecond[place], second);
        }

        private void note(int second) {
            boolean isFirst = forgotten + uncompared == 1;
            firstSecond = isFirst ? second : Math.min(firstSecond, second);
            lastSecond = isFirst ? second : Math.max(lastSecond, second);
        }

        private CopiesReport report() {
            return new CopiesReport(
                    Addresses.text(key.high, key.low),
                    key.protocol,
                    key.domain,
                    Arrays.stream(paths).sorted().boxed().toList(),
                    copies,
                    entries,
                    forgotten,
                    uncompared,
                    forgotten + uncompared == 0 ? 0 : ms(firstSecond),
                    forgotten + uncompared == 0 ? 0 : ms(lastSecond));
        }
    }

    private static long ms(int second) {
        return (second + ERA_SECONDS) * 1_000;
    }

    Copies(Teller teller) {
        this.teller = teller;
    }

    /** Whether it compares at all. */
    boolean isOn() {
        return limit > 0;
    }

    /** Datagrams remembered, sets that were looked at by themselves among them. */
    int size() {
        return size;
    }

    /**
     * Says how many may be remembered from now on, and forgets at most so many that are too many.
     */
    void setRoom(int limit, int exporters, int shrinkMost) {
        Check.that(limit > 0, "a datagram can be remembered");
        this.limit = limit;
        this.exportersMax = exporters;
        for (int i = 0; i < shrinkMost && size > limit; i++) {
            forgetOne();
        }
    }

    List<CopiesReport> reports() {
        return exporters.values().stream()
                .filter(one -> one.paths.length > 1 || one.uncompared > 0)
                .map(Exporter::report)
                .toList();
    }

    private Exporter exporter(Scope scope) {
        Exporter known = scope.remembered;
        if (known != null && !known.isGone) {
            return known;
        }
        var key = new Key(scope.high, scope.low, scope.protocol, scope.domain);
        Exporter found = exporters.get(key);
        if (found == null) {
            if (exporters.size() >= exportersMax) {
                forgetExporter();
            }
            found = new Exporter(key);
            exporters.put(key, found);
        }
        scope.remembered = found;
        return found;
    }

    // Of which nothing is remembered: there is nothing that a copy of it could be known by.
    private void forgetExporter() {
        exporters.values().stream()
                .filter(one -> one.entries == 0)
                .findFirst()
                .ifPresent(
                        one -> {
                            one.isGone = true;
                            exporters.remove(one.key);
                        });
    }

    /**
     * A datagram came, or a set of one can be read.
     *
     * @param print fingerprint of what it is
     * @param exportMs time of the datagram, by its exporter
     * @param inParts whether sets of it cannot be read now
     */
    Claim claim(Scope scope, long print, long exportMs, boolean inParts) {
        Exporter owner = exporter(scope);
        int second = (int) (Math.floorDiv(exportMs, 1_000L) - ERA_SECONDS);
        owner.heard(scope.path, second);
        long own = print ^ owner.salt;
        while (true) {
            int entry = slots[slot(own)];
            if (entry == NONE || owners[entry] != owner) {
                first(owner, scope.path, own, second, inParts, entry);
                return Claim.FIRST;
            }
            int count = count(entry, scope.path);
            if (count < COUNT_MAX) {
                return again(entry, owner, scope.path, count + 1);
            }
            own = mix(own); // those beyond are counted by another entry
        }
    }

    private void first(
            Exporter owner, int path, long print, int second, boolean inParts, int stranger) {
        if (owner.paths.length > 1 && second <= owner.missedSecond[owner.place(path)]) {
            owner.uncompared++;
            owner.note(second);
            tell(
                    owner,
                    owner.uncompared,
                    second,
                    "came when what another path may have supplied of that time was forgotten;"
                            + " they count, perhaps a second time");
        }
        if (stranger != NONE) {
            return; // of another exporter with the same mark, which happens once in 2^64 cases
        }
        while (size >= limit) {
            forgetOne();
        }
        int entry = insert(print);
        owners[entry] = owner;
        owner.entries++;
        seconds[entry] = second;
        lists[entry] = (byte) (inParts ? IN_PARTS : 0);
        firstTwo[entry] = Integer.toUnsignedLong(path << 16 | 1);
        append(entry, owner.paths.length == 1 ? SINGLE : WAITING);
    }

    private Claim again(int entry, Exporter owner, int path, int count) {
        int most = 0;
        int places = 0;
        boolean isSet = false;
        for (int place = 0; place < PLACES; place++) {
            int seen = seen(entry, place);
            if (seen >>> 16 == path && seen != 0) {
                set(entry, place, path << 16 | count);
                isSet = true;
            } else if (seen == 0 && !isSet) {
                set(entry, place, path << 16 | count);
                isSet = true;
            } else if (seen != 0) {
                most = Math.max(most, seen & COUNT_MAX);
            }
            places += seen(entry, place) != 0 ? 1 : 0;
        }
        if (list(entry) != PASSED && places >= Math.min(PLACES, owner.paths.length)) {
            unlink(entry);
            append(entry, PASSED);
        }
        if ((lists[entry] & IN_PARTS) != 0) {
            return Claim.PARTS;
        }
        // A fifth path is never the first with what others have.
        boolean isCopy = most >= count || !isSet;
        owner.copies += isCopy ? 1 : 0;
        return isCopy ? Claim.COPY : Claim.FIRST;
    }

    /** Whether another path has supplied it. */
    boolean isSupplied(Scope scope, long print) {
        Exporter owner = exporter(scope);
        int entry = slots[slot(print ^ owner.salt)];
        return entry != NONE && owners[entry] == owner;
    }

    private int count(int entry, int path) {
        for (int place = 0; place < PLACES; place++) {
            int seen = seen(entry, place);
            if (seen != 0 && seen >>> 16 == path) {
                return seen & COUNT_MAX;
            }
        }
        return 0;
    }

    private int seen(int entry, int place) {
        if (place >= 2 && nextTwo.length == 0) {
            return 0;
        }
        long two = place < 2 ? firstTwo[entry] : nextTwo[entry];
        return (int) (two >>> 32 * (place & 1));
    }

    private void set(int entry, int place, int seen) {
        if (place >= 2 && nextTwo.length == 0) {
            nextTwo = new long[firstTwo.length];
        }
        long[] two = place < 2 ? firstTwo : nextTwo;
        int shift = 32 * (place & 1);
        two[entry] = two[entry] & ~(0xffff_ffffL << shift) | Integer.toUnsignedLong(seen) << shift;
    }

    private void forgetOne() {
        int entry = oldest[PASSED];
        while (entry == NONE && oldest[SINGLE] != NONE) {
            entry = oldest[SINGLE];
            if (owners[entry].paths.length > 1) {
                unlink(entry); // of an exporter that a second path knows by now
                append(entry, WAITING);
                entry = NONE;
            }
        }
        if (entry == NONE) {
            entry = oldest[WAITING];
            forgetWaiting(owners[entry], seconds[entry], entry);
        }
        Exporter owner = owners[entry];
        owner.forgottenSecond = Math.max(owner.forgottenSecond, seconds[entry]);
        for (int i = 0; i < owner.paths.length; i++) {
            if (count(entry, owner.paths[i]) == 0) {
                owner.missedSecond[i] = Math.max(owner.missedSecond[i], seconds[entry]);
            }
        }
        owner.entries--;
        unlink(entry);
        remove(entry);
    }

    private void forgetWaiting(Exporter owner, int second, int entry) {
        for (int i = 0; i < owner.paths.length; i++) {
            boolean hasPassed =
                    count(entry, owner.paths[i]) > 0
                            || owner.newestSecond[i] - SLACK_SECONDS >= second;
            if (!hasPassed) {
                owner.forgotten++;
                owner.note(second);
                tell(
                        owner,
                        owner.forgotten,
                        second,
                        "had to be forgotten before another path passed them (limits.copies); if"
                                + " it brings them they count a second time");
                return;
            }
        }
    }

    // Of a flood, fewer and fewer.
    private void tell(Exporter owner, long count, int second, String message) {
        if (Long.bitCount(count) == 1) {
            teller.tell(
                    Addresses.text(owner.key.high, owner.key.low),
                    ms(second),
                    count
                            + (count == 1 ? " datagram" : " datagrams")
                            + " of domain "
                            + owner.key.domain
                            + " "
                            + message);
        }
    }

    // --- The table --------------------------------------------------------------------------

    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    /** The fingerprint of a set of a datagram. */
    static long part(long print, int set) {
        return mix(print + set + 1);
    }

    private int home(long print) {
        return (int) (print ^ print >>> 32) & slots.length - 1;
    }

    private int slot(long print) {
        int mask = slots.length - 1;
        int slot = home(print);
        while (slots[slot] != NONE && prints[slots[slot]] != print) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private int insert(long print) {
        grow();
        int entry = free != NONE ? free : used++;
        if (entry == free) {
            free = newer[entry];
        }
        prints[entry] = print;
        lists[entry] = 0;
        firstTwo[entry] = 0;
        if (nextTwo.length > 0) {
            nextTwo[entry] = 0;
        }
        slots[slot(print)] = entry;
        size++;
        return entry;
    }

    private void remove(int entry) {
        int slot = slot(prints[entry]);
        newer[entry] = free;
        free = entry;
        size--;
        int mask = slots.length - 1;
        int hole = slot;
        slots[hole] = NONE;
        for (int i = hole + 1 & mask; slots[i] != NONE; i = i + 1 & mask) {
            int home = home(prints[slots[i]]);
            if ((i - home & mask) >= (i - hole & mask)) {
                slots[hole] = slots[i];
                slots[i] = NONE;
                hole = i;
            }
        }
    }

    private int list(int entry) {
        return lists[entry] & ~IN_PARTS;
    }

    private void append(int entry, int list) {
        int before = newest[list];
        lists[entry] = (byte) (list | lists[entry] & IN_PARTS);
        older[entry] = before;
        newer[entry] = NONE;
        if (before == NONE) {
            oldest[list] = entry;
        } else {
            newer[before] = entry;
        }
        newest[list] = entry;
    }

    private void unlink(int entry) {
        int list = list(entry);
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

    private void grow() {
        if (free == NONE && used == prints.length) {
            int more = Math.max(64, used + (used >> 1));
            prints = Arrays.copyOf(prints, more);
            firstTwo = Arrays.copyOf(firstTwo, more);
            nextTwo = nextTwo.length == 0 ? nextTwo : Arrays.copyOf(nextTwo, more);
            owners = Arrays.copyOf(owners, more);
            seconds = Arrays.copyOf(seconds, more);
            older = Arrays.copyOf(older, more);
            newer = Arrays.copyOf(newer, more);
            lists = Arrays.copyOf(lists, more);
        }
        if (2 * (size + 1) > slots.length) {
            slots = new int[2 * slots.length];
            Arrays.fill(slots, NONE);
            for (int first : oldest) {
                for (int entry = first; entry != NONE; entry = newer[entry]) {
                    slots[slot(prints[entry])] = entry;
                }
            }
        }
    }

    // --- State ------------------------------------------------------------------------------

    // What an entry has in common with the one before it is not written again.
    private static final int SAME_OWNER = 1;
    private static final int SAME_TIME = 2;
    private static final int SAME_PATHS = 4;

    // And whether it is looked at set by set.
    private static final int PARTIAL = 8;

    /** Writes what is remembered, in canonical order: 9 bytes for most datagrams. */
    void snapshot(StateWriter out) {
        out.putInt(exporters.size());
        int number = 0;
        SortedMap<Key, Integer> numbers = new TreeMap<>();
        for (Exporter one : exporters.values()) {
            numbers.put(one.key, number++);
            out.putLong(one.key.high).putLong(one.key.low);
            out.putByte(one.key.protocol.code()).putLong(one.key.domain);
            out.putInt(one.paths.length);
            for (int i = 0; i < one.paths.length; i++) {
                out.putInt(one.paths[i]);
                out.putInt(one.newestSecond[i]).putInt(one.missedSecond[i]);
            }
            out.putInt(one.forgottenSecond).putLong(one.copies).putLong(one.forgotten);
            out.putLong(one.uncompared).putInt(one.firstSecond).putInt(one.lastSecond);
        }
        for (int list = 0; list < LISTS; list++) {
            int count = 0;
            for (int entry = oldest[list]; entry != NONE; entry = newer[entry]) {
                count++;
            }
            out.putInt(count);
            int before = NONE;
            for (int entry = oldest[list]; entry != NONE; entry = newer[entry]) {
                write(entry, before, numbers, out);
                before = entry;
            }
        }
    }

    private void write(int entry, int before, SortedMap<Key, Integer> numbers, StateWriter out) {
        int same = 0;
        if (before != NONE) {
            same |= owners[entry] == owners[before] ? SAME_OWNER : 0;
            same |= seconds[entry] == seconds[before] ? SAME_TIME : 0;
            boolean isAlike = firstTwo[entry] == firstTwo[before] && more(entry) == more(before);
            same |= isAlike ? SAME_PATHS : 0;
        }
        out.putByte(same | ((lists[entry] & IN_PARTS) != 0 ? PARTIAL : 0)).putLong(prints[entry]);
        if ((same & SAME_OWNER) == 0) {
            out.putInt(numbers.getOrDefault(owners[entry].key, NONE));
        }
        if ((same & SAME_TIME) == 0) {
            out.putInt(seconds[entry]);
        }
        if ((same & SAME_PATHS) == 0) {
            out.putLong(firstTwo[entry]).putLong(more(entry));
        }
    }

    private long more(int entry) {
        return nextTwo.length == 0 ? 0 : nextTwo[entry];
    }

    /** Reads what {@link #snapshot} wrote; of several, what is of different exporters. */
    void restore(StateReader in) {
        List<Exporter> order = new ArrayList<>();
        for (int left = in.getCount(60); left > 0; left--) {
            var key =
                    new Key(in.getLong(), in.getLong(), Scope.protocol(in.getByte()), in.getLong());
            var one = new Exporter(key);
            for (int paths = in.getCount(12); paths > 0; paths--) {
                int place = one.place(in.getInt());
                one.newestSecond[place] = in.getInt();
                one.missedSecond[place] = in.getInt();
            }
            one.forgottenSecond = in.getInt();
            one.copies = in.getLong();
            one.forgotten = in.getLong();
            one.uncompared = in.getLong();
            one.firstSecond = in.getInt();
            one.lastSecond = in.getInt();
            exporters.put(key, one);
            order.add(one);
        }
        for (int list = 0; list < LISTS; list++) {
            int before = NONE;
            for (int left = in.getCount(9); left > 0; left--) {
                before = read(before, list, order, in);
            }
        }
    }

    private int read(int before, int list, List<Exporter> order, StateReader in) {
        int same = in.getByte();
        if (before == NONE && (same & ~PARTIAL) != 0) {
            throw new StateReader.Malformed("a datagram remembered is like one that is not there");
        }
        long print = in.getLong();
        if (slots[slot(print)] != NONE) {
            throw new StateReader.Malformed("a datagram is remembered twice");
        }
        int entry = insert(print);
        owners[entry] = (same & SAME_OWNER) != 0 ? owners[before] : known(order, in.getInt());
        owners[entry].entries++;
        seconds[entry] = (same & SAME_TIME) != 0 ? seconds[before] : in.getInt();
        firstTwo[entry] = (same & SAME_PATHS) != 0 ? firstTwo[before] : in.getLong();
        long more = (same & SAME_PATHS) != 0 ? more(before) : in.getLong();
        if (more != 0) {
            set(entry, 2, (int) more);
            set(entry, 3, (int) (more >>> 32));
        }
        lists[entry] = (byte) ((same & PARTIAL) != 0 ? IN_PARTS : 0);
        append(entry, list);
        return entry;
    }

    private static Exporter known(List<Exporter> order, int number) {
        if (number < 0 || number >= order.size()) {
            throw new StateReader.Malformed("a datagram of an exporter that is not there");
        }
        return order.get(number);
    }
}
