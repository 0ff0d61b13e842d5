package io.narwhal.session;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A device: where its requests come from, what it calls itself, and its boots. */
final class Nas {
    /** What tells devices apart; comparable, so that a map finds also those of equal hashes. */
    record Key(long high, long low, String name) implements Comparable<Key> {
        static final Comparator<Key> ORDER =
                Comparator.<Key>comparingLong(key -> key.high ^ Long.MIN_VALUE)
                        .thenComparingLong(key -> key.low ^ Long.MIN_VALUE)
                        .thenComparing(Key::name);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** No boot was ever told. */
    static final long NEVER = Long.MIN_VALUE;

    /** Accounting-On and -Off requests of a device that are known again. */
    private static final int BOOTS_KNOWN = 4;

    private record Boot(long print, long ms) {}

    final Key key;
    final Counts counts;

    /** Time of the newest Accounting-On or -Off. */
    long bootMs = NEVER;

    /** Its sessions, the newest first. */
    @Nullable Instance sessions;

    int open;

    /** Its place in the snapshot that is being written. */
    int place;

    private final List<Boot> known = new ArrayList<>();

    Nas(Key key) {
        this(key, new Counts());
    }

    private Nas(Key key, Counts counts) {
        this.key = key;
        this.counts = counts;
    }

    String name() {
        return key.name;
    }

    /** Whether it is told what it told before. */
    boolean isKnown(long print, Event event) {
        return known.stream()
                .anyMatch(
                        boot ->
                                boot.print == print
                                        && (event.isNamed
                                                || Math.abs(boot.ms - event.ms)
                                                        <= Event.SETTLED_MS));
    }

    void boot(long print, long ms) {
        if (known.size() == BOOTS_KNOWN) {
            known.removeFirst();
        }
        known.add(new Boot(print, ms));
        bootMs = Math.max(bootMs, ms);
    }

    void add(Instance instance) {
        Instance first = sessions;
        instance.nextOfNas = first;
        if (first != null) {
            first.previousOfNas = instance;
        }
        sessions = instance;
    }

    void remove(Instance instance) {
        Instance previous = instance.previousOfNas;
        Instance next = instance.nextOfNas;
        if (previous == null) {
            sessions = next;
        } else {
            previous.nextOfNas = next;
        }
        if (next != null) {
            next.previousOfNas = previous;
        }
        instance.previousOfNas = null;
        instance.nextOfNas = null;
    }

    ClientReport report() {
        return report(key, Addresses.text(key.high, key.low), counts, open, 0);
    }

    static ClientReport report(Key key, String client, Counts counts, int open, long retired) {
        long rejected = counts.rejected().values().stream().mapToLong(Long::longValue).sum();
        return new ClientReport(
                key.high,
                key.low,
                client,
                key.name,
                counts.accounted + counts.duplicates + rejected,
                counts.accounted,
                counts.duplicates,
                counts.rejected(),
                counts.sessions,
                open,
                counts.wraps,
                counts.resets,
                counts.late,
                counts.clampedTimes,
                counts.boots,
                counts.heardMs,
                retired);
    }

    void snapshot(StateWriter out) {
        out.putLong(key.high).putLong(key.low).putString(key.name);
        counts.snapshot(out);
        out.putLong(bootMs).putByte(known.size());
        known.forEach(boot -> out.putLong(boot.print).putLong(boot.ms));
    }

    static Nas restore(StateReader in) {
        var key = new Key(in.getLong(), in.getLong(), in.getString());
        var nas = new Nas(key, Counts.restore(in));
        nas.bootMs = in.getLong();
        for (int left = in.getByte(); left > 0; left--) {
            nas.known.add(new Boot(in.getLong(), in.getLong()));
        }
        return nas;
    }
}
