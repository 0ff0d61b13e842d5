package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.endtoend.FaultyProxy.Fault;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * An agent and its managers as real processes on one machine, with a network between them that is
 * anything but good: what is killed and whatever is cut, every record is counted exactly once, and
 * wherever the chain is cut the result is the same.
 */
class TransferIT {
    private static final long SEED = Long.getLong("transfer.seed", 20261123L);
    private static final long RECORDS = 1_000_000;
    private static final int RATE = 30_000;
    private static final int KILLS_EACH = 6;
    private static final long PACE_MS = 50;
    private static final int FAULTS_MIN = 8;
    private static final int WORKS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Fault[] FAULTS = {
        Fault.DELAY, Fault.RESET, Fault.CUT, Fault.HALF_OPEN, Fault.CORRUPT, Fault.SLOW, Fault.NONE
    };

    @TempDir private Path directory;
    private final long began = System.nanoTime();

    private static final String EDGE =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:@flows", sockets: 2 }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s }
            outputs:
              ledger: { type: parquet }
            serve: { listen: "127.0.0.1:@serve", managers: [accounts, books], tls: @pki/edge-1 }
            restart: { delay: 100ms, delay-max: 400ms }
            """;

    /** Cut at the received journal: accounted here. */
    private static final String ACCOUNTS =
            """
            node: accounts
            data: ./data
            pull:
              edge-1: { address: "127.0.0.1:@proxy", every: 500ms, thresholds: { records: 20000, retry: 1s }, tls: @pki/accounts }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s }
            outputs:
              ledger: { type: parquet }
            restart: { delay: 100ms, delay-max: 400ms }
            """;

    /** Cut at the usage journal: accounted at the edge, delivered here. */
    private static final String BOOKS =
            """
            node: books
            data: ./data
            pull:
              edge-1: { address: "127.0.0.1:@proxy", journal: usage, every: 500ms, tls: @pki/books }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s }
            outputs:
              ledger: { type: parquet }
            restart: { delay: 100ms, delay-max: 400ms }
            """;

    @BeforeAll
    static void isAskedFor() {
        LongRun.only(TransferIT.class, "HostsIT and PullLoopTest show the most of it");
    }

    @Test
    void theUsageIsTheSameWhereverTheChainIsCutAndWhateverIsKilled() throws Exception {
        System.out.println("TransferIT: -Dtransfer.seed=" + SEED);
        Path pki = certificates("edge-1", "accounts", "books");
        int flows = RunningNode.freePort();
        int serve = PlacedNode.freePort();
        try (var toAccounts = FaultyProxy.before(serve, SEED, FAULTS);
                var toBooks = FaultyProxy.before(serve, SEED + 1, FAULTS);
                var edge =
                        node("edge-1", EDGE, Map.of("flows", flows, "serve", serve, "pki", pki));
                var accounts =
                        node("accounts", ACCOUNTS, Map.of("proxy", toAccounts.port(), "pki", pki));
                var books = node("books", BOOKS, Map.of("proxy", toBooks.port(), "pki", pki))) {
            List.of(edge, accounts, books).forEach(PlacedNode::awaitReady);
            say("ready");
            var routers = routers("127.0.0.1:" + flows, RECORDS, RATE);
            var victims =
                    List.of(
                            new Victim(edge, "serve", 20_000, toAccounts, toBooks),
                            new Victim(accounts, "pull", 20_000, toAccounts),
                            new Victim(books, "pull", 5_000, toBooks));
            // A connection without a fault would stay for good: the next one draws again.
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(700))
                    .until(
                            () -> {
                                toAccounts.reset();
                                toBooks.reset();
                                return toAccounts.faults() + toBooks.faults() >= FAULTS_MIN;
                            });
            say("faults " + toAccounts.happened() + " and " + toBooks.happened());
            killInTurn(routers, victims, List.of(edge, accounts, books));
            routers.await();
            say("traffic has ended; killed: " + victims);
            toAccounts.calm();
            toBooks.calm();
            List.of(edge, accounts, books).forEach(PlacedNode::awaitReady);
            for (PlacedNode node : List.of(edge, accounts, books)) {
                node.drain();
                say("drained " + node.directory().getFileName());
            }

            Tally uncut = edge.usage("by-pair");
            assertThat(edge.usage("by-pair", "src_addr", "dst_addr").difference(routers.truth()))
                    .as("uncut")
                    .isEmpty();
            assertThat(accounts.usage("by-pair").difference(uncut)).as("cut at received").isEmpty();
            assertThat(books.usage("by-pair").difference(uncut)).as("cut at usage").isEmpty();
            for (PlacedNode node : List.of(edge, accounts, books)) {
                assertThat(node.isBalanced()).as("%s", node.log()).isTrue();
            }
            assertThat(isEnough(victims)).as("%s", victims).isTrue();
            say(
                    routers.truth().flows()
                            + " records three times, exact; connections "
                            + toAccounts.happened()
                            + " and "
                            + toBooks.happened());
        }
    }

    // Until the traffic ends and each was killed often enough. Who is killed has done something
    // since the last time, or nothing would ever flow; in between dies whatever else there is.
    private static void killInTurn(Routers routers, List<Victim> victims, List<PlacedNode> nodes)
            throws IOException, InterruptedException {
        int kills = 0;
        while (routers.areSending() || !isEnough(victims)) {
            Thread.sleep(PACE_MS);
            for (Victim victim : victims) {
                if (victim.isDue() && victim.kill()) {
                    killAnother(kills++, nodes);
                }
            }
        }
    }

    private static void killAnother(int turn, List<PlacedNode> nodes)
            throws IOException, InterruptedException {
        switch (turn % 10) {
            case 1 -> nodes.getFirst().kill("flows");
            case 3 -> nodes.get(1).kill("accounting");
            case 5 -> nodes.getFirst().kill("accounting");
            case 7 -> nodes.get(2).kill("ledger");
            case 9 -> {
                PlacedNode node = nodes.get(turn / 10 % 3);
                node.killManager();
                node.startAgain();
            }
            default -> {} // one at a time is enough
        }
    }

    private static boolean isEnough(List<Victim> victims) {
        int pulls = 0;
        for (Victim victim : victims.subList(1, victims.size())) {
            pulls += victim.kills;
        }
        return victims.getFirst().kills >= KILLS_EACH && pulls >= KILLS_EACH;
    }

    /** One end of links, and what goes over them. */
    private static final class Victim {
        private final PlacedNode node;
        private final String component;
        private final List<FaultyProxy> links;
        private final long workBytes;
        private long pid;
        private long dead;
        private long sinceNanos;
        private long carried;
        private int kills;

        Victim(PlacedNode node, String component, long work, FaultyProxy... links) {
            this.workBytes = work;
            this.node = node;
            this.component = component;
            this.links = List.of(links);
        }

        private long carriedNow() {
            return links.stream().mapToLong(FaultyProxy::carriedBytes).sum();
        }

        // The longer the more often it has died: so much goes over its links, or it has had time.
        boolean isDue() throws IOException {
            long now = node.running(component).map(ProcessHandle::pid).orElse(0L);
            if (now == 0 || now == dead) {
                return false;
            }
            if (now != pid) {
                pid = now;
                sinceNanos = System.nanoTime();
                carried = carriedNow();
            }
            return carriedNow() - carried >= workBytes << kills % WORKS
                    || System.nanoTime() - sinceNanos >= PATIENCE.toNanos();
        }

        boolean kill() throws IOException {
            if (!node.kill(component)) {
                return false;
            }
            dead = pid;
            kills++;
            return true;
        }

        @Override
        public String toString() {
            return component + " of " + node.directory().getFileName() + " " + kills + " times";
        }
    }

    private PlacedNode node(String name, String yaml, Map<String, ?> values) throws IOException {
        return PlacedNode.start(directory.resolve(name), yaml, values);
    }

    private Path certificates(String... names) throws Exception {
        var made = Certificates.in(directory.resolve("pki"));
        for (String name : names) {
            made.issue(name);
        }
        return made.of(names[0]).getParent();
    }

    private Routers routers(String target, long records, int rate) throws IOException {
        return Routers.start(
                directory,
                List.of(),
                "routers",
                target,
                "--records",
                "" + records,
                "--rate",
                "" + rate,
                "--exporters",
                "6",
                "--pairs",
                "500");
    }

    private void say(String what) {
        long ms = Duration.ofNanos(System.nanoTime() - began).toMillis();
        System.out.println("TransferIT: " + ms / 1_000 + "." + ms % 1_000 / 100 + " s: " + what);
    }
}
