package io.narwhal.collect;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a collector knows of files in memory: of all the first half of their digests, of those that
 * are there now, are among the newest, or were not taken to their end, everything.
 */
final class KnownFiles {
    /** So many of the newest files are known with all that is said of them. */
    static final int NEWEST_MAX = 4_096;

    private static final int DIGITS = 16;
    private static final float FULL = 0.6f;

    private final Predicate<String> isThere;
    private final Map<String, TakenFile> there = new HashMap<>();
    private final Map<Long, TakenFile> broken = new HashMap<>();
    private final Deque<TakenFile> newest = new ArrayDeque<>();
    // Two halves of a digest and a number each; a number of 0 is a free place.
    private long[] table = new long[3 << 8];
    private int size;
    private long numberMax;

    /**
     * Knows none.
     *
     * @param isThere whether a file of that name is in the directory
     */
    KnownFiles(Predicate<String> isThere) {
        this.isThere = isThere;
    }

    /** How many contents are known. */
    int size() {
        return size;
    }

    /** The highest number that any has. */
    long numberMax() {
        return numberMax;
    }

    void add(TakenFile one) {
        if (one.number() <= numberMax) {
            newest.removeIf(other -> other.number() == one.number());
        }
        numberMax = Math.max(numberMax, one.number());
        if (one.state() != TakenFile.State.REPEATED) {
            put(one);
        }
        broken.remove(one.number());
        if (one.state().isBroken()) {
            broken.put(one.number(), one);
        }
        if (isThere.test(one.name())) {
            there.put(one.name(), one);
        }
        newest.addLast(one);
        if (newest.size() > NEWEST_MAX) {
            newest.removeFirst();
        }
    }

    /** The file of that name that was begun last, if all is known of it. */
    Optional<TakenFile> named(String name) {
        TakenFile one = there.get(name);
        if (one != null) {
            return Optional.of(one);
        }
        return all().filter(other -> other.name().equals(name))
                .max(Comparator.comparingLong(TakenFile::number));
    }

    /** The number of the file that had this content; 0: none. */
    long number(String sha256) {
        return table[place(table, half(sha256, 0), half(sha256, DIGITS)) + 2];
    }

    /** The file of that number, if all is known of it. */
    Optional<TakenFile> numbered(long number) {
        return all().filter(other -> other.number() == number).findFirst();
    }

    private Stream<TakenFile> all() {
        return Stream.of(newest, there.values(), broken.values()).flatMap(Collection::stream);
    }

    /** The newest ones. */
    Stream<TakenFile> newest() {
        return newest.stream();
    }

    /** Forgets that a file is there. */
    void gone(Predicate<String> isGone) {
        there.keySet().removeIf(isGone);
    }

    private void put(TakenFile one) {
        if (size > FULL * table.length / 3) {
            grow();
        }
        put(table, half(one.sha256(), 0), half(one.sha256(), DIGITS), one.number());
    }

    private void put(long[] into, long high, long low, long number) {
        int at = place(into, high, low);
        size += into[at + 2] == 0 ? 1 : 0;
        into[at] = high;
        into[at + 1] = low;
        into[at + 2] = number;
    }

    private void grow() {
        long[] old = table;
        long[] next = new long[2 * old.length];
        size = 0;
        for (int at = 0; at < old.length; at += 3) {
            if (old[at + 2] != 0) {
                put(next, old[at], old[at + 1], old[at + 2]);
            }
        }
        table = next;
    }

    // A digest is as good as any hash of it.
    private static int place(long[] in, long high, long low) {
        int places = in.length / 3;
        int at = (int) Long.remainderUnsigned(high, places);
        while (in[3 * at + 2] != 0 && (in[3 * at] != high || in[3 * at + 1] != low)) {
            at = (at + 1) % places;
        }
        return 3 * at;
    }

    private static long half(String sha256, int from) {
        return HexFormat.fromHexDigitsToLong(sha256, from, from + DIGITS);
    }
}
