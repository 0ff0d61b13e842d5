package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.endtoend.FaultyProxy.Fault;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An agent and its managers as real processes on one machine, with a network between them that is
 * anything but good: what is killed and whatever is cut, every record is counted exactly once, and
 * wherever the chain is cut the result is the same.
 */
class TransferIT {
    private static final long SEED = Long.getLong("transfer.seed", 20261123L);
    private static final long RECORDS = 1_000_000;
    private static final int RATE = 40_000;
    private static final int KILLS_EACH = 10;
    private static final Fault[] FAULTS = {
        Fault.DELAY, Fault.RESET, Fault.CUT, Fault.HALF_OPEN, Fault.CORRUPT, Fault.SLOW, Fault.NONE
    };

    @TempDir private Path directory;

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
            restart: { delay: 100ms }
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
            restart: { delay: 100ms }
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
            restart: { delay: 100ms }
            """;

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
            var routers = routers("127.0.0.1:" + flows, RECORDS, RATE);
            var kills = new TreeMap<String, Integer>();
            killInTurn(routers, kills, edge, accounts, books);
            routers.await();
            toAccounts.calm();
            toBooks.calm();
            List.of(edge, accounts, books).forEach(PlacedNode::awaitReady);
            for (PlacedNode node : List.of(edge, accounts, books)) {
                node.drain();
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
            assertThat(kills.get("serve")).isGreaterThanOrEqualTo(KILLS_EACH);
            assertThat(kills.get("accounts pull")).isGreaterThanOrEqualTo(KILLS_EACH);
            assertThat(kills.get("books pull")).isGreaterThanOrEqualTo(KILLS_EACH);
            System.out.println(
                    "TransferIT: "
                            + routers.truth().flows()
                            + " records three times, exact; kills "
                            + kills
                            + ", connections "
                            + toAccounts.happened()
                            + " and "
                            + toBooks.happened());
        }
    }

    // In turn, as fast as they come back, until the traffic ends and each was killed often enough.
    private static void killInTurn(
            Routers routers,
            Map<String, Integer> kills,
            PlacedNode edge,
            PlacedNode accounts,
            PlacedNode books)
            throws IOException, InterruptedException {
        List.of("serve", "accounts pull", "books pull").forEach(name -> kills.put(name, 0));
        boolean enough = false;
        for (int turn = 0; routers.areSending() || !enough; turn++) {
            Thread.sleep(250);
            switch (turn % 9) {
                case 0, 4 -> kill(edge, "serve", "serve", kills);
                case 1, 5 -> kill(accounts, "pull", "accounts pull", kills);
                case 2, 6 -> kill(books, "pull", "books pull", kills);
                case 3 -> kill(edge, turn % 2 == 0 ? "accounting" : "flows", "others", kills);
                case 7 -> kill(accounts, turn % 2 == 0 ? "accounting" : "ledger", "others", kills);
                case 8 -> killManager(List.of(edge, accounts, books).get(turn / 9 % 3), kills);
                default -> throw new AssertionError(turn);
            }
            enough =
                    kills.get("serve") >= KILLS_EACH
                            && kills.get("accounts pull") >= KILLS_EACH
                            && kills.get("books pull") >= KILLS_EACH;
        }
    }

    private static void kill(
            PlacedNode node, String component, String name, Map<String, Integer> kills)
            throws IOException {
        if (node.kill(component)) {
            kills.merge(name, 1, Integer::sum);
        }
    }

    private static void killManager(PlacedNode node, Map<String, Integer> kills)
            throws IOException, InterruptedException {
        if (kills.merge("manager", 1, Integer::sum) > 3) {
            return; // a node manager takes a second to start, and its components wait for it
        }
        node.killManager();
        node.startAgain();
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
}
