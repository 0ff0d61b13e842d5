package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The demonstration: a node, traffic whose sums are known, processes that are killed while they
 * work, and at the end the comparison.
 */
final class Demo {
    /** In each datagram of the demo. */
    static final int RECORDS_PER_DATAGRAM = 24;

    private static final int PAIRS = 10_000;
    private static final long LOOK_MS = 20;
    private static final String HOST = "127.0.0.1";

    private final Settings settings;
    private final Console console;
    private final Disk disk;
    private final Clock clock = Clock.system();
    private final TrialNode node;
    private final NodeConfig config;
    private final BlockingQueue<TrafficSource.Progress> ticks = new ArrayBlockingQueue<>(16);
    private final TrialRun run;
    private long accountedBefore;

    /**
     * What to show.
     *
     * @param directory new or empty
     * @param keep whether it stays
     * @param port free, on loopback
     * @param seconds of traffic
     * @param rate records a second
     * @param kills while traffic runs
     */
    record Settings(Path directory, boolean keep, int port, int seconds, long rate, int kills) {}

    /** Writes the files of the node. */
    Demo(Settings settings, Console console, Disk disk) {
        this.settings = settings;
        this.console = console;
        this.disk = disk;
        DemoFiles.write(disk, settings.directory(), settings.port());
        Path file = settings.directory().resolve(ConfigOption.FILE_NAME);
        this.config =
                switch (ConfigLoader.load(file)) {
                    case Loaded.Valid(var valid, var _) -> valid;
                    case Loaded.Invalid(var problems) -> throw new ConfigurationRejected(problems);
                };
        this.run = new TrialRun(console, "the demo's processes", this::cleanUp);
        this.node = new TrialNode(config, disk, Processes.system(), clock, List.of());
    }

    /** Shows it; whether all was as it must be. */
    boolean run() throws IOException {
        return run.carryOut(this::show);
    }

    private boolean show() throws IOException {
        introduce();
        node.start();
        node.awaitReady();
        say("The node is ready: node manager, collector, accounting and output, a process each.");
        say("");
        var victims = new DemoVictims(node, settings.kills(), settings.seconds());
        Truth sent = traffic(victims);
        say("");
        say(
                String.format(
                        Locale.ROOT,
                        "The traffic is over: %,d records in %,d datagrams were sent. Now the"
                            + " node%ndrains: it takes no more in, accounts all, closes every bin"
                            + " and delivers.",
                        sent.records(),
                        sent.datagrams()));
        node.awaitReady();
        node.drain();
        node.stop();
        say("");
        return new DemoProof(console, disk, config, sent, victims).show();
    }

    private void introduce() throws IOException {
        say("Narwhal demo: network usage accounting that loses nothing.");
        say("");
        for (String line : introduction().lines().toList()) {
            say(line);
        }
        say("");
        say(
                "Directory: "
                        + settings.directory()
                        + (settings.keep() ? "" : " (removed at the end)"));
    }

    private String introduction() {
        String kills =
                settings.kills() == 0
                        ? "No process is killed this time."
                        : "Meanwhile the node's processes are killed without warning (SIGKILL),"
                                + " one\n"
                                + "after the other, and the node starts them again.";
        return String.format(
                Locale.ROOT,
                """
                For %d seconds, three exporters (NetFlow v5, NetFlow v9, IPFIX) send %,d records a
                second to UDP port %d of this machine: %,d pairs of addresses, %d customers.
                %s
                At the end every sum is compared with what was sent.
                """,
                settings.seconds(),
                settings.rate(),
                settings.port(),
                PAIRS,
                DemoFiles.CUSTOMERS.size(),
                kills);
    }

    private Truth traffic(DemoVictims victims) throws IOException {
        var plan =
                TrafficPlan.to(new InetSocketAddress(HOST, settings.port()))
                        .pairs(PAIRS)
                        .recordsPerDatagram(RECORDS_PER_DATAGRAM)
                        .recordsPerSecond(settings.rate())
                        .durationMs(settings.seconds() * 1_000L)
                        .startMs(clock.wallMicros() / 1_000)
                        .build();
        say(line("time", "sent", "accounted", "records/s", "what happens"));
        try (var source = TrafficSource.open(plan, clock)) {
            var sending = Sending.begin("exporters", () -> source.run(ticks::offer));
            try {
                watch(sending, victims);
            } finally {
                source.stop();
                sending.await();
            }
            return sending.result();
        }
    }

    // One line a second; the deaths are looked after more often.
    private void watch(Sending<Truth> sending, DemoVictims victims) throws IOException {
        long start = clock.monotonicNanos();
        List<String> news = new ArrayList<>();
        while (!sending.isOver()) {
            run.goOn();
            news.addAll(victims.look(millisSince(start)));
            TrafficSource.Progress progress = ticks.poll();
            if (progress == null) {
                clock.sleepMillis(LOOK_MS);
            } else {
                tell(progress, news);
                news.clear();
            }
        }
        while (!victims.isQuiet()) {
            run.goOn();
            news.addAll(victims.settle(millisSince(start)));
            clock.sleepMillis(LOOK_MS);
        }
        for (String one : news) {
            say(line("", "", "", "", one));
        }
    }

    private long millisSince(long start) {
        return (clock.monotonicNanos() - start) / 1_000_000;
    }

    private void tell(TrafficSource.Progress progress, List<String> news) throws IOException {
        long accounted = node.accounted();
        long gained = Math.max(0, accounted - accountedBefore);
        accountedBefore = accounted;
        say(
                line(
                        progress.elapsedNanos() / 1_000_000_000 + " s",
                        number(progress.records()),
                        number(accounted),
                        number(gained),
                        news.isEmpty() ? "" : news.getFirst()));
        for (String one : news.stream().skip(1).toList()) {
            say(line("", "", "", "", one));
        }
    }

    private static String line(
            String time, String sent, String accounted, String rate, String news) {
        return String.format(
                        Locale.ROOT, "%5s %12s %12s %11s   %s", time, sent, accounted, rate, news)
                .stripTrailing();
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private void say(String line) throws IOException {
        run.goOn();
        console.out().write(line + "\n");
        console.out().flush();
    }

    private void cleanUp() {
        node.endAll();
        if (settings.keep()) {
            console.err()
                    .println(
                            "Kept. Try: narwhal usage by-customer --by customer --config "
                                    + config.source().file());
        } else {
            DemoFiles.remove(disk, settings.directory());
        }
    }
}
