package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * R21: what is stopped on purpose stays stopped although the node manager is killed, and whatever
 * is stopped, started, restarted and halted under traffic, every record is counted once.
 */
class StartStopIT {
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s }
            outputs:
              ledger: { type: parquet }
            """;

    /** So slow that the smallest queue of a socket holds what comes while its collector rests. */
    private static final int RATE = 300;

    private static final int RECORDS_MAX = 60 * RATE;

    @Test
    void whatIsStoppedStaysStoppedAndNothingIsLost(@TempDir Path directory) throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            var enough = new AtomicBoolean();
            var sending = CompletableFuture.supplyAsync(() -> send(node.port(), enough));
            stopsAndStays(node);
            startsAgain(node);
            restarts(node);
            haltedOnesEnd(node);
            enough.set(true);
            Truth truth = sending.get();
            drainWaitsForWhatIsStopped(node);
            isExact(node, truth);
            assertThat(node.stop()).isZero();
        }
    }

    private static Truth send(int port, AtomicBoolean enough) {
        var plan =
                TrafficPlan.to(new InetSocketAddress("127.0.0.1", port))
                        .exporters(3)
                        .records(RECORDS_MAX)
                        .recordsPerSecond(RATE)
                        .pairs(50)
                        .startMs(System.currentTimeMillis())
                        .build();
        try (var source = TrafficSource.open(plan, Clock.system())) {
            return source.run(
                    ignored -> {
                        if (enough.get()) {
                            source.stop();
                        }
                    });
        }
    }

    private static void stopsAndStays(RunningNode node) throws Exception {
        Program.Result stop =
                node.command(
                        "stop", "accounting", "flows", "--reason", "a trial", "--format", "json");
        assertThat(stop.exitCode()).as("%s %s", stop.err(), node.log()).isZero();
        assertThat(node.component("flows")).isEmpty();
        assertThat(node.component("accounting")).isEmpty();
        node.killManager();
        assertThat(node.command("stop", "ledger").err()).contains("holds from the next start");
        node.startAgain();
        node.awaitReady();
        await().atMost(Duration.ofSeconds(20)).until(() -> node.component("ledger").isEmpty());

        JsonNode status = node.json("status", "--format", "json");
        assertThat(status.path("ready").asBoolean()).isTrue();
        for (JsonNode one : status.path("components")) {
            assertThat(one.path("state").asString()).as("%s", one).isEqualTo("stopped");
            assertThat(one.path("desired").asString()).isEqualTo("stopped");
            assertThat(one.path("pid").isNull()).isTrue();
            assertThat(one.path("restarts").asInt()).isZero();
        }
        assertThat(status.path("components").get(0).path("stopped").path("reason").asString())
                .isEqualTo("a trial");
    }

    private static void startsAgain(RunningNode node) throws Exception {
        done(node, "start", "flows", "accounting", "ledger");
        assertThat(node.json("status", "--format", "json").path("ready").asBoolean()).isTrue();
    }

    private static void restarts(RunningNode node) throws Exception {
        long before = pid(node, "flows");
        done(node, "restart", "flows", "--reason", "a new certificate");
        assertThat(pid(node, "flows")).isNotEqualTo(before);
        JsonNode flows = node.json("status", "--format", "json").path("components").get(0);
        assertThat(flows.path("restarts").asInt()).isZero();
        assertThat(flows.path("last_end").asString()).contains("a new certificate");
    }

    private static void haltedOnesEnd(RunningNode node) throws Exception {
        long halted = pid(node, "accounting");
        new ProcessBuilder("kill", "-STOP", Long.toString(halted)).start().waitFor();
        done(node, "stop", "accounting", "--timeout", "20"); // it would be killed after 30
        JsonNode accounting = node.json("status", "--format", "json").path("components").get(1);
        assertThat(accounting.path("last_end").isNull()).as("%s", accounting).isTrue();
    }

    private static void drainWaitsForWhatIsStopped(RunningNode node) throws Exception {
        Process drain = node.begin("drain");
        try (var told = drain.errorReader()) {
            String line = told.readLine();
            while (line != null && !line.contains("run: narwhal start accounting")) {
                line = told.readLine();
            }
            assertThat(line).as("it waits; %s", node.log()).isNotNull();
            done(node, "start", "accounting");
            String rest = String.join("\n", told.readAllLines());
            assertThat(drain.waitFor()).as("%s %s", rest, node.log()).isZero();
        } finally {
            drain.destroyForcibly();
        }
    }

    private static void done(RunningNode node, String... command) throws Exception {
        Program.Result result = node.command(command);
        assertThat(result.exitCode())
                .as("%s: %s %s %s", List.of(command), result.out(), result.err(), node.log())
                .isZero();
    }

    private static long pid(RunningNode node, String name) throws IOException {
        return node.component(name).orElseThrow().pid();
    }

    private static void isExact(RunningNode node, Truth truth) throws Exception {
        JsonNode books = node.json("audit", "--format", "json");
        assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
        assertThat(books.path("accounted").path("records").asLong())
                .as("%s", books)
                .isEqualTo(truth.records());
        Program.Result usage =
                node.command("usage", "by-pair", "--by", "src_addr,dst_addr", "--format", "csv");
        var expected = new StringWriter();
        truth.writeCsv(expected);
        assertThat(usage.out().lines().skip(1).sorted().toList())
                .as("%s", usage.err())
                .isEqualTo(expected.toString().lines().skip(1).sorted().toList());
    }
}
