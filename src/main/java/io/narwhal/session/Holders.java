package io.narwhal.session;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Who held an address at a time: an index over sessions, by address or prefix and then by start.
 *
 * <p>A session holds its addresses from its start to its end, or to the start of the next session
 * of the same address, whichever is first: a Stop that was lost ends nothing, but the address was
 * given away. Of several prefixes that hold an address the longest wins. Closed sessions stay for a
 * while by the time that the owner tells; how they came here, and in which order, changes no
 * answer.
 *
 * <p>One owner changes it; while nobody does, any number of threads may look.
 */
public final class Holders {
    /** Sessions that are remembered at the most, unless the caller says otherwise. */
    public static final int SESSIONS_MAX = 2_000_000;

    private static final int VERSION = 1;
    private static final long SWEEP_MS = 60_000;
    // To look for those that ended costs as much as all: it must make room for many.
    private static final int ENDED_SHARE = 64;
    private static final int BITS_MAX = 128;
    private static final int BYTES_AT_LEAST = 48;

    /**
     * A session that holds addresses.
     *
     * @param subscriber as {@link Session#subscriber}
     * @param sessionId as {@link Session#sessionId}
     * @param nas as {@link Session#nas}
     * @param startMs when it began
     * @param endMs when it ended, exclusive; {@link Long#MAX_VALUE} while it is open
     */
    public record Holder(
            String subscriber, String sessionId, String nas, long startMs, long endMs) {}

    /** A holder in the index, and which of its addresses still lead to it. */
    private static final class Entry {
        final String journal;
        final long number;
        final Holder holder;
        final List<Session.Held> held;

        Entry(String journal, long number, Holder holder, List<Session.Held> held) {
            this.journal = journal;
            this.number = number;
            this.holder = holder;
            this.held = new ArrayList<>(held);
        }

        boolean isOpen() {
            return holder.endMs() == Long.MAX_VALUE;
        }

        boolean isBefore(Entry other) {
            int order = Long.compare(holder.startMs(), other.holder.startMs());
            order = order != 0 ? order : journal.compareTo(other.journal);
            return order != 0 ? order < 0 : number < other.number;
        }
    }

    /** An address with the bits that do not count cleared; as a probe, it changes. */
    private static final class Address {
        long high;
        long low;

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Address a && a.high == high && a.low == low;
        }

        @Override
        public int hashCode() {
            long mixed = (high * 0x9e3779b97f4a7c15L + low) * 0xbf58476d1ce4e5b9L;
            return (int) (mixed >>> 32);
        }

