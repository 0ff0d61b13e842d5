package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Clock;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.RadiusPlan;
import io.narwhal.generate.RadiusSource;
import io.narwhal.generate.RadiusTruth;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * When something is full (R4, R27, R54): what is in custody is kept, what can wait waits, what must
 * be refused is booked, and everything goes on by itself once there is room.
 */
class FullIT {
    private static final byte[] SECRET =
            "a secret for a full disk".getBytes(StandardCharsets.UTF_8);
    private static final Duration LONG = Duration.ofSeconds(40);

    private static final String CAPACITY =
            """
            node: edge-1
            data: ./data
            hang-after: 10m
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d", receive-buffer: 2MiB }
            usage:
              by-exporter: { keys: [exporter, domain], bin: 1m }
            journals: { received: { segment: 16MiB, capacity: 32MiB } }
            """;

    @Test
    void whatAFullJournalRefusesIsCountedAndTheRestIsExact(@TempDir Path directory)
            throws Exception {
        try (var node = RunningNode.start(directory, CAPACITY)) {
            ProcessHandle accounting = node.component("accounting").orElseThrow();
            SmallDisk.run("kill", "-STOP", Long.toString(accounting.pid()));
            Truth truth;
            var plan =
                    TrafficPlan.to(new InetSocketAddress("127.0.0.1", node.port()))
                            .protocols(Protocol.V5, Protocol.IPFIX)
                            .exporters(2)
                            .durationMs(60_000)
                            .recordsPerSecond(80_000)
                            .recordsPerDatagram(2)
                            .pairs(500)
                            .startMs(System.currentTimeMillis())
                            .build();
            try (var source = TrafficSource.open(plan, Clock.system())) {
                var sending = sending(() -> source.run(_ -> {}));
                awaitState(node, "flows", "waiting");
                assertThat(message(node, "flows"))
                        .contains("capacity reached")
                        .contains("'accounting' has acknowledged");
                SmallDisk.run("kill", "-CONT", Long.toString(accounting.pid()));
                awaitState(node, "flows", "running");
                // What comes now tells by its numbers what is missing before it.
                Thread.sleep(1_000);
                source.stop();
                truth = sending.get();
            }
            drain(node);
            JsonNode books = node.json("audit", "--format", "json");
            long dropped = books.path("datagrams").path("kernel_dropped").asLong();
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(dropped).isPositive();
            assertThat(books.path("datagrams").path("journalled").asLong() + dropped)
                    .as("%s", books)
                    .isEqualTo(truth.datagrams());
            for (Truth.Exporter exporter : truth.exporters()) {
                JsonNode one = exporter(books, exporter);
                assertThat(one.path("missing").asLong()).isPositive();
                assertThat(one.path("received").asLong() + one.path("missing").asLong())
                        .as("%s of %s", one, exporter)
                        .isEqualTo(exporter.records());
            }
            assertThat(node.stop()).isZero();
        }
    }

    private static JsonNode exporter(JsonNode books, Truth.Exporter exporter) {
        for (JsonNode one : books.path("exporters")) {
            if (one.path("exporter").asString().equals(exporter.address())) {
                return one;
            }
        }
        throw new AssertionError("no exporter " + exporter + " in " + books);
    }

    private static final String DISK =
            """
            node: edge-1
            data: ./disk/data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d", receive-buffer: 64MiB }
              tcp: { protocol: netflow, transport: tcp, listen: "127.0.0.1:@tcp" }
              acct:
                protocol: radius
                listen: "127.0.0.1:@acct"
                clients: [ { address: 127.0.0.0/8, secret-file: ./radius.secret } ]
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 1s }
              by-session: { keys: [session_id, direction], bin: 1h, close-after: 1h, records: sessions }
            """;

