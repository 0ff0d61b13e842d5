package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The promise, on real processes: whatever is killed, however often, every record is counted
 * exactly once (R20, R23, R34).
 */
class KillIT {
    private static final long RECORDS = 1_600_000;
    private static final int RATE = 60_000;
    private static final int KILLS_EACH = 11;
    private static final int MANAGER_KILLS = 4;
    private static final int WITHHOLD_EVERY = 997;
    private static final List<String> COMPONENTS = List.of("flows", "accounting", "ledger");

    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            accounting: { threads: 3 }
            collectors:
              flows: { protocol: netflow, listen: "[::]:%d", sockets: 3 }
            usage:
              by-pair:     { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s }
              by-exporter: { keys: [exporter, domain], bin: 1m, close-after: 5m }
            outputs:
              ledger: { type: parquet }
            """;

    @Test
    void everyRecordIsCountedOnceWhateverIsKilled(@TempDir Path directory) throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            Truth truth;
            var kills = new HashMap<String, Integer>();
            try (var source = TrafficSource.open(plan(node.port()), Clock.system())) {
                var sending = CompletableFuture.supplyAsync(() -> source.run(ignored -> {}));
                killAll(node, sending, kills);
                truth = sending.get();
            }
            assertThat(kills.get("manager")).isGreaterThanOrEqualTo(3);
            assertThat(COMPONENTS)
                    .allSatisfy(name -> assertThat(kills.get(name)).isGreaterThanOrEqualTo(10));
            assertThat(truth.records()).isGreaterThanOrEqualTo(1_000_000);

            node.awaitReady();
            // What the kernel still queues must find its way through the drain all the same.
            for (String name : COMPONENTS) {
                kill(node, name, kills);
            }
            Program.Result drained = node.command("drain");
            assertThat(drained.exitCode()).as("%s %s", drained.err(), node.log()).isZero();
            assertBooksAre(node, truth);
            assertUsageIsTheTruth(node, truth);
            assertThat(node.stop()).isZero();
            System.out.println(
                    "KillIT: " + truth.records() + " records, kills: " + kills + ", exact");
        }
    }

    private static TrafficPlan plan(int port) {
        return TrafficPlan.to(new InetSocketAddress("127.0.0.1", port))
                .exporters(6)
                .records(RECORDS)
                .recordsPerSecond(RATE)
                .templatesOnce(Set.of(1))
                .withholdEvery(WITHHOLD_EVERY)
                .startMs(System.currentTimeMillis())
                .build();
    }

    // In turn, as fast as they come back: what was killed last time runs again when its turn comes.
    private static void killAll(
            RunningNode node, CompletableFuture<Truth> sending, Map<String, Integer> kills)
            throws IOException, InterruptedException {
        COMPONENTS.forEach(name -> kills.put(name, 0));
        kills.put("manager", 0);
        for (int turn = 0; !sending.isDone(); turn++) {
            Thread.sleep(300);
            if (turn % 12 == 11 && kills.get("manager") < MANAGER_KILLS) {
                node.killManager();
                kills.merge("manager", 1, Integer::sum);
                // A component that dies while no manager is there waits for the next one.
                kill(node, COMPONENTS.get(kills.get("manager") % 3), kills);
                Thread.sleep(200);
                node.startAgain();
            } else {
                String victim = COMPONENTS.get(turn % 3);
                if (kills.get(victim) < KILLS_EACH + MANAGER_KILLS) {
                    kill(node, victim, kills);
                }
            }
        }
    }

    private static void kill(RunningNode node, String name, Map<String, Integer> kills)
            throws IOException {
        if (node.component(name).map(ProcessHandle::destroyForcibly).orElse(false)) {
            kills.merge(name, 1, Integer::sum);
        }
    }

    private static void assertUsageIsTheTruth(RunningNode node, Truth truth) throws Exception {
        Program.Result usage =
                node.command("usage", "by-pair", "--by", "src_addr,dst_addr", "--format", "csv");
        assertThat(usage.exitCode()).as(usage.err()).isZero();
        var expected = new StringWriter();
        truth.writeCsv(expected);
        assertThat(difference(usage.out(), expected.toString()))
                .as("rows that are not the truth; the node said: %s", node.log())
                .isEmpty();
    }

    // At the most ten: thousands would tell no more.
    private static List<String> difference(String is, String should) {
        Map<String, String> found = byPair(is);
        Map<String, String> expected = byPair(should);
        var pairs = new TreeSet<>(expected.keySet());
        pairs.addAll(found.keySet());
        return pairs.stream()
                .filter(pair -> !Objects.equals(found.get(pair), expected.get(pair)))
                .map(pair -> pair + ": " + found.get(pair) + ", should be " + expected.get(pair))
                .limit(10)
                .toList();
    }

    private static Map<String, String> byPair(String csv) {
        Map<String, String> rows = new HashMap<>();
        for (String line : csv.lines().skip(1).toList()) {
            int end = line.indexOf(',', line.indexOf(',') + 1);
            rows.put(line.substring(0, end), line.substring(end + 1));
        }
        return rows;
    }

    private static void assertBooksAre(RunningNode node, Truth truth) throws Exception {
        JsonNode books = node.json("audit", "--format", "json");
        assertThat(books.path("balanced").asBoolean()).isTrue();
        assertThat(books.path("received").path("records").asLong())
                .as("received; the node said: %s", node.log())
                .isEqualTo(truth.records());
        assertThat(books.path("accounted").path("records").asLong()).isEqualTo(truth.records());
        assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(truth.octets());
        assertThat(books.path("accounted").path("packets").asLong()).isEqualTo(truth.packets());
        for (String none : List.of("held", "duplicate", "rejected", "in_process")) {
            assertThat(books.path(none).path("records").asLong()).as(none).isZero();
        }
        Map<String, Long> missing = new HashMap<>();
        for (JsonNode exporter : books.path("exporters")) {
            missing.put(
                    exporter.path("exporter").asString() + " " + exporter.path("domain").asLong(),
                    exporter.path("missing").asLong());
        }
        for (Truth.Exporter exporter : truth.exporters()) {
            assertThat(missing)
                    .as("missing of %s", exporter)
                    .containsEntry(
                            exporter.address() + " " + exporter.domain(), exporter.missing());
        }
        assertThat(missing).hasSameSizeAs(truth.exporters());
    }
}
