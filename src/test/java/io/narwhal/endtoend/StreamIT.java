package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Clock;
import io.narwhal.base.Tls;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * IPFIX over TCP and TLS, on real processes (R20, R63; RFC 7011 §10.4, §11): a connection outlives
 * the collector, an exporter waits while there is no room, and a stranger is not let in.
 */
class StreamIT {
    private static final Path TLS = Path.of("src/test/resources/tls").toAbsolutePath();

    private static TrafficPlan.Builder plan(String host, int port) {
        return TrafficPlan.to(new InetSocketAddress(host, port))
                .protocols(Protocol.IPFIX)
                .pairs(300)
                .startMs(System.currentTimeMillis());
    }

    /** Sends, and waits until the collector has taken everything and ended the connections. */
    private static Truth send(TrafficPlan plan, Tls tls) {
        try (var source = TrafficSource.connect(plan, tls, Clock.system())) {
            return source.run(ignored -> {});
        }
    }

    private static CompletableFuture<Truth> sending(TrafficPlan plan) {
        return CompletableFuture.supplyAsync(
                () -> send(plan, null), sender -> Thread.ofPlatform().start(sender));
    }

    private static void assertBooksAre(RunningNode node, long records, long octets)
            throws Exception {
        assertBooksAre(node, node.json("audit", "--format", "json"), records, octets);
    }

    private static void assertBooksAre(
            RunningNode node, JsonNode books, long records, long octets) {
        assertThat(books.path("balanced").asBoolean()).isTrue();
        for (String both : new String[] {"received", "accounted"}) {
            assertThat(books.path(both).path("records").asLong())
                    .as("%s; the node said: %s", both, node.log())
                    .isEqualTo(records);
            assertThat(books.path(both).path("octets").asLong()).as(both).isEqualTo(octets);
        }
        for (JsonNode exporter : books.path("exporters")) {
            assertThat(exporter.path("missing").asLong()).isZero();
        }
    }

    private static String message(RunningNode node, String component) throws Exception {
        for (JsonNode one : node.json("status", "--format", "json").path("components")) {
            if (one.path("name").asString().equals(component)) {
                return one.path("state").asString() + ": " + one.path("message").asString();
            }
        }
        throw new AssertionError(component);
    }

    @Test
    void aConnectionOutlivesTheCollectorThatIsKilled(@TempDir Path directory) throws Exception {
        String config =
                """
                node: edge-1
                collectors:
                  flows: { protocol: ipfix, transport: tcp, listen: "[::]:%d" }
                usage: { by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s } }
                """;
        try (var node = RunningNode.start(directory, config)) {
            var four =
                    sending(
                            plan("127.0.0.1", node.port())
                                    .exporters(4)
                                    .records(240_000)
                                    .recordsPerSecond(40_000)
                                    .build());
            var six =
                    sending(
                            plan("::1", node.port())
                                    .exporters(2)
                                    .records(60_000)
                                    .recordsPerSecond(10_000)
                                    .seed(7)
                                    .build());
            Thread.sleep(1_000); // what was accepted 0.1 s ago is kept
            long killed = 0;
            for (int kills = 0; kills < 4; kills++) {
                killed = killAnother(node, killed);
                Thread.sleep(300);
            }
            Truth first = four.get(60, TimeUnit.SECONDS);
            Truth second = six.get(60, TimeUnit.SECONDS);
            assertThat(node.log()).contains("6 sessions go on");

            assertBooksAre(
                    node,
                    node.awaitAccounted(first.records() + second.records()),
                    first.records() + second.records(),
                    first.octets() + second.octets());

            loseAConnection(node);
            Truth last = send(plan("::1", node.port()).exporters(1).records(24_000).build(), null);
            assertThat(node.command("drain").exitCode()).isZero();
            JsonNode books = node.json("audit", "--format", "json");
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(records(books, "::1")).isEqualTo(second.records() + last.records());
            assertThat(records(books, "127.0.0.14")).isEqualTo(first.records() / 4);
            assertThat(books.path("exporters"))
                    .allSatisfy(
                            one -> assertThat(one.path("transport").asString()).isEqualTo("tcp"))
                    .allSatisfy(one -> assertThat(one.path("port").asInt()).isZero());
        }
    }

    /** Kills the collector's process that came behind the one of that pid; its own pid. */
    private static long killAnother(RunningNode node, long before) {
        ProcessHandle collector =
                await().atMost(Duration.ofSeconds(20))
                        .until(
                                () -> node.component("flows").filter(one -> one.pid() != before),
                                Optional::isPresent)
                        .orElseThrow();
        collector.destroyForcibly();
        return collector.pid();
    }

