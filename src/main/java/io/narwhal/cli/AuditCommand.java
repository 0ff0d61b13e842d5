package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.Audit;
import io.narwhal.inspect.WaitingFlows;
import io.narwhal.output.LedgerSums;
import io.narwhal.record.Books;
import io.narwhal.record.Reason;
import io.narwhal.record.Tally;
import io.narwhal.session.ClientReport;
import io.narwhal.wire.ExporterReport;
import io.narwhal.wire.SampleSource;
import io.narwhal.wire.SflowReport;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code narwhal audit}. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = {
            "Draw the books: received = accounted + held + duplicate + rejected + in process, in"
                + " records, packets and octets; and, summed anew from the ledger, that its rows"
                + " add up to what was charged.",
            "",
            "Also names, for each exporter and domain, what its sequence numbers say is missing (in"
                + " the protocol's unit), and what the kernel dropped. On a node that only serves"
                + " what it receives, and accounts nothing, it says what was received, and what"
                + " each manager has saved of it. Exit code 0: the books balance; 3: they do not."
        },
        footer = {"", "Example:", "", "  narwhal audit --config narwhal.yaml --format json"})
final class AuditCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    AuditCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        Disk disk = Disk.system();
        if (!config.hasAccounting()) {
            return new AuditServed(console, printing.format).run(config, disk);
        }
        try (var ledger = LedgerAccess.open(config, disk)) {
            Audit audit = Audit.of(config, disk, ledger.duck());
            if (printing.format == Format.JSON) {
                Json.write(console.out(), json(config, audit));
            } else {
                print(audit);
            }
            return audit.isBalanced() ? ExitCode.OK : ExitCode.UNBALANCED;
        }
    }

    /** The books, for people. */
    void print(Audit audit) throws IOException {
        var out = console.out();
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        Column.text("books"),
                        Column.number("records"),
                        Column.number("packets"),
                        Column.number("octets"))) {
            row(rows, "received", received(audit));
            row(rows, "accounted", audit.books().accounted());
            row(rows, "held", audit.books().held());
            row(rows, "duplicate", audit.books().duplicate());
            row(rows, "rejected", audit.books().rejected());
            for (Reason reason : Reason.values()) {
                if (audit.books().rejected(reason).records() != 0) {
                    row(rows, "  " + reason.label(), audit.books().rejected(reason));
                }
            }
            row(rows, "in process", audit.inProcess());
        }
        out.write("\n");
        printUsage(audit);
        out.write("\n");
        if (!audit.exporters().isEmpty() || audit.clients().isEmpty()) {
            printExporters(audit);
            AuditOfAgents.print(console, audit);
        }
        if (!audit.clients().isEmpty()) {
            out.write(audit.exporters().isEmpty() ? "" : "\n");
            printClients(audit);
        }
        TransferText.print(audit.transfer(), out);
        out.write("\n" + intake(audit.intake()) + "\n");
        for (WaitingFlows waiting : audit.waiting()) {
            out.write(WaitingText.line(waiting) + "\n");
        }
        if (audit.damagedUsageBytes() > 0) {
            out.write(
                    "Usage: rows lost in "
                            + audit.damagedUsageBytes()
                            + " damaged bytes of the journal.\n");
        }
        out.write(audit.isBalanced() ? "The books balance.\n" : "THE BOOKS DO NOT BALANCE.\n");
        out.flush();
    }

    private void printUsage(Audit audit) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("usage"),
                        Column.number("charged flows"),
                        Column.number("packets"),
                        Column.number("octets"),
                        Column.number("rows"),
                        Column.text("its rows"))) {
            for (Audit.Usage one : audit.usage()) {
                rows.row(
                        one.name(),
                        one.charged().records(),
                        unsigned(one.charged().packets()),
                        unsigned(one.charged().octets()),
                        one.rows().rows(),
                        one.addsUp() ? "add up" : "DO NOT ADD UP: " + one.rows());
                if (one.corrections().isThere()) {
                    LedgerSums corrections = one.corrections().rows();
                    rows.row(
                            "  corrections",
                            corrections.flows(),
                            corrections.packets(),
                            corrections.octets(),
                            corrections.rows(),
                            one.corrections().isBalanced()
                                    ? "add up"
                                    : "DO NOT ADD UP: " + one.corrections().booked());
                }
            }
        }
    }

    private void printExporters(Audit audit) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("exporter"),
                        Column.number("port"),
                        Column.number("domain"),
                        Column.text("protocol"),
                        Column.text("transport"),
                        Column.number("records"),
                        Column.number("received"),
                        Column.number("missing"),
                        Column.number("duplicates"),
                        Column.text("unit"))) {
            for (Audit.Exporter one : audit.exporters()) {
                ExporterReport report = one.report();
                rows.row(
                        report.exporter(),
                        report.sourcePort(),
                        report.domain(),
                        label(report.protocol()),
                        report.transport().label(),
                        report.records(),
                        report.received(),
                        report.missing(),
                        report.duplicates(),
                        report.sequenceUnit().label());
            }
        }
    }

    private void printClients(Audit audit) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("RADIUS client"),
                        Column.text("nas"),
                        Column.number("requests"),
                        Column.number("accounted"),
                        Column.number("duplicates"),
                        Column.number("rejected"),
                        Column.number("sessions"),
                        Column.number("open"))) {
            for (Audit.Client one : audit.clients()) {
                ClientReport report = one.report();
                rows.row(
                        report.client(),
                        report.nas(),
                        report.requests(),
                        report.accounted(),
                        report.duplicates(),
                        report.rejected().values().stream().mapToLong(Long::longValue).sum(),
                        report.sessions(),
                        report.openSessions());
            }
        }
    }

    private static String intake(Audit.Intake intake) {
        String dropped =
                intake.kernelDropped() == 0
                        ? "none dropped by the kernel"
                        : intake.kernelDropped()
                                + " dropped by the kernel between "
                                + time(intake.firstDropMicros())
                                + " and "
                                + time(intake.lastDropMicros());
        String damaged =
                intake.damagedBytes() == 0
                        ? ""
                        : "; "
                                + intake.damaged()
                                + " lost in "
                                + intake.damagedBytes()
                                + " damaged bytes of the journal";
        return "Datagrams: "
                + intake.journalled()
                + " journalled, "
                + intake.decoded()
                + " decoded, "
                + intake.inProcess()
                + " in process, "
                + dropped
                + damaged
                + ".";
    }

    private static void row(RowWriter rows, String name, Tally tally) throws IOException {
        rows.row(name, tally.records(), unsigned(tally.packets()), unsigned(tally.octets()));
    }

    /** Counters are 64 bits without sign. */
    private static BigInteger unsigned(long counter) {
        return new BigInteger(Long.toUnsignedString(counter));
    }

    private static Tally received(Audit audit) {
        var received = new Tally();
        received.add(audit.books().received());
        received.add(audit.inProcess());
        return received;
    }

    private static Map<String, @Nullable Object> json(NodeConfig config, Audit audit) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("node", config.node());
        json.put("balanced", audit.isBalanced());
        json.putAll(json(received(audit), audit.books()));
        json.put("in_process", json(audit.inProcess()));
        json.put("requests", json(audit.requests().received(), audit.requests()));
        json.put("datagrams", json(audit.intake()));
        json.put("waiting", WaitingText.json(audit.waiting()));
        json.put("transfer", TransferText.json(audit.transfer()));
        json.put("usage", audit.usage().stream().map(AuditCommand::json).toList());
        json.put("damaged_usage_journal_bytes", audit.damagedUsageBytes());
        json.put("exporters", audit.exporters().stream().map(AuditCommand::json).toList());
        AuditOfAgents.put(json, audit);
        json.put("clients", audit.clients().stream().map(AuditCommand::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(Tally received, Books books) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("received", json(received));
        json.put("accounted", json(books.accounted()));
        json.put("held", json(books.held()));
        json.put("duplicate", json(books.duplicate()));
        Map<String, @Nullable Object> rejected = json(books.rejected());
        Map<String, @Nullable Object> reasons = new LinkedHashMap<>();
        for (Reason reason : Reason.values()) {
            if (books.rejected(reason).records() != 0) {
                reasons.put(reason.label(), json(books.rejected(reason)));
            }
        }
        rejected.put("by_reason", reasons);
        json.put("rejected", rejected);
        return json;
    }

    private static Map<String, @Nullable Object> json(Tally tally) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("records", tally.records());
        json.put("packets", unsigned(tally.packets()));
        json.put("octets", unsigned(tally.octets()));
        return json;
    }

    private static Map<String, @Nullable Object> json(Audit.Intake intake) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("journalled", intake.journalled());
        json.put("decoded", intake.decoded());
        json.put("in_process", intake.inProcess());
        json.put("kernel_dropped", intake.kernelDropped());
        json.put("kernel_dropped_first", time(intake.firstDropMicros()));
        json.put("kernel_dropped_last", time(intake.lastDropMicros()));
        json.put("damaged", intake.damaged());
        json.put("damaged_journal_bytes", intake.damagedBytes());
        return json;
    }

    private static Map<String, @Nullable Object> json(Audit.Usage usage) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", usage.name());
        json.put("balanced", usage.isBalanced());
        Map<String, @Nullable Object> charged = new LinkedHashMap<>();
        charged.put("flows", usage.charged().records());
        charged.put("packets", unsigned(usage.charged().packets()));
        charged.put("octets", unsigned(usage.charged().octets()));
        json.put("charged", charged);
        json.put("ledger", json(usage.rows()));
        json.put("corrections", json(usage.corrections()));
        json.put("scaled_overflows", usage.scaledOverflows());
        return json;
    }

    private static Map<String, @Nullable Object> json(Audit.Corrections corrections) {
        Map<String, @Nullable Object> json = json(corrections.rows());
        json.put("balanced", corrections.isBalanced());
        return json;
    }

    private static Map<String, @Nullable Object> json(LedgerSums rows) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("rows", rows.rows());
        json.put("files", rows.files());
        json.put("flows", rows.flows());
        json.put("packets", rows.packets());
        json.put("octets", rows.octets());
        return json;
    }

    private static Map<String, @Nullable Object> json(Audit.Exporter exporter) {
        ExporterReport report = exporter.report();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("exporter", report.exporter());
        json.put("port", report.sourcePort());
        json.put("domain", report.domain());
        json.put("protocol", label(report.protocol()));
        json.put("transport", report.transport().label());
        json.put("unit", label(report.unit()));
        json.put("received", report.received());
        json.put("missing", report.missing());
        json.put("records", report.records());
        json.put("options_records", report.optionsRecords());
        json.put("datagrams", report.datagrams());
        json.put("templates", report.templates());
        json.put("resets", report.resets());
        json.put("held_sets", report.heldSets());
        json.put("total_flows", report.totalFlows());
        json.put("forgotten_totals", report.forgottenTotals());
        json.put("clamped_times", report.clampedTimes());
        json.put("clock_skew_ms", report.clockSkewMs());
        json.put("clock_skew_max_ms", report.clockSkewMaxMs());
        json.put("last_arrival", time(report.lastArrivalMs() * 1_000));
        SequenceJson.put(json, report);
        json.put("collector", exporter.collector());
        AuditOfAgents.put(json, exporter);
        SflowReport sflow = report.sflow();
        if (sflow != null) {
            json.put("sflow", json(sflow));
        }
        return json;
    }

    private static Map<String, @Nullable Object> json(Audit.Client client) {
        ClientReport report = client.report();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("client", report.client());
        json.put("nas", report.nas());
        json.put("requests", report.requests());
        json.put("accounted", report.accounted());
        json.put("duplicates", report.duplicates());
        Map<String, @Nullable Object> rejected = new LinkedHashMap<>();
        report.rejected().forEach((reason, packets) -> rejected.put(reason.label(), packets));
        json.put("rejected", rejected);
        json.put("sessions", report.sessions());
        json.put("open_sessions", report.openSessions());
        json.put("counter_wraps", report.wraps());
        json.put("counter_resets", report.resets());
        json.put("late", report.late());
        json.put("clamped_times", report.clampedTimes());
        json.put("boots", report.boots());
        json.put("last_arrival", time(report.heardMs() * 1_000));
        json.put("added_up", report.retired());
        json.put("collector", client.collector());
        return json;
    }

    private static Map<String, @Nullable Object> json(SflowReport sflow) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("agent", sflow.agent());
        json.put("flow_samples", sflow.flowSamples());
        json.put("missing_samples", sflow.missingSamples());
        json.put("drops", sflow.drops());
        json.put("effective_rate", sflow.effectiveRate());
        json.put("counter_samples", sflow.counterSamples());
        json.put("discarded_packets", sflow.discardedPackets());
        json.put("other_samples", sflow.otherSamples());
        json.put("not_followed", sflow.notFollowed());
        json.put("sources", sflow.sources().stream().map(AuditCommand::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(SampleSource source) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("class", source.sourceClass());
        json.put("index", source.sourceIndex());
        json.put("sampling_rate", source.samplingRate());
        json.put("effective_rate", source.effectiveRate());
        json.put("samples", source.samples());
        json.put("missing", source.missing());
        json.put("drops", source.drops());
        return json;
    }

    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static @Nullable String time(long micros) {
        return micros == 0 ? null : Instant.ofEpochMilli(micros / 1_000).toString();
    }
}
