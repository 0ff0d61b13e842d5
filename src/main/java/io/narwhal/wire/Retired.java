package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Transport;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is remembered of exporters that made room for others, and of sessions that ended: their
 * counts, added up by (address, transport, protocol, domain, path), so that the books never forget
 * a loss. When there are too many of these as well, one entry for each transport and protocol has
 * the rest.
 */
final class Retired {
    /** Entries that are told apart. */
    static final int LIMIT = 1000;

    private static final int SNAPSHOT_BYTES_MIN = 100;

    /** Whom an entry is about; {@code others} is the one with all the rest of a protocol. */
    private record Key(
            boolean others,
            long high,
            long low,
            Transport transport,
            FlowProtocol protocol,
            long domain,
            int path)
            implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::others)
                        .thenComparingLong(k -> k.high ^ Long.MIN_VALUE)
                        .thenComparingLong(k -> k.low ^ Long.MIN_VALUE)
                        .thenComparing(Key::transport)
                        .thenComparing(Key::protocol)
                        .thenComparingLong(Key::domain)
                        .thenComparingInt(Key::path);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private final Map<Key, Entry> entries = new TreeMap<>();
    private int named;

    /** Adds what is known of an exporter that is forgotten. */
    void add(ExporterReport report) {
        var key =
                new Key(
                        false,
                        report.exporterHigh(),
                        report.exporterLow(),
                        report.transport(),
                        report.protocol(),
                        report.domain(),
                        report.path());
        Entry known = entries.get(key);
        if (known == null && named == LIMIT) {
            key = new Key(true, 0, 0, report.transport(), report.protocol(), 0, 0);
        } else if (known == null) {
            named++;
        }
        entries.computeIfAbsent(key, any -> new Entry()).add(report);
    }

    /** The entries, those of others last. */
    List<ExporterReport> reports() {
        List<ExporterReport> reports = new ArrayList<>();
        entries.forEach((key, entry) -> reports.add(entry.report(key)));
        return reports;
    }

    void snapshot(StateWriter out) {
        out.putInt(entries.size());
        entries.forEach(
                (key, entry) -> {
                    out.putBoolean(key.others).putLong(key.high).putLong(key.low);
                    out.putByte(key.transport.code())
                            .putByte(key.protocol.code())
                            .putLong(key.domain)
                            .putInt(key.path);
                    entry.snapshot(out);
                });
    }

    /** Adds what {@link #snapshot} wrote: several states may be restored into one. */
    void restore(StateReader in, boolean knowsPaths) {
        for (int left = in.getCount(SNAPSHOT_BYTES_MIN); left > 0; left--) {
            var key =
                    new Key(
                            in.getBoolean(),
                            in.getLong(),
                            in.getLong(),
                            Scope.transport(in.getByte()),
                            Scope.protocol(in.getByte()),
                            in.getLong(),
                            knowsPaths ? in.getInt() : 0);
            var entry = new Entry();
            entry.restore(in, knowsPaths);
            Entry known = entries.get(key);
            if (known != null) {
                known.add(entry.report(key));
                known.sums[0] += entry.sums[0] - 1;
            } else {
                entries.put(key, entry);
                named += key.others ? 0 : 1;
            }
        }
    }

    /** Sums. */
    private static final class Entry {
        private static final int SUMS = 10;
        private final long[] sums = new long[SUMS];
        private long firstMissingMs;
        private long lastMissingMs;
        private long lastArrivalMs;
        private final Declared declared = new Declared();

        void add(ExporterReport report) {
            long[] more = {
                1,
                report.received(),
                report.missing(),
                report.datagrams(),
                report.records(),
                report.optionsRecords(),
                report.templateRecords(),
                report.resets(),
                report.duplicates(),
                report.copies()
            };
            for (int i = 0; i < more.length; i++) {
                sums[i] += more[i];
            }
            long first = report.firstMissingMs();
            if (first != 0) {
                firstMissingMs = firstMissingMs == 0 ? first : Math.min(firstMissingMs, first);
            }
            lastMissingMs = Math.max(lastMissingMs, report.lastMissingMs());
            lastArrivalMs = Math.max(lastArrivalMs, report.lastArrivalMs());
            declared.add(report.declared());
        }

        ExporterReport report(Key key) {
            return new ExporterReport(
                    key.high,
                    key.low,
                    key.others ? "others" : Addresses.text(key.high, key.low),
                    0,
                    0,
                    key.transport,
                    key.protocol,
                    key.domain,
                    sums[1],
                    sums[2],
                    sums[3],
                    sums[4],
                    sums[5],
                    0,
                    sums[6],
                    sums[7],
                    false,
                    0,
                    lastArrivalMs,
                    0,
                    0,
                    0,
                    0,
                    0,
                    null,
                    sums[8],
                    SequenceUnit.of(key.protocol),
                    firstMissingMs,
                    lastMissingMs,
                    List.of(),
                    declared.report(),
                    sums[0],
                    key.path,
                    sums[9]);
        }

        void snapshot(StateWriter out) {
            out.putLongs(sums, 0, sums.length);
            out.putLong(firstMissingMs).putLong(lastMissingMs).putLong(lastArrivalMs);
            declared.snapshot(out);
        }

        void restore(StateReader in, boolean knowsPaths) {
            in.getLongs(sums, 0, knowsPaths ? SUMS : SUMS - 1);
            firstMissingMs = in.getLong();
            lastMissingMs = in.getLong();
            lastArrivalMs = in.getLong();
            declared.restore(in);
        }
    }
}