    private static long records(JsonNode books, String address) {
        long records = 0;
        for (JsonNode exporter : books.path("exporters")) {
            boolean is = exporter.path("exporter").asString().equals(address);
            records += is ? exporter.path("records").asLong() : 0;
        }
        return records;
    }

    // Nobody is left who holds it: the exporter sees that, and the next connection is a session
    // anew.
    private static void loseAConnection(RunningNode node) throws Exception {
        var lost =
                sending(
                        plan("127.0.0.1", node.port())
                                .exporters(1)
                                .records(10_000_000)
                                .recordsPerSecond(20_000)
                                .build());
        Thread.sleep(500);
        node.killManager();
        node.component("flows").orElseThrow().destroyForcibly();
        assertThatThrownBy(() -> lost.get(20, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IOException.class);
        node.startAgain();
        node.awaitReady();
    }

    @Test
    void onlyWhoShowsACertificateThatWeTrustIsLetIn(@TempDir Path directory) throws Exception {
        for (String pem : new String[] {"edge.pem", "edge.key", "ca.pem"}) {
            Files.copy(TLS.resolve(pem), directory.resolve(pem));
        }
        String config =
                """
                node: edge-1
                collectors:
                  flows:
                    protocol: ipfix
                    transport: tls
                    listen: "127.0.0.1:%d"
                    tls: { certificate: ./edge.pem, key: ./edge.key, ca: ./ca.pem }
                usage: { by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s } }
                """;
        try (var node = RunningNode.start(directory, config)) {
            var plan = plan("127.0.0.1", node.port()).exporters(3).records(60_000).build();
            assertThatThrownBy(() -> send(many(plan), tls("stranger", "ca.pem")))
                    .isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> send(many(plan), tls("", "ca.pem")))
                    .isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> send(plan, tls("router", "stranger.pem")))
                    .as("the exporter does not trust the collector")
                    .isInstanceOf(UncheckedIOException.class);
            Truth truth = send(plan, tls("router", "ca.pem"));

            assertThat(message(node, "flows")).matches("running: 0 sessions, [789] refused by TLS");
            assertThat(node.log()).contains("ended: TLS: ");
            assertThat(node.command("drain").exitCode()).isZero();
            assertBooksAre(node, truth.records(), truth.octets());
        }
    }

    // A server refuses a certificate when the client's side has long begun to send.
    private static TrafficPlan many(TrafficPlan plan) {
        return plan("127.0.0.1", plan.target().getPort()).exporters(3).records(2_000_000).build();
    }

    private static Tls tls(String name, String ca) throws IOException {
        byte[] certificate = name.isEmpty() ? null : Files.readAllBytes(TLS.resolve(name + ".pem"));
        byte[] key = name.isEmpty() ? null : Files.readAllBytes(TLS.resolve(name + ".key"));
        var read = Tls.read(certificate, key, Files.readAllBytes(TLS.resolve(ca)));
        assertThat(read).isInstanceOf(Tls.Read.Good.class);
        return ((Tls.Read.Good) read).tls();
    }

    @Test
    void anExporterWaitsWhileTheJournalIsFullAndLosesNothing(@TempDir Path directory)
            throws Exception {
        String config =
                """
                node: edge-1
                hang-after: 1h
                collectors:
                  flows: { protocol: ipfix, transport: tcp, listen: "127.0.0.1:%d" }
                usage: { by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s } }
                journals: { received: { segment: 16MiB, capacity: 32MiB, retention: 0s } }
                """;
        try (var node = RunningNode.start(directory, config)) {
            long accounting = node.component("accounting").orElseThrow().pid();
            signal("-STOP", accounting);
            var sent =
                    sending(plan("127.0.0.1", node.port()).exporters(2).records(1_000_000).build());
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> message(node, "flows").startsWith("waiting: "));
            assertThat(message(node, "flows")).contains("the exporters wait");
            assertThat(sent).isNotDone();
            node.component("flows").orElseThrow().destroyForcibly();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> message(node, "flows").startsWith("waiting: "));
            assertThat(sent).isNotDone();

            signal("-CONT", accounting);
            Truth truth = sent.get(60, TimeUnit.SECONDS);
            assertThat(node.command("drain").exitCode()).isZero();
            assertBooksAre(node, truth.records(), truth.octets());
        }
    }

    private static void signal(String signal, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor())
                .isZero();
    }
}
