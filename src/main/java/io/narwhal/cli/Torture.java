package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.Processes;
import io.narwhal.base.SharedPage;
import io.narwhal.base.SteppedClock;
import io.narwhal.cli.Fault.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A node of its own, traffic whose sums are known, faults by a plan, and at the end what was sent
 * against what was accounted.
 */
final class Torture {
    private static final long LOOK_MS = 20;
    private static final long TELL_MS = 5_000;

    /** Beyond the planned time, for faults that had to wait. */
    private static final long LATE_MS_MAX = 300_000;

    private static final long DISK_BYTES = 300L << 20; // DuckDB's library takes 60 MB of it
    private static final long DISK_BYTES_A_SECOND = 2L << 20;

    private final Settings settings;
    private final Console console;
    private final Disk disk;
    private final Clock clock = Clock.system();
    private final TrialRun run;
    private final TortureFiles files;
    private final NodeConfig config;
    private final TrialNode node;
    private final TortureDisk room;
    private final Shell shell;
    private final SharedPage wall;
    private @Nullable TortureFaults faults;
    private @Nullable TortureLoad load;
    private @Nullable TortureReport report;
    private boolean broken = true;
    private long logBytes;

    /**
     * What to do.
     *
     * @param files in a directory that is new or empty
     * @param keep whether it stays
     * @param rate flow records a second by UDP
     * @param told whether each fault is told as it happens
     */
    record Settings(
            TorturePlan plan,
            Set<Kind> kinds,
            TortureFiles files,
            TortureFiles.Ports ports,
            boolean keep,
            long lengthMs,
            long rate,
            boolean told,
            String replay) {}

    /** Writes the files of the node. */
    Torture(Settings settings, Console console, Disk disk) {
        this.settings = settings;
        this.console = console;
        this.disk = disk;
        this.files = settings.files();
        files.write(disk, settings.ports());
        this.config =
                switch (ConfigLoader.load(files.configuration())) {
                    case Loaded.Valid(var valid, var _) -> valid;
                    case Loaded.Invalid(var problems) -> throw new ConfigurationRejected(problems);
                };
        this.run = new TrialRun(console, "the tortured processes", this::cleanUp);
        this.shell = new Shell(Processes.system(), clock, files.directory().resolve("shell.log"));
        this.room = new TortureDisk(disk, shell, files);
        this.wall = SteppedClock.page(disk, files.clock());
        this.node =
                new TrialNode(
                        config,
                        disk,
                        Processes.system(),
                        clock,
                        List.of("-D" + SteppedClock.PROPERTY + "=" + files.clock()));
    }

    /** Does it; whether everything was exact. */
    boolean run() throws IOException {
        return run.carryOut(this::torture);
    }

    /** What was found; null when it did not come to that. */
    @Nullable TortureReport report() {
        return report;
    }

    private boolean torture() throws IOException {
        if (settings.kinds().contains(Kind.DISK)) {
            room.mount(DISK_BYTES + settings.lengthMs() / 1_000 * DISK_BYTES_A_SECOND);
        }
        node.start();
        node.awaitReady();
        tell("the node is ready: a node manager and " + node.components().size() + " components");
        var injected = injection();
        faults = injected;
        var traffic = new TortureLoad(settings.ports(), settings.rate(), seed(), clock);
        load = traffic;
        traffic.begin();
        long ms = inject(injected, traffic);
        tell("faults are over; the node drains");
        node.awaitReady();
        TortureLoad.Truths truths = traffic.end();
        node.drain();
        NodeStatus status = NodeStatus.of(config, disk, Processes.system());
        node.stop();
        var verdict = new TortureProof(config, disk, truths).verdict();
        report = new TortureReport(settings, injected, verdict, truths, status, ms);
        broken = !verdict.isExact();
        return verdict.isExact();
    }

    private long seed() {
        return settings.plan().seed();
    }

    private TortureFaults injection() {
        return new TortureFaults(
                settings.plan(),
                new TortureFaults.Machine(
                        node,
                        Processes.system(),
                        clock,
                        shell,
                        room,
                        wall,
                        new TortureDamage(disk, config),
                        settings.ports().streams() != 0));
    }

    // The traffic goes on until the last fault is over, and then a little.
    private long inject(TortureFaults injected, TortureLoad traffic) throws IOException {
        long start = clock.monotonicNanos();
        long ms = 0;
        long toldMs = 0;
        while (ms < settings.lengthMs() || !injected.isOver()) {
            run.goOn();
            if (traffic.hasFailed()) {
                traffic.end(); // throws what it was
            }
            ms = (clock.monotonicNanos() - start) / 1_000_000;
            for (String line : injected.look(ms)) {
                tell(seconds(ms) + line);
            }
            if (ms - toldMs >= TELL_MS) {
                toldMs = ms;
                tell(seconds(ms) + progress(injected, traffic));
            }
            if (ms > settings.lengthMs() + LATE_MS_MAX) {
                throw new TrialNode.Failed("faults could not be done in time, see " + files.log());
            }
            clock.sleepMillis(LOOK_MS);
        }
        return ms;
    }

    private String progress(TortureFaults injected, TortureLoad traffic) {
        return String.format(
                Locale.ROOT,
                "%d of %d faults; about %,d records and requests sent, %,d accounted",
                injected.count(),
                settings.plan().faults().size(),
                traffic.records(),
                node.accounted());
    }

    private static String seconds(long ms) {
        return String.format(Locale.ROOT, "%7.2f s  ", ms / 1_000.0);
    }

    private void tell(String line) throws IOException {
        run.goOn();
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        var mode = disk.exists(files.log()) ? Disk.Mode.WRITE : Disk.Mode.CREATE;
        try (DiskFile log = disk.open(files.log(), mode)) {
            log.write(ByteBuffer.wrap(bytes), logBytes);
            logBytes += bytes.length;
        }
        if (settings.told()) {
            console.err().println(line);
        }
    }

    private void cleanUp() {
        if (faults != null) {
            faults.stop();
        }
        node.endAll();
        if (load != null) {
            load.close();
        }
        wall.close();
        if (settings.keep()) {
            tellKept();
            return;
        }
        boolean tells = broken && !run.isInterrupted();
        if (tells) {
            room.rescue(new NodeLayout(config.data()).logs(), files.directory().resolve("log"));
        }
        room.unmount();
        DemoFiles.remove(disk, files.data());
        if (tells) {
            console.err().println("The logs are left in " + files.directory());
        } else {
            DemoFiles.remove(disk, files.directory());
        }
    }

    private void tellKept() {
        console.err().println("Kept. Try: narwhal audit --config " + files.configuration());
        if (room.isMounted()) {
            console.err()
                    .println(
                            "Its data is in memory, in a file system of its own. Free it with:"
                                    + " umount "
                                    + files.data());
        }
    }
}