        void set(long high, long low, int bits) {
            this.high = high & Addresses.highMask(bits);
            this.low = low & Addresses.lowMask(bits);
        }
    }

    /** All sessions of one address or prefix, by start. */
    private static final class Timeline {
        final List<Entry> entries = new ArrayList<>(2);

        void add(Entry entry) {
            entries.add(before(entry), entry);
        }

        void remove(Entry entry) {
            int at = before(entry);
            if (at < entries.size() && entries.get(at) == entry) {
                entries.remove(at);
            }
        }

        // By halves, as some devices give all their sessions the same address.
        private int before(Entry entry) {
            int from = 0;
            int to = entries.size();
            while (from < to) {
                int middle = (from + to) >>> 1;
                if (entries.get(middle).isBefore(entry)) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            return from;
        }

        @Nullable Holder at(long timeMs) {
            int from = 0;
            int to = entries.size();
            while (from < to) {
                int middle = (from + to) >>> 1;
                if (entries.get(middle).holder.startMs() <= timeMs) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            Holder holder = from == 0 ? null : entries.get(from - 1).holder;
            return holder != null && timeMs < holder.endMs() ? holder : null;
        }

        // What ended by then; a session that was superseded goes before the one that did it.
        void drop(long untilMs, Session.Held held) {
            int gone = 0;
            while (gone < entries.size() && isOver(gone, untilMs)) {
                entries.get(gone).held.remove(held);
                gone++;
            }
            entries.subList(0, gone).clear();
        }

        private boolean isOver(int at, long untilMs) {
            boolean isLast = at + 1 == entries.size();
            long next = isLast ? Long.MAX_VALUE : entries.get(at + 1).holder.startMs();
            return Math.min(entries.get(at).holder.endMs(), next) <= untilMs;
        }
    }

    private final long keepMs;
    private final int sessionsMax;
    // By journal and number.
    private final SortedMap<String, SortedMap<Long, Entry>> sessions = new TreeMap<>();
    private final List<Map<Address, Timeline>> byBits = new ArrayList<>();
    // The lengths that anybody ever held, longest first.
    private int[] lengths = new int[0];
    private final Address probe = new Address();
    private int size;
    // Of these, sessions that have ended.
    private int ended;
    private long watermarkMs;
    private long refused;

    /**
     * Knows nobody yet.
     *
     * @param keepMs how long a session is known after its end
     * @param sessionsMax sessions that are remembered at the most; then those that ended go first,
     *     if they are at least one of {@link #ENDED_SHARE}, and no more are taken
     */
    public Holders(long keepMs, int sessionsMax) {
        Check.that(keepMs >= 0 && sessionsMax > 0, "a time to keep and room for a session");
        this.keepMs = keepMs;
        this.sessionsMax = sessionsMax;
        for (int bits = 0; bits <= BITS_MAX; bits++) {
            byBits.add(new HashMap<>());
        }
    }

    /** Nobody, for whoever asks for no subscribers. */
    public static Holders none() {
        return new Holders(0, 1);
    }

    /** Looks addresses up; each thread needs its own. */
    public final class Lookup {
        private final Address mine = new Address();

        /** Who held that address at that time, ms since 1970; null when nobody did. */
        public @Nullable Holder find(long high, long low, long timeMs) {
            for (int bits : lengths) {
                mine.set(high, low, bits);
                Timeline timeline = byBits.get(bits).get(mine);
                Holder holder = timeline == null ? null : timeline.at(timeMs);
                if (holder != null) {
                    return holder;
                }
            }
            return null;
        }
    }

    /** A way to look addresses up, for one thread. */
    public Lookup lookup() {
        return new Lookup();
    }

    /** Takes the sessions of one journal, whose numbers are its own. */
    public SessionWatcher watcher(String journal) {
        return new SessionWatcher() {
            @Override
            public void onSession(long number, Session session) {
                Holders.this.onSession(journal, number, session);
            }

            @Override
            public void onForgotten(long number) {
                Holders.this.onForgotten(journal, number);
            }
        };
    }

    private void onSession(String journal, long number, Session session) {
        remove(journal, number);
        if (session.addresses().isEmpty()) {
            return;
        }
        if (size >= sessionsMax && ended > sessionsMax / ENDED_SHARE) {
            makeRoom();
        }
        if (size >= sessionsMax) {
            refused++;
            return;
        }
        var holder =
                new Holder(
                        session.subscriber(),
                        session.sessionId(),
                        session.nas(),
                        session.startMs(),
                        session.endMs());
        add(new Entry(journal, number, holder, session.addresses().stream().distinct().toList()));
    }

    // One that ended is kept for its time all the same.
    private void onForgotten(String journal, long number) {
        Entry entry = of(journal).get(number);
        if (entry != null && entry.isOpen()) {
            remove(journal, number);
        }
    }

    private SortedMap<Long, Entry> of(String journal) {
        return sessions.computeIfAbsent(journal, _ -> new TreeMap<>());
    }

    private void add(Entry entry) {
        of(entry.journal).put(entry.number, entry);
        size++;
        ended += entry.isOpen() ? 0 : 1;
        for (Session.Held held : entry.held) {
            var address = new Address();
            address.set(held.high(), held.low(), held.bits());
            byBits.get(held.bits()).computeIfAbsent(address, _ -> new Timeline()).add(entry);
        }
        if (entry.held.stream().anyMatch(held -> !isKnown(held.bits()))) {
            lengths =
                    IntStream.rangeClosed(0, BITS_MAX)
                            .map(i -> BITS_MAX - i)
                            .filter(bits -> isKnown(bits) || !byBits.get(bits).isEmpty())
                            .toArray();
        }
    }

    private boolean isKnown(int bits) {
        return Arrays.stream(lengths).anyMatch(known -> known == bits);
    }

    private void remove(String journal, long number) {
        Entry entry = of(journal).remove(number);
        if (entry == null) {
            return;
        }
        size--;
        ended -= entry.isOpen() ? 0 : 1;
        for (Session.Held held : entry.held) {
            Timeline timeline = timeline(held);
            if (timeline != null) {
                timeline.remove(entry);
                forgetIfEmpty(held, timeline);
            }
        }
    }

    private @Nullable Timeline timeline(Session.Held held) {
        probe.set(held.high(), held.low(), held.bits());
        return byBits.get(held.bits()).get(probe);
    }

    private void forgetIfEmpty(Session.Held held, Timeline timeline) {
        if (timeline.entries.isEmpty()) {
            probe.set(held.high(), held.low(), held.bits());
            byBits.get(held.bits()).remove(probe);
        }
    }

    /** Says how far time has come: forgets who ended long enough before it. */
    public void onWatermark(long timeMs) {
        if (timeMs / SWEEP_MS > watermarkMs / SWEEP_MS) {
            sweep(timeMs - keepMs);
        }
        watermarkMs = Math.max(watermarkMs, timeMs);
    }

    private void sweep(long untilMs) {
        for (SortedMap<Long, Entry> of : sessions.values()) {
            for (Entry entry : of.values()) {
                for (Session.Held held : List.copyOf(entry.held)) {
                    Timeline timeline = timeline(held);
                    if (timeline != null) {
                        timeline.drop(untilMs, held);
                        forgetIfEmpty(held, timeline);
                    }
                }
            }
            of.values().removeIf(this::isGone);
        }
        size = sessions.values().stream().mapToInt(Map::size).sum();
    }

    private boolean isGone(Entry entry) {
        boolean isGone = entry.held.isEmpty();
        ended -= isGone && !entry.isOpen() ? 1 : 0;
        return isGone;
    }

    // The eighth of those that ended which ended first.
    private void makeRoom() {
        long[] ends =
                sessions.values().stream()
                        .flatMap(of -> of.values().stream())
                        .mapToLong(entry -> entry.holder.endMs())
                        .filter(end -> end < Long.MAX_VALUE)
                        .sorted()
                        .toArray();
        if (ends.length > 0) {
            refused += size;
            sweep(ends[ends.length / 8]);
            refused -= size;
        }
    }

    /** Forgets all sessions of journals that are not among these. */
    public void retain(List<String> journals) {
        for (String journal : List.copyOf(sessions.keySet())) {
            if (!journals.contains(journal)) {
                forget(journal);
            }
        }
    }

    /** Forgets all sessions of a journal. */
    public void forget(String journal) {
        List.copyOf(of(journal).keySet()).forEach(number -> remove(journal, number));
        sessions.remove(journal);
    }

    /** Sessions that are known. */
    public int size() {
        return size;
    }

    /** Sessions that were forgotten early, or not taken, because there was no room. */
    public long refused() {
        return refused;
    }

    /** Writes all that is known in canonical order: equal contents give equal bytes. */
    public void snapshot(StateWriter out) {
        out.putByte(VERSION).putLong(watermarkMs).putLong(refused);
        out.putInt(size);
        for (SortedMap<Long, Entry> of : sessions.values()) {
            for (Entry entry : of.values()) {
                out.putString(entry.journal).putLong(entry.number);
                out.putString(entry.holder.subscriber()).putString(entry.holder.sessionId());
                out.putString(entry.holder.nas());
                out.putLong(entry.holder.startMs()).putLong(entry.holder.endMs());
                out.putInt(entry.held.size());
                for (Session.Held held : entry.held) {
                    out.putLong(held.high()).putLong(held.low()).putByte(held.bits());
                }
            }
        }
    }

    /**
     * Reads what {@link #snapshot} wrote into this one, which must be new.
     *
     * @throws StateReader.Malformed when another release wrote it
     */
    public void restore(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "holders of version " + version + "; this release reads " + VERSION);
        }
        watermarkMs = in.getLong();
        refused = in.getLong();
        for (int left = in.getCount(BYTES_AT_LEAST); left > 0; left--) {
            add(entry(in));
        }
    }

    private static Entry entry(StateReader in) {
        String journal = in.getString();
        long number = in.getLong();
        var holder =
                new Holder(
                        in.getString(), in.getString(), in.getString(), in.getLong(), in.getLong());
        List<Session.Held> held = new ArrayList<>();
        for (int left = in.getCount(17); left > 0; left--) {
            var one = new Session.Held(in.getLong(), in.getLong(), in.getByte());
            if (one.bits() > BITS_MAX) {
                throw new StateReader.Malformed("a prefix of " + one.bits() + " bits");
            }
            held.add(one);
        }
        return new Entry(journal, number, holder, held);
    }
}
