package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.Processes;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code narwhal demo}: what it will do is settled here; {@link Demo} does it. */
@Command(
        name = "demo",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Show the whole thing live on this machine: exporters, crashes, books.",
            "",
            "Starts a node of its own in a temporary directory, sends it NetFlow v5, v9 and IPFIX"
                + " over loopback, kills its processes without warning (SIGKILL) while it works,"
                + " and then compares the usage with what was sent, key by key. Needs no"
                + " configuration, no network and no privileges; takes half a minute. Ctrl-C cleans"
                + " up."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:usage is exactly what was sent, and the books balance",
            "1:it is not, or the demo could not run: the difference is printed",
            "2:wrong options"
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal demo",
            "  narwhal demo --duration 60 --rate 200000 --data ./demo"
        })
final class DemoCommand implements Callable<Integer> {
    private static final long DEFAULT_RATE = 50_000;
    private static final int SECONDS_MAX = 3_600;
    private static final int KILLS_MAX = 10_000;
    private static final String LOOPBACK = "127.0.0.1";

    /** How long a collector may be away on a slow machine. */
    private static final double AWAY_SECONDS = 2;

    private final Console console;
    private final Disk disk = Disk.system();

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "25",
            description = "Seconds of traffic. Default ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description =
                    "Records a second. Default 50000, or what this kernel's receive queue can hold"
                            + " while a collector is away.")
    private @Nullable Long rate;

    @Option(
            names = "--kills",
            paramLabel = "N",
            description =
                    "Processes to kill while traffic runs: collector, accounting and output in"
                            + " turn, the node manager twice. Default about one a second; 0 kills"
                            + " none.")
    private @Nullable Integer kills;

    @Option(
            names = "--keep",
            description = "Keep the directory at the end, to look at it with the other commands.")
    private boolean keep;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Work in this new or empty directory, and keep it.")
    private @Nullable Path data;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        check(seconds >= 1 && seconds <= SECONDS_MAX, "--duration can be 1 to " + SECONDS_MAX);
        check(rate == null || rate >= 1 && rate <= 10_000_000, "--rate can be 1 to 10000000");
        check(
                kills == null || kills >= 0 && kills <= KILLS_MAX,
                "--kills can be 0 to " + KILLS_MAX);
        var queue = ReceiveQueue.probe(LOOPBACK);
        Path directory = directory();
        var settings =
                new Demo.Settings(
                        directory,
                        data != null || keep,
                        queue.port(),
                        seconds,
                        rate(queue),
                        kills == null ? Math.max(0, seconds - 2) : kills);
        return new Demo(settings, console, disk).run() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private long rate(ReceiveQueue queue) {
        long wanted = Objects.requireNonNullElse(rate, DEFAULT_RATE);
        long most = queue.recordsPerSecondMax(Demo.RECORDS_PER_DATAGRAM, AWAY_SECONDS);
        if (wanted <= most || kills != null && kills == 0) {
            return wanted;
        }
        long taken = rate == null ? most : wanted;
        console.err()
                .println(
                        "narwhal: this kernel queues only "
                                + queue.bytes() / 1024
                                + " KiB for a socket: too little for "
                                + wanted
                                + " records/s while a killed collector starts again. "
                                + (rate == null
                                        ? "Sending " + taken + " records/s instead."
                                        : "The kernel may drop some; the books will tell.")
                                + " To raise it: sysctl -w net.core.rmem_max=33554432");
        return taken;
    }

    private Path directory() {
        if (data == null) {
            Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
            return temporary.resolve("narwhal-demo-" + Processes.system().self().pid());
        }
        Path directory = console.directory().resolve(data).toAbsolutePath().normalize();
        check(
                disk.list(directory).isEmpty(),
                "--data: " + directory + " is not empty; name a new directory");
        return directory;
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }
}
