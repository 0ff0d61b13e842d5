package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.component.LaneRecovery;
import io.narwhal.config.NodeConfig;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.generate.Truth;
import io.narwhal.inspect.Audit;
import io.narwhal.record.Addresses;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Compares the usage that the node delivered with what was sent. */
final class DemoProof {
    private static final int SHOWN = 10;
    private static final int TOP = 5;
    private static final String SOURCE = "src_addr";
    private static final String DESTINATION = "dst_addr";

    private final Console console;
    private final Disk disk;
    private final NodeConfig config;
    private final Truth truth;
    private final DemoVictims victims;

    DemoProof(Console console, Disk disk, NodeConfig config, Truth truth, DemoVictims victims) {
        this.console = console;
        this.disk = disk;
        this.config = config;
        this.truth = truth;
        this.victims = victims;
    }

    /** Prints it all; whether the usage is exact and the books balance. */
    boolean show() throws IOException {
        Map<String, UsageSums> pairs = new TreeMap<>();
        Map<String, UsageSums> customers = new TreeMap<>();
        expect(pairs, customers);
        try (var ledger = LedgerAccess.open(config, disk)) {
            var byPair =
                    UsageSums.compare("pair", pairs, usage(ledger, "by-pair", SOURCE, DESTINATION));
            Map<String, UsageSums> charged = usage(ledger, "by-customer", "customer");
            var byCustomer = UsageSums.compare("customer", customers, charged);
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
            conclude(pairs.size(), customers.size(), byPair, byCustomer);
            return byPair.isExact() && byCustomer.isExact() && audit.isBalanced();
        }
    }

    private void expect(Map<String, UsageSums> pairs, Map<String, UsageSums> customers) {
        CustomerTable table = LaneRecovery.work(config, disk).customers();
        truth.forEachPair(
                (source, destination, octets, packets, flows) -> {
                    UsageSums sums = UsageSums.of(octets, packets, flows);
                    pairs.merge(source + UsageSums.AND + destination, sums, UsageSums::plus);
                    customers.merge(customer(table, source), sums, UsageSums::plus);
                });
    }

    private static String customer(CustomerTable table, String address) {
        InetAddress inet = InetAddress.ofLiteral(address);
        return table.customer(table.find(Addresses.high(inet), Addresses.low(inet)));
    }

    private Map<String, UsageSums> usage(LedgerAccess ledger, String name, String... by) {
        return UsageSums.find(config, disk, ledger, name, by);
    }

    private void top(Map<String, UsageSums> charged) throws IOException {
        say("The " + TOP + " customers with most traffic:");
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("customer"),
                        Column.number("octets"),
                        Column.number("packets"),
                        Column.number("flows"))) {
            List<Map.Entry<String, UsageSums>> most =
                    charged.entrySet().stream()
                            .sorted(
                                    Map.Entry.comparingByValue(
                                            Comparator.comparing(UsageSums::octets).reversed()))
                            .limit(TOP)
                            .toList();
            for (Map.Entry<String, UsageSums> one : most) {
                UsageSums sums = one.getValue();
                rows.row(one.getKey(), sums.octets(), sums.packets(), sums.flows());
            }
        }
        say("");
    }

    private void conclude(
            int pairs, int customers, UsageSums.Comparison byPair, UsageSums.Comparison byCustomer)
            throws IOException {
        if (byPair.isExact() && byCustomer.isExact()) {
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
                            + byPair.differences().size()
                            + " pairs and "
                            + byCustomer.differences().size()
                            + " customers:");
            var differences = new ArrayList<>(byPair.differences());
            differences.addAll(byCustomer.differences());
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
                        byPair.lost(),
                        byPair.doubled()));
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
