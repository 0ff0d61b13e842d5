package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.cli.Fault.Kind;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code narwhal torture}: what it will do is settled here; {@link Torture} does it. */
@Command(
        name = "torture",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Torture a node under load, and hold what it accounted against what was sent.",
            "",
            "Starts a node of its own in a scratch directory, on loopback: collectors of flows by"
                + " UDP (NetFlow v5, v9, IPFIX) and by TCP (IPFIX), of RADIUS requests, accounting,"
                + " ledger, node manager, a process each. Exporters send flows with known totals;"
                + " access servers send each request until it is answered, and some again."
                + " Meanwhile faults happen by a plan that follows from the seed alone:",
            "",
            "  kill     a component is killed (SIGKILL)",
            "  term     a component is asked to end (SIGTERM)",
            "  storm    several processes are killed at once, up to all of them",
            "  manager  the node manager is killed, and started again within a second",
            "  pause    a process is halted (SIGSTOP), and goes on before it counts as hung",
            "  hang     a process is halted until it counts as hung",
            "  disk     the disk is full, to the last byte, for seconds (needs root: the data lies"
                    + " on a tmpfs of its own)",
            "  clock    the node's wall clock steps, by up to 6 hours, back or forth (the machine's"
                    + " clock is not touched)",
            "  tear     a component is killed and its files torn before it starts again: garbage,"
                    + " zeros or half a frame behind the end of a journal, the newest checkpoint"
                    + " changed or cut, half-written temporary files",
            "",
            "At the end the node drains, and every key is compared: records, packets and octets of"
                    + " each exporter and each pair of addresses, each answered request, octets and"
                    + " packets of each session.",
            "",
            "Not among the faults is what is documented to lose something: the keeper killed with"
                + " all other processes (the kernel's queue goes with the last holder of the"
                + " socket), the collector of TCP connections together with the node manager (the"
                + " connections break), a power cut (the last commit interval), damage to what was"
                + " forced to the disk, a clock stepped by more than a journal's retention."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:usage is exactly what was sent, and the books balance",
            "1:it is not, or the torture could not be carried out",
            "2:wrong options"
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal torture --seed 1 --minutes 5",
            "  narwhal torture --seed 1 --minutes 5 --plan",
            "  narwhal torture --seed 7 --minutes 1 --faults kill,manager,clock --keep"
        })
final class TortureCommand implements Callable<Integer> {
    private static final double MINUTES_MAX = 24 * 60;
    private static final long RATE_DEFAULT = 10_000;
    private static final String LOOPBACK = "127.0.0.1";
    private static final String LOOPBACK_IPV6 = "::1";

    /** How long a collector may be away: hung, its disk full, its manager gone, one by one. */
    private static final double AWAY_SECONDS = 20;

