package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.generate.RadiusTruth;
import io.narwhal.generate.Truth;
import io.narwhal.inspect.Audit;
import io.narwhal.record.Addresses;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Holds the ledger and the books of a node against what was sent. */
final class TortureProof {
    private static final BigInteger NONE = BigInteger.ZERO;

    private final NodeConfig config;
    private final Disk disk;
    private final TortureLoad.Truths truths;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> differences = new ArrayList<>();

    /**
     * What came of one collector.
     *
     * @param what its records: flows or requests
     * @param sent records that were sent, or requests that were answered
     * @param accounted of those
     */
    record Row(
            String collector,
            String what,
            long sent,
            BigInteger accounted,
            BigInteger lost,
            BigInteger doubled) {}

    /**
     * What was found.
     *
     * @param differences a line each: keys whose sums are not what was sent, and what the books say
     *     that they should not
     * @param audit the books
     * @param keys how many keys were compared
     */
    record Verdict(List<Row> rows, List<String> differences, Audit audit, long keys) {
        boolean isExact() {
            return differences.isEmpty();
        }

        BigInteger lost() {
            return rows.stream().map(Row::lost).reduce(NONE, BigInteger::add);
        }

        BigInteger doubled() {
            return rows.stream().map(Row::doubled).reduce(NONE, BigInteger::add);
        }
    }

    TortureProof(NodeConfig config, Disk disk, TortureLoad.Truths truths) {
        this.config = config;
        this.disk = disk;
        this.truths = truths;
    }

    /** Compares everything. */
    Verdict verdict() {
        try (var ledger = LedgerAccess.open(config, disk)) {
            var audit = Audit.of(config, disk, ledger.duck());
            long keys = pairs(ledger) + exporters(ledger) + sessions(ledger, audit);
            books(audit);
            return new Verdict(rows, differences, audit, keys);
        }
    }

    private long pairs(LedgerAccess ledger) {
        Map<String, UsageSums> sent = new TreeMap<>();
        add(truths.flows(), sent);
        truths.streams().ifPresent(truth -> add(truth, sent));
        return compare(
                "pair",
                sent,
                UsageSums.find(config, disk, ledger, "by-pair", "src_addr", "dst_addr"));
    }

    private static void add(Truth truth, Map<String, UsageSums> sent) {
        truth.forEachPair(
                (source, destination, octets, packets, flows) ->
                        sent.merge(
                                source + UsageSums.AND + destination,
                                UsageSums.of(octets, packets, flows),
                                UsageSums::plus));
    }

    private long compare(String what, Map<String, UsageSums> sent, Map<String, UsageSums> found) {
        differences.addAll(UsageSums.compare(what, sent, found).differences());
        return sent.size();
    }

    // Whose exporters are whose shows by their addresses: IPv6 is spoken over connections only.
    private long exporters(LedgerAccess ledger) {
        Map<String, UsageSums> found =
                UsageSums.find(config, disk, ledger, "by-exporter", "exporter", "domain");
        long keys = exporters(TorturePlan.FLOWS, truths.flows(), found);
        if (truths.streams().isPresent()) {
            keys += exporters(TorturePlan.STREAMS, truths.streams().get(), found);
        }
        keys += compare("exporter", Map.of(), found);
        return keys;
    }

    private long exporters(String collector, Truth truth, Map<String, UsageSums> found) {
        Map<String, UsageSums> sent = new TreeMap<>();
        Map<String, UsageSums> mine = new TreeMap<>();
        for (Truth.Exporter one : truth.exporters()) {
            String key = address(one.address()) + UsageSums.AND + one.domain();
            sent.put(key, UsageSums.of(one.octets(), one.packets(), one.records()));
            UsageSums sums = found.remove(key);
            if (sums != null) {
                mine.put(key, sums);
            }
        }
        var comparison = UsageSums.compare(collector + " exporter", sent, mine);
        differences.addAll(comparison.differences());
        BigInteger accounted =
                mine.values().stream().map(UsageSums::flows).reduce(NONE, BigInteger::add);
        rows.add(
                new Row(
                        collector,
                        "flows",
                        truth.records(),
                        accounted,
                        comparison.lost(),
                        comparison.doubled()));
        return sent.size();
    }

