package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.generate.RadiusPlan;
import io.narwhal.generate.RadiusSource;
import io.narwhal.generate.RadiusTruth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * The promise of RADIUS, on real processes (R7, R9, R20, R23, R30): whatever is killed, however
 * often, every request that was answered is accounted exactly once, and nothing else is.
 */
class RadiusKillIT {
    private static final byte[] SECRET = "a secret for killing".getBytes(StandardCharsets.UTF_8);
    private static final List<String> COMPONENTS = List.of("acct", "accounting", "ledger");
    private static final int KILLS_EACH = 10;
    private static final int MANAGER_KILLS = 3;
    private static final int ANSWERS_MAX = 3_000;
    private static final int WAIT_MS_MAX = 3_000;
    private static final int PAUSE_MS_MAX = 150;
    private static final int TURNS_MAX = 200;
    private static final long SEED =
            Long.getLong("kill.seed", System.currentTimeMillis() % 1_000_000);

    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              acct:
                protocol: radius
                listen: "127.0.0.1:%d"
                clients: [ { address: 127.0.0.0/8, secret-file: ./radius.secret } ]
            usage:
              by-session: { keys: [session_id, direction], bin: 1h, close-after: 1h }
            outputs:
              ledger: { type: parquet }
            """;

    private final Random random = new Random(SEED);
    private final Map<String, Integer> kills = new HashMap<>();

    @Test
    void everyAnsweredRequestIsAccountedOnceWhateverIsKilled(@TempDir Path directory)
            throws Exception {
        System.out.println("RadiusKillIT: -Dkill.seed=" + SEED);
        Files.write(directory.resolve("radius.secret"), SECRET);
        try (var node = RunningNode.start(directory, CONFIG)) {
            RadiusTruth truth;
            try (var source = RadiusSource.open(plan(node.port()), SECRET, Clock.system())) {
                var reporting =
                        CompletableFuture.supplyAsync(
                                () -> source.run(_ -> {}),
                                runs -> Thread.ofPlatform().daemon().start(runs));
                try {
                    killAll(node, source);
                } finally {
                    source.finish();
                }
                truth = reporting.get();
            }
            node.awaitReady();
            Program.Result drained = node.command("drain");
            assertThat(drained.exitCode()).as("%s %s", drained.err(), node.log()).isZero();
            assertBooksAre(node, truth);
            assertUsageIsTheTruth(node, truth);
            assertThat(node.stop()).isZero();
            System.out.println("RadiusKillIT: " + truth.totals() + ", kills: " + kills + ", exact");
        }
    }

    // Retransmissions come soon, and one answered request in twenty is sent again all the same.
    private static RadiusPlan plan(int port) {
        return RadiusPlan.to(new InetSocketAddress("127.0.0.1", port))
                .sessions(RadiusPlan.SESSIONS_MAX)
                .interims(6)
                .timeoutMs(200)
                .duplicatePercent(5)
                .startMs(System.currentTimeMillis())
                .seed(SEED)
                .build();
    }

    // After so many answers, not so much time, that a slow machine has something to lose, too. But
    // not for ever: what starts may be killed as well.
    private void killAll(RunningNode node, RadiusSource source)
            throws IOException, InterruptedException {
        for (int turn = 0; turn < TURNS_MAX && !isDone(); turn++) {
            await(source, source.answers() + random.nextInt(ANSWERS_MAX));
            Thread.sleep(random.nextInt(PAUSE_MS_MAX));
            if (turn % 10 == 9 && count("manager") < MANAGER_KILLS) {
                node.killManager();
                kills.merge("manager", 1, Integer::sum);
                // A component that dies while no manager is there waits for the next one.
                kill(node, COMPONENTS.get(count("manager") % COMPONENTS.size()));
                Thread.sleep(random.nextInt(PAUSE_MS_MAX));
                node.startAgain();
            } else {
                kill(node, COMPONENTS.get(turn % COMPONENTS.size()));
            }
        }
        assertThat(isDone()).as("%s; the node said: %s", kills, node.log()).isTrue();
    }

    private static void await(RadiusSource source, long answers) throws InterruptedException {
        for (int waitedMs = 0; waitedMs < WAIT_MS_MAX && source.answers() < answers; waitedMs++) {
            Thread.sleep(1);
        }
    }

    private boolean isDone() {
        return COMPONENTS.stream().allMatch(name -> count(name) >= KILLS_EACH)
                && count("manager") >= MANAGER_KILLS;
    }

    private int count(String name) {
        return kills.getOrDefault(name, 0);
    }

    private void kill(RunningNode node, String name) throws IOException {
        if (node.component(name).map(ProcessHandle::destroyForcibly).orElse(false)) {
            kills.merge(name, 1, Integer::sum);
        }
    }

    private static void assertBooksAre(RunningNode node, RadiusTruth truth) throws Exception {
        RadiusTruth.Totals totals = truth.totals();
        assertThat(totals.answered()).isEqualTo(totals.requests()).isGreaterThan(10_000);
        assertThat(totals.answeredDuplicates()).isEqualTo(totals.duplicates()).isPositive();
        JsonNode books = node.json("audit", "--format", "json");
        assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
        long received = records(books, "received");
        long duplicates = records(books, "duplicate");
        assertThat(records(books, "accounted"))
                .as("%s; the node said: %s", totals, node.log())
                .isEqualTo(totals.requests());
        assertThat(received).isEqualTo(totals.requests() + duplicates);
        assertThat(duplicates).isBetween(totals.duplicates(), totals.datagrams());
        for (String none : List.of("held", "rejected", "in_process")) {
            assertThat(records(books, none)).as(none).isZero();
        }
        assertThat(totals.falseAnswers()).isZero();
    }

    private static long records(JsonNode books, String which) {
        return books.path(which).path("records").asLong();
    }

    private static void assertUsageIsTheTruth(RunningNode node, RadiusTruth truth)
            throws Exception {
        Program.Result usage =
                node.command(
                        "usage", "by-session", "--by", "session_id,direction", "--format", "csv");
        assertThat(usage.exitCode()).as(usage.err()).isZero();
        Map<String, String> found = byKey(usage.out());
        List<String> differences = new ArrayList<>();
        truth.forEachSession(
                session -> {
                    RadiusTruth.Reported is = session.answered();
                    String id = session.id();
                    differ(differences, found, id + ",up", is.upOctets(), is.upPackets());
                    differ(differences, found, id + ",down", is.downOctets(), is.downPackets());
                });
        found.forEach((key, sums) -> differences.add(key + ": " + sums + ", was never sent"));
        // At the most ten: thousands would tell no more.
        assertThat(differences.stream().limit(10).toList())
                .as("rows that are not the truth; the node said: %s", node.log())
                .isEmpty();
    }

    /** Takes the row away. A session that has used nothing yet may have none. */
    private static void differ(
            List<String> differences,
            Map<String, String> found,
            String key,
            long octets,
            long packets) {
        String is = found.remove(key);
        String should = octets + "," + packets;
        if (!should.equals(is == null ? "0,0" : is)) {
            differences.add(key + ": " + is + ", should be " + should);
        }
    }

    private static Map<String, String> byKey(String csv) {
        Map<String, String> rows = new HashMap<>();
        for (String line : csv.lines().skip(1).toList()) {
            String[] cells = line.split(",");
            rows.put(cells[0] + "," + cells[1], cells[2] + "," + cells[3]);
        }
        return rows;
    }
}