    private final Console console;
    private final Disk disk = Disk.system();

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "What the plan and the traffic follow from. Default: one that is printed, and"
                            + " never the same.")
    private @Nullable Long seed;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "5",
            description = "How long, also as 0.5. There are some 30 faults a minute. Default 5.")
    private double minutes;

    @Option(
            names = "--faults",
            paramLabel = "LIST",
            split = ",",
            description = "Which kinds, separated by commas. Default: all of the above.")
    private List<String> faults = List.of();

    @Option(
            names = "--rate",
            paramLabel = "N",
            description =
                    "Flow records a second by UDP; a quarter of it comes by TCP, and a twentieth as"
                            + " RADIUS requests. Default 10000, or what this kernel's receive queue"
                            + " can hold while a collector is away.")
    private @Nullable Long rate;

    @Option(names = "--plan", description = "Print the plan, and do nothing.")
    private boolean planOnly;

    @Option(
            names = "--keep",
            description = "Keep the directory at the end, to look at it with the other commands.")
    private boolean keep;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Work in this new or empty directory, and keep it.")
    private @Nullable Path data;

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    TortureCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        check(minutes > 0 && minutes <= MINUTES_MAX, "--minutes can be more than 0, up to 1440");
        check(rate == null || rate >= 100 && rate <= 1_000_000, "--rate can be 100 to 1000000");
        Set<Kind> kinds = kinds();
        long lengthMs = Math.round(minutes * 60_000);
        // Any number does, and this one is another the next time.
        long drawn = seed != null ? seed : Clock.system().wallMicros() % 1_000_000_000;
        var plan = TorturePlan.of(drawn, lengthMs, kinds);
        if (planOnly) {
            print(plan);
            return ExitCode.OK;
        }
        return torture(plan, kinds, lengthMs);
    }

    private int torture(TorturePlan plan, Set<Kind> kinds, long lengthMs) throws IOException {
        var queue = ReceiveQueue.probe(LOOPBACK);
        var ports =
                new TortureFiles.Ports(
                        queue.port(), streamsPort(), ReceiveQueue.probe(LOOPBACK).port());
        long records = rate(queue);
        var settings =
                new Torture.Settings(
                        plan,
                        kinds,
                        new TortureFiles(directory()),
                        ports,
                        data != null || keep,
                        lengthMs,
                        records,
                        isTold(),
                        replay(plan.seed(), records));
        if (isTold()) {
            console.err().println("Torture with " + settings.replay());
        }
        var torture = new Torture(settings, console, disk);
        boolean exact = torture.run();
        var report = torture.report();
        if (report != null && printing.format == Format.JSON) {
            Json.write(console.out(), report.json());
        } else if (report != null) {
            report.print(console.out());
        }
        return exact ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static boolean isTold() {
        return System.console() != null && System.console().isTerminal();
    }

    private Set<Kind> kinds() {
        if (faults.isEmpty()) {
            return EnumSet.allOf(Kind.class);
        }
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String label : faults) {
            kinds.add(kind(label));
        }
        return kinds;
    }

    private Kind kind(String label) {
        String known =
                Arrays.stream(Kind.values()).map(Kind::label).collect(Collectors.joining(", "));
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.label().equals(label.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ParameterException(
                                        Objects.requireNonNull(spec).commandLine(),
                                        "--faults: no fault is called '"
                                                + label
                                                + "'; there are "
                                                + known));
    }

    private long rate(ReceiveQueue queue) {
        long most = queue.recordsPerSecondMax(TortureLoad.RECORDS_PER_DATAGRAM, AWAY_SECONDS);
        if (rate == null) {
            return Math.min(RATE_DEFAULT, most);
        }
        if (rate > most) {
            console.err()
                    .println(
                            "narwhal: this kernel queues only "
                                    + queue.bytes() / 1024
                                    + " KiB for a socket: at "
                                    + rate
                                    + " records/s it may drop some while a collector is away; the"
                                    + " books will tell. To raise it: sysctl -w"
                                    + " net.core.rmem_max=33554432");
        }
        return rate;
    }

    private int streamsPort() {
        try {
            return ReceiveQueue.probe(LOOPBACK_IPV6).port();
        } catch (NetFailure e) {
            console.err()
                    .println(
                            "narwhal: without IPv6 on loopback there is no collector of TCP"
                                    + " connections: "
                                    + e.getMessage());
            return 0;
        }
    }

    private String replay(long usedSeed, long usedRate) {
        return String.format(
                Locale.ROOT,
                "narwhal torture --seed %d --minutes %s --rate %d%s",
                usedSeed,
                minutes == Math.rint(minutes) ? Long.toString((long) minutes) : minutes,
                usedRate,
                faults.isEmpty() ? "" : " --faults " + String.join(",", faults));
    }

    private Path directory() {
        if (data == null) {
            Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
            return temporary.resolve("narwhal-torture-" + Processes.system().self().pid());
        }
        Path directory = console.directory().resolve(data).toAbsolutePath().normalize();
        check(
                disk.list(directory).isEmpty(),
                "--data: " + directory + " is not empty; name a new directory");
        return directory;
    }

    private void print(TorturePlan plan) throws IOException {
        if (printing.format == Format.JSON) {
            Json.write(console.out(), json(plan));
            return;
        }
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.number("no"),
                        Column.number("second"),
                        Column.text("kind"),
                        Column.text("fault"))) {
            for (TorturePlan.Planned one : plan.faults()) {
                rows.row(
                        one.number(),
                        String.format(Locale.ROOT, "%.2f", one.atMs() / 1_000.0),
                        one.fault().kind().label(),
                        one.fault().text());
            }
        }
    }

    private static Map<String, Object> json(TorturePlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("seed", plan.seed());
        json.put(
                "faults",
                plan.faults().stream()
                        .map(
                                one -> {
                                    Map<String, Object> fault = new LinkedHashMap<>();
                                    fault.put("number", one.number());
                                    fault.put("at_ms", one.atMs());
                                    fault.put("kind", one.fault().kind().label());
                                    fault.put("fault", one.fault().text());
                                    return fault;
                                })
                        .toList());
        return json;
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }
}
