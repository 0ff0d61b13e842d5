package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Four policies by thresholds, on four links of two agents and two managers that get the same
 * traffic: what is fetched when (docs/operations/configuration.md, policies).
 */
class TransferPolicyIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration EVERY = Duration.ofMillis(400); // each look is a process
    private static final long FEW = 5_000;
    private static final long BATCH = 20_000;
    private static final long MANY = 90_000; // a tenth of the capacity and more
    private static final int RATE = 40_000;

    @TempDir private Path directory;

    private static final String EDGE =
            """
            node: @name
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:@flows" }
            serve: { listen: "127.0.0.1:@serve", managers: [m1, m2], tls: none }
            journals: { received: { segment: 16MiB, capacity: 32MiB } }
            """;

    /** It only passes on what it pulls, so it needs no accounting. */
    private static final String M1 =
            """
            node: m1
            data: ./data
            pull:
              edge-1: { address: "127.0.0.1:@edge1", every: @poll, thresholds: { fill: 0% }, tls: none }
              edge-2: { address: "127.0.0.1:@edge2", every: 1h, thresholds: { fill: 0%, records: 1 }, tls: none }
            serve: { listen: "127.0.0.1:@serve", managers: [centre], tls: none }
            """;

    private static final String M2 =
            """
            node: m2
            data: ./data
            pull:
              edge-1: { address: "127.0.0.1:@edge1", every: 1h, thresholds: { fill: 0%, records: @batch }, tls: none }
              edge-2: { address: "127.0.0.1:@edge2", every: 1h, thresholds: { fill: 10%, clear: 5% }, tls: none }
            serve: { listen: "127.0.0.1:@serve", managers: [centre], tls: none }
            """;

    @BeforeAll
    static void isAskedFor() {
        LongRun.only(TransferPolicyIT.class, "AgentTest shows thresholds and what is asked");
    }

    @Test
    void eachPolicyFetchesWhenItSays() throws Exception {
        int flows1 = RunningNode.freePort();
        int flows2 = RunningNode.freePort();
        int serve1 = PlacedNode.freePort();
        int serve2 = PlacedNode.freePort();
        var ports = Map.of("edge1", serve1, "edge2", serve2, "poll", "1h", "batch", BATCH);
        try (var edge1 = edge("edge-1", flows1, serve1);
                var edge2 = edge("edge-2", flows2, serve2);
                var m1 =
                        PlacedNode.start(
                                directory.resolve("m1"), M1.replace("@serve", port()), ports);
                var m2 =
                        PlacedNode.start(
                                directory.resolve("m2"), M2.replace("@serve", port()), ports)) {
            List.of(edge1, edge2, m1, m2).forEach(PlacedNode::awaitReady);
            awaitLinked(m1, "edge-1");
            awaitLinked(m1, "edge-2");
            awaitLinked(m2, "edge-1");
            awaitLinked(m2, "edge-2");

            send("few", flows1, flows2, FEW);
            awaitRecords("near real time", m1, "edge-2", FEW);
            assertThat(records(m1, "edge-1")).as("polling only").isZero();
            assertThat(records(m2, "edge-1")).as("batch").isZero();
            assertThat(records(m2, "edge-2")).as("safety net").isZero();

            send("batch", flows1, flows2, BATCH);
            awaitRecords("batch", m2, "edge-1", BATCH);
            awaitRecords("near real time", m1, "edge-2", FEW + BATCH);
            assertThat(records(m1, "edge-1")).as("polling only").isZero();
            assertThat(records(m2, "edge-2")).as("safety net").isZero();

            send("many", flows1, flows2, MANY);
            awaitRecords("near real time", m1, "edge-2", FEW + BATCH + MANY);
            awaitRecords("safety net", m2, "edge-2", BATCH);
            assertThat(records(m1, "edge-1")).as("polling only").isZero();

            assertThat(asked(m1, "edge-2")).as("near real time").containsExactly("record_count");
            assertThat(asked(m2, "edge-1")).as("batch").containsExactly("record_count");
            assertThat(pulls(m2, "edge-1"))
                    .as("batch: far less often than near real time")
                    .isLessThan(pulls(m1, "edge-2"));
            assertThat(asked(m2, "edge-2")).as("safety net").contains("approaching");
            assertThat(asked(m1, "edge-1")).as("polling only").isEmpty();

            m1.stop();
            m1.startAgain(
                    PlacedNode.filled(
                            M1.replace("1h", "@poll").replace("@serve", port()),
                            Map.of("edge1", serve1, "edge2", serve2, "poll", "500ms")));
            m1.awaitReady();
            awaitRecords("polling only", m1, "edge-1", FEW + BATCH + MANY);

            assertThat(asked(m1, "edge-1")).as("polling only").isEmpty();
            assertThat(pulls(m1, "edge-1")).as("polling only").isPositive();
        }
    }

    private PlacedNode edge(String name, int flows, int serve) throws IOException {
        return PlacedNode.start(
                directory.resolve(name),
                EDGE,
                Map.of("name", name, "flows", flows, "serve", serve));
    }

    private static String port() throws IOException {
        return "" + PlacedNode.freePort();
    }

    private void send(String name, int first, int second, long records) throws Exception {
        Routers both = start(name + "-1", first, records);
        start(name + "-2", second, records).await();
        both.await();
    }

    private Routers start(String name, int port, long records) throws IOException {
        return Routers.start(
                directory,
                List.of(),
                name,
                "127.0.0.1:" + port,
                "--records",
                "" + records,
                "--rate",
                "" + RATE);
    }

    private static void awaitLinked(PlacedNode manager, String link) {
        await().atMost(LONG)
                .pollInterval(EVERY)
                .until(() -> manager.link(link).path("state").asString().equals("ready"));
    }

    private static void awaitRecords(String policy, PlacedNode manager, String link, long count) {
        await().alias(policy + " fetches " + count)
                .atMost(LONG)
                .pollInterval(EVERY)
                .until(() -> records(manager, link) >= count);
    }

    /** For which reasons the agent has asked to be pulled. */
    private static Set<String> asked(PlacedNode manager, String link) throws Exception {
        return Set.copyOf(manager.link(link).path("requests").propertyNames());
    }

    private static long pulls(PlacedNode manager, String link) throws Exception {
        return manager.link(link).path("pulls").asLong();
    }

    private static long records(PlacedNode manager, String link) throws Exception {
        return manager.link(link).path("records").asLong();
    }
}
