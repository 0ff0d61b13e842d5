package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.RadiusPlan;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.TrafficSource.Progress;
import io.narwhal.generate.Truth;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code narwhal generate}: a traffic source with known totals. */
@Command(
        name = "generate",
        sortOptions = false,
        usageHelpAutoWidth = true,
        mixinStandardHelpOptions = true,
        description = {
            "Sends NetFlow, IPFIX and sFlow, or RADIUS accounting, with known totals, for trials"
                    + " and benchmarks.",
            "",
            "Each exporter has an address of its own (127.0.0.11, .12, ... to a loopback target)"
                    + " and a domain. The same options with the same --start make the same bytes."
        },
        footer = {
            "",
            "Example: a million records at 100,000 a second, and what they add up to:",
            "  narwhal generate --target 127.0.0.1:2055 --records 1000000 --rate 100000 \\",
            "      --truth truth.csv",
            "",
            "Example: 1000 sessions by RADIUS, each request sent until it is answered:",
            "  narwhal generate --protocols radius --target 127.0.0.1:1813 \\",
            "      --secret-file radius.secret --sessions 1000 --truth truth.json",
            "",
            "Exit codes: 0 all sent, and by RADIUS all answered or given up (or stopped by"
                + " SIGINT/SIGTERM: what was sent is reported), 1 sending failed, 2 wrong options."
        })
