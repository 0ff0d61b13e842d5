package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.component.LaneRecovery;
import io.narwhal.config.NodeConfig;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.generate.Truth;
import io.narwhal.inspect.Audit;
import io.narwhal.inspect.NodeView;
import io.narwhal.output.LedgerQuery;
import io.narwhal.output.LedgerQuestion;
import io.narwhal.output.ResultSink;
import io.narwhal.output.Value;
import io.narwhal.record.Addresses;
import io.narwhal.record.UsageDefinition;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares the usage that the node delivered with what was sent. */
final class DemoProof {
    private static final int SHOWN = 10;
    private static final int TOP = 5;
    private static final Sums NOTHING = new Sums(BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO);

    private final Console console;
    private final Disk disk;
    private final NodeConfig config;
    private final Truth truth;
    private final DemoVictims victims;
    private final List<String> differences = new ArrayList<>();
    private BigInteger lost = BigInteger.ZERO;
    private BigInteger doubled = BigInteger.ZERO;

    private record Sums(BigInteger octets, BigInteger packets, BigInteger flows) {
        static Sums of(long octets, long packets, long flows) {
            return new Sums(
                    BigInteger.valueOf(octets),
                    BigInteger.valueOf(packets),
                    BigInteger.valueOf(flows));
        }

        Sums plus(Sums other) {
            return new Sums(
                    octets.add(other.octets), packets.add(other.packets), flows.add(other.flows));
        }

        @Override
        public String toString() {
            return flows + " flows, " + packets + " packets, " + octets + " octets";
        }
    }

    DemoProof(Console console, Disk disk, NodeConfig config, Truth truth, DemoVictims victims) {
        this.console = console;
        this.disk = disk;
        this.config = config;
        this.truth = truth;
        this.victims = victims;
    }

    /** Prints it all; whether the usage is exact and the books balance. */
    boolean show() throws IOException {
        Map<String, Sums> pairs = new TreeMap<>();
        Map<String, Sums> customers = new TreeMap<>();
        expect(pairs, customers);
        try (var ledger = LedgerAccess.open(config, disk)) {
            compare("pair", pairs, usage(ledger, "by-pair", "src_addr", "dst_addr"));
            int wrongPairs = differences.size();
            BigInteger lostRecords = lost;
            BigInteger doubledRecords = doubled;
            Map<String, Sums> charged = usage(ledger, "by-customer", "customer");
            compare("customer", customers, charged);
            top(charged);
            var audit = Audit.of(config, disk, ledger.duck());
            new AuditCommand(console).print(audit);
            say("");
            if (audit.intake().kernelDropped() > 0) {
                say(
                        "The kernel dropped "
                                + audit.intake().kernelDropped()
                                + " datagrams because its queue was full: counted, and shown above"
                                + " as missing. Try a lower --rate, or raise net.core.rmem_max.");
            }
            conclude(pairs.size(), customers.size(), wrongPairs, lostRecords, doubledRecords);
            return differences.isEmpty() && audit.isBalanced();
        }
    }

    private void expect(Map<String, Sums> pairs, Map<String, Sums> customers) {
        CustomerTable table = LaneRecovery.work(config, disk).customers();
        truth.forEachPair(
                (source, destination, octets, packets, flows) -> {
                    Sums sums = Sums.of(octets, packets, flows);
                    pairs.merge(source + " > " + destination, sums, Sums::plus);
                    customers.merge(customer(table, source), sums, Sums::plus);
                });
    }

    private static String customer(CustomerTable table, String address) {
        InetAddress inet = InetAddress.ofLiteral(address);
        return table.customer(table.find(Addresses.high(inet), Addresses.low(inet)));
    }

    private Map<String, Sums> usage(LedgerAccess ledger, String name, String... by) {
        UsageDefinition definition =
                config.usage().stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow();
        Map<String, Sums> usage = new TreeMap<>();
        var question = new LedgerQuestion(List.of(by), OptionalLong.empty(), OptionalLong.empty());
        new LedgerQuery(disk, ledger.duck(), NodeView.read(config, disk).scope(definition))
                .run(
                        question,
                        new ResultSink() {
                            @Override
                            public void columns(List<String> names) {}

                            @Override
                            public void row(List<Value> values) {
                                usage.put(key(values, by.length), sums(values, by.length));
                            }
                        });
        return usage;
    }

    private static String key(List<Value> values, int keys) {
        return values.stream().limit(keys).map(Value::text).collect(Collectors.joining(" > "));
    }

    private static Sums sums(List<Value> values, int from) {
        return new Sums(
                new BigInteger(values.get(from).text()),
                new BigInteger(values.get(from + 1).text()),
                new BigInteger(values.get(from + 2).text()));
    }

    private void compare(String what, Map<String, Sums> expected, Map<String, Sums> found) {
        var keys = new TreeSet<>(expected.keySet());
        keys.addAll(found.keySet());
        for (String key : keys) {
            Sums sent = expected.getOrDefault(key, NOTHING);
            Sums got = found.getOrDefault(key, NOTHING);
            if (!sent.equals(got)) {
                differences.add(what + " " + key + ": sent " + sent + "; usage has " + got);
                BigInteger surplus = got.flows().subtract(sent.flows());
                lost = lost.add(surplus.negate().max(BigInteger.ZERO));
                doubled = doubled.add(surplus.max(BigInteger.ZERO));
            }
        }
    }

    private void top(Map<String, Sums> charged) throws IOException {
        say("The " + TOP + " customers with most traffic:");
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("customer"),
                        Column.number("octets"),
                        Column.number("packets"),
                        Column.number("flows"))) {
            List<Map.Entry<String, Sums>> most =
                    charged.entrySet().stream()
                            .sorted(
                                    Map.Entry.comparingByValue(
                                            Comparator.comparing(Sums::octets).reversed()))
                            .limit(TOP)
                            .toList();
            for (Map.Entry<String, Sums> one : most) {
                Sums sums = one.getValue();
                rows.row(one.getKey(), sums.octets(), sums.packets(), sums.flows());
            }
        }
        say("");
    }

    private void conclude(
            int pairs,
            int customers,
            int wrongPairs,
            BigInteger lostRecords,
            BigInteger doubledOnes)
            throws IOException {
        if (differences.isEmpty()) {
            say(
                    String.format(
                            Locale.ROOT,
                            "Usage is what was sent, to the last octet, for each of %,d pairs of"
                                    + " addresses and %d customers.",
                            pairs,
                            customers));
        } else {
            say(
                    "Usage DIFFERS from what was sent for "
                            + wrongPairs
                            + " pairs and "
                            + (differences.size() - wrongPairs)
                            + " customers:");
            for (String difference : differences.stream().limit(SHOWN).toList()) {
                say("  " + difference);
            }
        }
        say(
                String.format(
                        Locale.ROOT,
                        "%,d records, %d kills%s, %,d lost, %,d doubled.",
                        truth.records(),
                        victims.kills(),
                        kills(),
                        lostRecords,
                        doubledOnes));
    }

    private String kills() {
        return victims.kills() == 0
                ? ""
                : victims.killed().entrySet().stream()
                        .map(one -> one.getKey() + " " + one.getValue())
                        .collect(Collectors.joining(", ", " (", ")"));
    }

    private void say(String line) throws IOException {
        console.out().write(line + "\n");
        console.out().flush();
    }
}