    private static String address(String text) {
        InetAddress inet = InetAddress.ofLiteral(text.replaceFirst("%.*", ""));
        return Addresses.text(Addresses.high(inet), Addresses.low(inet));
    }

    // A row of a session counts no requests, so what it adds up to is compared without.
    private long sessions(LedgerAccess ledger, Audit audit) {
        Map<String, UsageSums> sent = new TreeMap<>();
        truths.requests()
                .forEachSession(
                        session -> {
                            RadiusTruth.Reported is = session.answered();
                            put(sent, session.id(), "up", is.upOctets(), is.upPackets());
                            put(sent, session.id(), "down", is.downOctets(), is.downPackets());
                        });
        Map<String, UsageSums> found = new TreeMap<>();
        UsageSums.find(config, disk, ledger, "by-session", "session_id", "direction")
                .forEach(
                        (key, sums) -> {
                            if (sums.octets().signum() != 0 || sums.packets().signum() != 0) {
                                found.put(key, new UsageSums(sums.octets(), sums.packets(), NONE));
                            }
                        });
        compare("session", sent, found);
        RadiusTruth.Totals totals = truths.requests().totals();
        var accounted = BigInteger.valueOf(audit.requests().accounted().records());
        BigInteger surplus = accounted.subtract(BigInteger.valueOf(totals.answered()));
        rows.add(
                new Row(
                        TorturePlan.REQUESTS,
                        "requests",
                        totals.answered(),
                        accounted,
                        surplus.negate().max(NONE),
                        surplus.max(NONE)));
        return sent.size();
    }

    private static void put(
            Map<String, UsageSums> sent, String id, String direction, long octets, long packets) {
        if (octets != 0 || packets != 0) {
            sent.put(id + UsageSums.AND + direction, UsageSums.of(octets, packets, 0));
        }
    }

    private void books(Audit audit) {
        must(audit.isBalanced(), "the books do not balance");
        must(audit.books().held().records() == 0, "the books hold " + audit.books().held());
        must(audit.books().rejected().records() == 0, "rejected is " + audit.books().rejected());
        must(audit.inProcess().records() == 0, "still in process is " + audit.inProcess());
        long copies = audit.books().duplicate().records() - audit.requests().duplicate().records();
        must(
                copies == 0,
                copies + " flow records are booked as duplicate, and none was sent twice");
        RadiusTruth.Totals totals = truths.requests().totals();
        must(
                totals.answered() == totals.requests(),
                totals.requests() - totals.answered() + " requests were never answered");
        must(
                audit.requests().accounted().records() == totals.answered(),
                "accounted are "
                        + audit.requests().accounted().records()
                        + " requests, answered were "
                        + totals.answered());
        must(totals.falseAnswers() == 0, totals.falseAnswers() + " answers were false");
        must(
                audit.intake().kernelDropped() == 0,
                "the kernel dropped "
                        + audit.intake().kernelDropped()
                        + " datagrams, as its queue was full: try a lower --rate, or raise"
                        + " net.core.rmem_max");
        for (Audit.Exporter one : audit.exporters()) {
            must(
                    one.report().missing() == 0,
                    one.collector()
                            + ": by its numbers, "
                            + one.report().missing()
                            + " are missing of exporter "
                            + one.report().domain());
        }
        must(audit.intake().isBalanced(), "the intake's books do not balance");
        must(audit.intake().damagedBytes() == 0, "a journal is damaged");
    }

    private void must(boolean holds, String otherwise) {
        if (!holds) {
            differences.add(otherwise);
        }
    }
}