public final class GenerateCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    /** What flows and RADIUS have in common; all others belong to one of them. */
    private static final Set<String> COMMON =
            Set.of(
                    "--target",
                    "--protocols",
                    "--rate",
                    "--duration",
                    "--start",
                    "--seed",
                    "--truth",
                    "--format");

    /** How a summary is printed. */
    enum Format {
        table,
        json
    }

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--target",
            paramLabel = "HOST:PORT",
            description =
                    "Where to send to; [ADDRESS]:PORT for IPv6. Default 127.0.0.1:2055, with radius"
                            + " 127.0.0.1:1813.")
    private @Nullable String target;

    @Option(
            names = {"--protocols", "--protocol"},
            paramLabel = "P",
            split = ",",
            defaultValue = "v5,v9,ipfix",
            description =
                    "What the exporters speak, in rotation: v1, v5, v7, v9, ipfix, sflow. Or radius"
                            + " alone: access servers. Default ${DEFAULT-VALUE}.")
    private List<String> protocols = List.of();

    @Mixin private TransportOptions transport = new TransportOptions();

    @Option(
            names = "--exporters",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many exporters, up to 200. Default ${DEFAULT-VALUE}.")
    private int exporters;

    @Option(
            names = "--records",
            paramLabel = "N",
            description = "Records to send in all. Default 1000000, or by --duration.")
    private @Nullable Long records;

    @Option(
            names = "--duration",
            paramLabel = "T",
            description = "Instead of --records: how long, as 20s, 5m or PT1H.")
    private @Nullable String duration;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Records, or requests, a second; 0 = as fast as it goes. Default"
                            + " ${DEFAULT-VALUE}.")
    private long rate;

    @Option(
            names = "--records-per-datagram",
            paramLabel = "N",
            defaultValue = "24",
            description = "At most 30 with v5, 27 with v7, 24 with v1. Default ${DEFAULT-VALUE}.")
    private int recordsPerDatagram;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "Different pairs of source and destination address. Default ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--ipv6-percent",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "Share of IPv6 in pairs and v9, IPFIX and sFlow records. Default"
                            + " ${DEFAULT-VALUE}.")
    private int ipv6Percent;

    @Option(
            names = "--template-refresh",
            paramLabel = "N",
            defaultValue = "500",
            description =
                    "Templates are repeated every N datagrams of an exporter. Default"
                            + " ${DEFAULT-VALUE}.")
    private int templateRefresh;

    @Option(
            names = "--templates-once",
            paramLabel = "E",
            split = ",",
            description = "These exporters (counted from 0) send their templates only once.")
    private Set<Integer> templatesOnce = Set.of();

    @Option(
            names = "--templates-after",
            paramLabel = "N",
            defaultValue = "0",
            description = "N datagrams go before the first templates. Default ${DEFAULT-VALUE}.")
    private int templatesAfter;

    @Option(
            names = "--withhold-every",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Leave every Nth datagram out but count it in the sequence, so that it is"
                            + " missing; 0 = none. Default ${DEFAULT-VALUE}.")
    private int withholdEvery;

    @Option(
            names = "--sampling-rate",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "What sFlow says that a sample stands for; the truth counts samples as they"
                            + " are. Default ${DEFAULT-VALUE}.")
    private int samplingRate;

    @Option(
            names = "--start",
            paramLabel = "TIME",
            description =
                    "The time of the first datagram, or at which the first session ends, as"
                            + " 2026-01-31T12:00:00Z. Default now.")
    private @Nullable String start;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the mix of flows or sessions. Default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--truth",
            paramLabel = "FILE",
            description =
                    "Write octets, packets and flows of each address pair there, as CSV; with"
                            + " radius, of each session what was answered and what was sent, as"
                            + " JSON.")
    private @Nullable Path truthFile;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description =
                    "The summary on standard output: ${COMPLETION-CANDIDATES}. Default"
                            + " ${DEFAULT-VALUE}.")
    private Format format = Format.table;

    @Mixin private RadiusOptions radius = new RadiusOptions();

    /** Made by the command line. */
    public GenerateCommand() {}

    @Override
    public Integer call() {
        boolean sessions = protocols.equals(List.of(RadiusOptions.PROTOCOL));
        refuseOptionsOfTheOther(sessions);
        return sessions ? radius() : flows();
    }

    private void refuseOptionsOfTheOther(boolean sessions) {
        for (OptionSpec option : command().getParseResult().matchedOptions()) {
            String name = option.longestName();
            boolean ofRadius = RadiusOptions.NAMES.contains(name);
            if (!COMMON.contains(name) && ofRadius != sessions) {
                throw new ParameterException(
                        command(),
                        name
                                + " means "
                                + (sessions
                                        ? "nothing with radius"
                                        : "something with" + " --protocols radius only"));
            }
        }
    }

    private int radius() {
        try {
            long durationMs = duration == null ? 0 : DurationText.ms("--duration", duration);
            RadiusPlan plan =
                    radius.plan(address(), durationMs)
                            .requestsPerSecond(rate)
                            .startMs(startMs(start))
                            .seed(seed)
                            .build();
            var run = new GenerateRadius(command(), plan, truthFile, format);
            return run.call(radius.secret(), Clock.system());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command(), String.valueOf(e.getMessage()), e);
        } catch (UncheckedIOException | DiskFailure e) {
            err().println("narwhal generate: " + e.getMessage());
            return 1;
        }
    }

    private int flows() {
        TrafficPlan plan = plan();
        Clock clock = Clock.system();
        try (TrafficSource source = transport.open(plan, clock)) {
            return send(source, clock);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command(), String.valueOf(e.getMessage()), e);
        } catch (UncheckedIOException | DiskFailure e) {
            err().println("narwhal generate: " + e.getMessage());
            return 1;
        }
    }

    private int send(TrafficSource source, Clock clock) {
        try (var _ = new StopOnSignal(source::stop)) {
            long start = clock.monotonicNanos();
            long cpuBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            Truth truth = source.run(this::progress);
            long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBefore;
            long elapsed = clock.monotonicNanos() - start;
            if (truthFile != null) {
                writeTruth(truth, truthFile);
            }
            summary(truth, elapsed / NANOS, cpu / NANOS);
            return 0;
        }
    }

    private TrafficPlan plan() {
        try {
            TrafficPlan.Builder builder =
                    TrafficPlan.to(address())
                            .protocols(
                                    transport
                                            .protocols(command(), protocols)
                                            .map(Protocol::of)
                                            .toArray(Protocol[]::new))
                            .exporters(exporters)
                            .recordsPerSecond(rate)
                            .recordsPerDatagram(recordsPerDatagram)
                            .pairs(pairs)
                            .ipv6Percent(ipv6Percent)
                            .templateRefreshDatagrams(templateRefresh)
                            .templatesOnce(templatesOnce)
                            .templatesAfterDatagrams(templatesAfter)
                            .withholdEvery(withholdEvery)
                            .samplingRate(samplingRate)
                            .startMs(startMs(start))
                            .seed(seed);
            howMuch(builder);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command(), String.valueOf(e.getMessage()), e);
        }
    }

    private void howMuch(TrafficPlan.Builder builder) {
        if (duration != null) {
            builder.durationMs(DurationText.ms("--duration", duration));
        }
        if (records != null) {
            builder.records(records);
        }
    }

    private InetSocketAddress address() {
        boolean sessions = protocols.equals(List.of(RadiusOptions.PROTOCOL));
        String text = target != null ? target : sessions ? "127.0.0.1:1813" : "127.0.0.1:2055";
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.isEmpty()) {
            throw new IllegalArgumentException("--target is '" + text + "'; write HOST:PORT");
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--target: the port in '" + text + "' is none", e);
        }
    }

    private static long startMs(@Nullable String text) {
        try {
            return text == null
                    ? Clock.system().wallMicros() / 1_000
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "--start is '" + text + "'; write it as 2026-01-31T12:00:00Z", e);
        }
    }

    private void progress(Progress progress) {
        err().printf(
                        Locale.ROOT,
                        "%,d records in %,d datagrams, %.1f s, %,d records/s%n",
                        progress.records(),
                        progress.datagrams(),
                        progress.elapsedNanos() / NANOS,
                        progress.recordsPerSecond());
        err().flush();
    }

    private static void writeTruth(Truth truth, Path path) {
        StringBuilder text = new StringBuilder();
        truth.writeCsv(text);
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text.toString());
        try (DiskFile file = Disk.system().open(path, Disk.Mode.REPLACE)) {
            file.write(bytes, 0);
        }
    }

    private void summary(Truth truth, double seconds, double cpuSeconds) {
        PrintWriter out = command().getOut();
        switch (format) {
            case table -> table(out, truth, seconds, cpuSeconds);
            case json ->
                    out.printf(
                            Locale.ROOT,
                            "{%n  \"seconds\": %.3f,%n  \"cpu_seconds\": %.3f,%n  %s%n}%n",
                            seconds,
                            cpuSeconds,
                            truth.jsonMembers());
        }
        out.flush();
    }

    private static void table(PrintWriter out, Truth truth, double seconds, double cpuSeconds) {
        String row = "%-16s %-8s %6s %12s %14s %16s %12s %s%n";
        out.printf(
                row,
                "EXPORTER",
                "PROTOCOL",
                "DOMAIN",
                "DATAGRAMS",
                "RECORDS",
                "OCTETS",
                "PACKETS",
                "MISSING");
        for (Truth.Exporter e : truth.exporters()) {
            out.printf(
                    row,
                    e.address().isEmpty() ? "port " + e.port() : e.address(),
                    e.protocol().label(),
                    e.domain(),
                    e.datagrams(),
                    e.records(),
                    e.octets(),
                    e.packets(),
                    e.missing() == 0 ? "0" : e.missing() + " " + e.protocol().sequenceUnit());
        }
        out.printf(
                row,
                "total",
                "",
                "",
                truth.datagrams(),
                truth.records(),
                truth.octets(),
                truth.packets(),
                "");
        out.printf(
                Locale.ROOT,
                "%.1f s, %,d records/s, %.2f s CPU%n",
                seconds,
                (long) (truth.records() / Math.max(seconds, 1e-9)),
                cpuSeconds);
    }

    private CommandLine command() {
        if (spec == null) {
            throw new IllegalStateException("made by the command line, which sets the spec");
        }
        return spec.commandLine();
    }

    private PrintWriter err() {
        return command().getErr();
    }
}
