package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The totals of exporters that several paths may tell of: one for each exporter, whatever the path,
 * so that what one path lost grows out of what the other brings, and nothing grows twice.
 */
final class SharedTotals {
    private final int limit;
    private final StateRoom room;
    private final Map<Key, Totals> byExporter = new TreeMap<>();

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

    SharedTotals(int limit, StateRoom room) {
        this.limit = limit;
        this.room = room;
    }

    Totals of(long high, long low, FlowProtocol protocol, long domain) {
        return of(new Key(high, low, protocol, domain));
    }

    private Totals of(Key key) {
        return byExporter.computeIfAbsent(key, _ -> new Totals(limit, room, true));
    }

    /** Forgets these unless they are those of one of the exporters that are known. */
    void forgetUnlessOf(List<Scope> known, Totals totals) {
        if (known.stream().noneMatch(scope -> scope.totals == totals)) {
            byExporter.values().removeIf(one -> one == totals);
        }
    }

    void snapshot(StateWriter out) {
        out.putInt(byExporter.size());
        byExporter.forEach(
                (key, totals) -> {
                    out.putLong(key.high).putLong(key.low);
                    out.putByte(key.protocol.code()).putLong(key.domain);
                    totals.snapshot(out);
                });
    }

    void restore(StateReader in) {
        for (int left = in.getCount(61); left > 0; left--) {
            long high = in.getLong();
            long low = in.getLong();
            of(new Key(high, low, Scope.protocol(in.getByte()), in.getLong())).restore(in);
        }
    }
}