    @Test
    void aFullDiskKeepsWhatIsInCustodyAndEverythingGoesOnByItself(@TempDir Path directory)
            throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        SmallDisk.mount(
                FullIT.class, disk, "size=200m"); // DuckDB's library alone takes 60 MB of it
        Files.write(directory.resolve("radius.secret"), SECRET);
        int tcp = RunningNode.freePort();
        int acct = RunningNode.freePort();
        String yaml = DISK.replace("@tcp", "" + tcp).replace("@acct", "" + acct);
        try (var node = RunningNode.start(directory, yaml)) {
            try (var flows = TrafficSource.open(flows(node.port(), 48_000), Clock.system());
                    var streams = TrafficSource.connect(streams(tcp), null, Clock.system());
                    var requests = RadiusSource.open(requests(acct), SECRET, Clock.system())) {
                var sending = sending(() -> flows.run(_ -> {}));
                var streaming = sending(() -> streams.run(_ -> {}));
                var reporting = sending(() -> requests.run(_ -> {}));
                await().atMost(LONG).until(() -> requests.answers() > 300);
                Path filler = disk.resolve("filler");
                SmallDisk.fill(filler);
                for (String name : List.of("flows", "tcp", "acct")) {
                    awaitState(node, name, "waiting");
                }
                // Who is started on a full disk waits as well, and so does who supervises.
                node.killManager();
                node.startAgain();
                await().atMost(LONG).until(() -> isManaged(node));
                Thread.sleep(1_000); // it keeps the connections again, before their owner dies
                for (String name : List.of("flows", "acct", "accounting", "ledger", "tcp")) {
                    assertThat(SmallDisk.run("kill", "-KILL", field(node, name, "pid")))
                            .as(name)
                            .isZero();
                }
                Thread.sleep(2_000);
                Files.delete(filler);
                node.awaitReady();
                requests.finish();
                Truth sent = sending.get();
                Truth streamed = streaming.get();
                RadiusTruth reported = reporting.get();
                long expected = sent.records() + streamed.records() + reported.totals().requests();
                node.awaitAccounted(expected);
                drain(node);
                assertThat(Files.readString(disk.resolve("data/node/state.json")))
                        .contains("\"state\" : \"drained\"");
                JsonNode books = node.json("audit", "--format", "json");
                assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
                assertThat(books.path("datagrams").path("kernel_dropped").asLong()).isZero();
                assertThat(reported.totals().answered())
                        .isEqualTo(reported.totals().requests())
                        .isGreaterThan(300);
                assertThat(books.path("accounted").path("records").asLong())
                        .as("%s; the node said: %s", books, node.log())
                        .isEqualTo(expected);
                assertThat(recoveries(node, "acct")).contains("crash");
            }
            assertThat(node.stop()).isZero();
        } finally {
            SmallDisk.run("umount", "-l", disk.toString());
        }
    }

    private static TrafficPlan flows(int port, long records) {
        return TrafficPlan.to(new InetSocketAddress("127.0.0.1", port))
                .exporters(3)
                .records(records)
                .recordsPerSecond(8_000)
                .pairs(500)
                .startMs(System.currentTimeMillis())
                .build();
    }

    private static TrafficPlan streams(int port) {
        return TrafficPlan.to(new InetSocketAddress("127.0.0.1", port))
                .protocols(Protocol.IPFIX)
                .exporters(2)
                .records(48_000)
                .recordsPerSecond(8_000)
                .pairs(500)
                .startMs(System.currentTimeMillis())
                .build();
    }

    private static RadiusPlan requests(int port) {
        return RadiusPlan.to(new InetSocketAddress("127.0.0.1", port))
                .sessions(RadiusPlan.SESSIONS_MAX)
                .requestsPerSecond(500)
                .timeoutMs(200)
                .startMs(System.currentTimeMillis())
                .build();
    }

    private static final String AWAY =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 1s }
            journals: { usage: { retention: 0s } }
            """;

    @Test
    void aLedgerThatIsFullOrAwayIsWaitedFor(@TempDir Path directory) throws Exception {
        Path ledger = Files.createDirectories(directory.resolve("data").resolve("ledger"));
        SmallDisk.mount(FullIT.class, ledger, "size=24m");
        try (var node = RunningNode.start(directory, AWAY)) {
            Path filler = ledger.resolve("filler");
            SmallDisk.fill(filler);
            Truth first = node.send(24_000);
            node.awaitAccounted(first.records());
            awaitState(node, "ledger", "waiting");
            assertThat(message(node, "ledger")).contains("free some space");

            SmallDisk.run("mount", "-o", "remount,ro", ledger.toString());
            node.component("ledger").ifPresent(ProcessHandle::destroyForcibly);
            awaitState(node, "ledger", "down");
            Truth second = node.send(24_000);
            node.awaitAccounted(first.records() + second.records());
            SmallDisk.run("mount", "-o", "remount,rw", ledger.toString());
            Files.delete(filler);
            drain(node);
            assertUsageIs(node, first, second);
            assertThat(node.stop()).isZero();
        } finally {
            SmallDisk.run("umount", "-l", ledger.toString());
        }
    }

    private static final String KEYS =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1h, close-after: 1h }
            limits: { open-keys: 20 }
            """;

    @Test
    void moreKeysThanMayBeOpenGiveRowsThatAddUp(@TempDir Path directory) throws Exception {
        try (var node = RunningNode.start(directory, KEYS)) {
            Truth truth = node.send(24_000);
            node.awaitAccounted(truth.records());
            drain(node);
            assertUsageIs(node, truth);
            JsonNode books = node.json("audit", "--format", "json");
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(node.stop()).isZero();
        }
    }

    private static void assertUsageIs(RunningNode node, Truth... truths) throws Exception {
        Program.Result usage =
                node.command("usage", "by-pair", "--by", "src_addr,dst_addr", "--format", "csv");
        assertThat(usage.exitCode()).as(usage.err()).isZero();
        var expected = new java.util.TreeMap<String, long[]>();
        for (Truth truth : truths) {
            var csv = new StringWriter();
            truth.writeCsv(csv);
            add(expected, csv.toString());
        }
        var found = new java.util.TreeMap<String, long[]>();
        add(found, usage.out());
        var keys = new TreeSet<>(expected.keySet());
        keys.addAll(found.keySet());
        for (String key : keys) {
            assertThat(found.get(key))
                    .as("%s; the node said: %s", key, node.log())
                    .isEqualTo(expected.get(key));
        }
    }

    private static void add(java.util.Map<String, long[]> sums, String csv) {
        for (String line : csv.lines().skip(1).toList()) {
            String[] cells = line.split(",");
            long[] sum = sums.computeIfAbsent(cells[0] + "," + cells[1], _ -> new long[3]);
            for (int i = 0; i < 3; i++) {
                sum[i] += Long.parseLong(cells[2 + i]);
            }
        }
    }

    /** What ended each predecessor of a component, as it is written down. */
    private static List<String> recoveries(RunningNode node, String name) throws Exception {
        List<String> after = new ArrayList<>();
        for (JsonNode one : node.json("recoveries", name, "--format", "json")) {
            after.add(one.path("after").asString());
        }
        return after;
    }

    private static <T> CompletableFuture<T> sending(Callable<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                runs -> Thread.ofPlatform().daemon().start(runs));
    }

    private static void drain(RunningNode node) throws Exception {
        Program.Result drained = node.command("drain");
        assertThat(drained.exitCode()).as("%s %s", drained.err(), node.log()).isZero();
    }

    private static boolean isManaged(RunningNode node) throws Exception {
        return node.json("status", "--format", "json").path("manager").path("pid").asLong() != 0;
    }

    private static void awaitState(RunningNode node, String name, String state) {
        await().atMost(LONG).until(() -> field(node, name, "state").equals(state));
    }

    private static String message(RunningNode node, String name) throws Exception {
        return field(node, name, "message");
    }

    private static String field(RunningNode node, String name, String field) throws Exception {
        for (JsonNode one : node.json("status", "--format", "json").path("components")) {
            if (one.path("name").asString().equals(name)) {
                return one.path(field).asString("");
            }
        }
        throw new AssertionError("no component " + name);
    }
}
