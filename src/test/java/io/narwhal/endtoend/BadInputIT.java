package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Clock;
import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Bad input gets a clear message with place and remedy, and loses nothing. */
class BadInputIT {
    private static final long SEED = 20_261_122;

    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "[::]:%d" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 1s }
            checkpoint: { every: 200ms }
            """;

    @Test
    void anEmptyFileAndAWrongKeyAreNamedWithTheirPlace(@TempDir Path directory) throws Exception {
        var program = new Program(directory);
        Files.writeString(directory.resolve("empty.yaml"), "");
        Program.Result empty = program.run("run", "--config", "empty.yaml");
        assertThat(empty.exitCode()).isEqualTo(2);
        assertThat(empty.err()).startsWith("empty.yaml:1:1: ").contains("empty");

        Files.writeString(
                directory.resolve("wrong.yaml"),
                CONFIG.formatted(2055).replace("usage:", "usages:"));
        Program.Result wrong = program.run("run", "--config", "wrong.yaml");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("wrong.yaml:5:1: ").contains("did you mean 'usage'");

        Program.Result missing = program.run("run", "--config", "missing.yaml");
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).contains("missing.yaml");
    }

    @Test
    void aPortInUseIsNamedWithTheWayToFindWhoHasIt(@TempDir Path directory) throws Exception {
        try (var taken = new DatagramSocket(0, InetAddress.getByName("0.0.0.0"))) {
            Path config = directory.resolve("narwhal.yaml");
            Files.writeString(config, CONFIG.formatted(taken.getLocalPort()));
            Program.Result result =
                    new Program(directory).run("run", "--config", config.toString());
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err())
                    .contains("collectors.flows.listen: [::]:" + taken.getLocalPort())
                    .contains("in use by another process")
                    .contains("ss -lunp");
            assertThat(result.out()).doesNotContain("ready");
        }
    }

    @Test
    void aDataDirectoryThatCannotBeWrittenIsNamed(@TempDir Path directory) throws Exception {
        Path config = directory.resolve("narwhal.yaml");
        Files.writeString(
                config,
                CONFIG.formatted(RunningNode.freePort()).replace("./data", "/proc/narwhal/data"));
        Program.Result result = new Program(directory).run("run", "--config", config.toString());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("cannot make the directory /proc/narwhal");
    }

    @Test
    void aSecondManagerIsRefused(@TempDir Path directory) throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            Program.Result second = node.command("run");
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.err())
                    .contains("node edge-1 runs already as process " + node.managerPid());
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void randomBytesAreRejectedAndBookedAndTheRestIsExact(@TempDir Path directory)
            throws Exception {
        System.out.println("BadInputIT: seed " + SEED);
        try (var node = RunningNode.start(directory, CONFIG)) {
            int sent = sendRandom(node.port(), new SplittableRandom(SEED));
            Truth truth = node.send(24_000);
            JsonNode books = node.awaitAccounted(truth.records());
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(truth.octets());
            assertThat(books.path("rejected").path("records").asLong())
                    .isGreaterThanOrEqualTo(sent);
            assertThat(books.path("datagrams").path("decoded").asLong())
                    .isEqualTo(truth.datagrams() + sent);
            assertThat(node.log()).contains("byte 0: ");
            assertThat(node.stop()).isZero();
        }
    }

    // Each begins with a byte that is no version, or with the version of a message cut short.
    private static int sendRandom(int port, SplittableRandom random) throws IOException {
        int count = 500;
        try (var socket = new DatagramSocket()) {
            for (int i = 0; i < count; i++) {
                byte[] bytes = new byte[1 + random.nextInt(1_400)];
                random.nextBytes(bytes);
                if (bytes.length > 1 && i % 4 != 0) {
                    bytes[0] = 0;
                    bytes[1] = new byte[] {5, 9, 10}[i % 3];
                }
                socket.send(
                        new DatagramPacket(
                                bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
            }
        }
        return count;
    }

    @Test
    void aTruncatedCheckpointFallsBackAndComputesTheSameAgain(@TempDir Path directory)
            throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            Truth first = node.send(24_000);
            node.awaitAccounted(first.records());
            assertThat(node.stop()).isZero();

            Path newest = newest(directory.resolve("data/checkpoint"), "accounting-flows.");
            try (var file = new RandomAccessFile(newest.toFile(), "rw")) {
                file.setLength(file.length() / 2);
            }
            node.startAgain();
            node.awaitReady();
            assertThat(node.log())
                    .contains(newest.getFileName().toString())
                    .contains("resumes from its previous checkpoint");
            JsonNode books = node.awaitAccounted(first.records());
            assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(first.octets());
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void aDamagedMiddleOfAJournalIsNamedAndBookedAndTheRestIsRead(@TempDir Path directory)
            throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            awaitComponentsGone(node, List.of("accounting"));
            Truth truth = node.send(48_000);
            awaitPublished(node, truth.datagrams());
            node.killManager();
            for (String name : List.of("flows", "accounting", "ledger")) {
                node.component(name).ifPresent(ProcessHandle::destroyForcibly);
            }
            Path segment =
                    directory.resolve("data/journal/received/flows/00000000000000000000.seg");
            long middle = Files.size(segment) / 2;
            try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
                file.seek(middle);
                int before = file.read();
                file.seek(middle);
                file.write(before ^ 0x40);
            }
            Program.Result verify =
                    new Program(directory)
                            .run("journal", "verify", directory.resolve("data").toString());
            assertThat(verify.exitCode()).isEqualTo(1);
            assertThat(verify.out() + verify.err()).contains("00000000000000000000.seg:");

            node.startAgain();
            node.awaitReady();
            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () -> {
                                JsonNode books = node.command("audit", "--format", "json").json();
                                return books.path("datagrams").path("in_process").asLong() == 0
                                        && books.path("datagrams").path("decoded").asLong() > 0;
                            });
            JsonNode books = node.command("audit", "--format", "json").json();
            long lost = books.path("datagrams").path("damaged").asLong();
            assertThat(lost).isBetween(1L, 64L); // one block of at most 64 datagrams
            assertThat(books.path("datagrams").path("decoded").asLong() + lost)
                    .isEqualTo(truth.datagrams());
            assertThat(books.path("datagrams").path("damaged_journal_bytes").asLong()).isPositive();
            assertThat(books.path("accounted").path("records").asLong())
                    .isGreaterThan(truth.records() - 64 * 24 - 1)
                    .isLessThan(truth.records());
            assertThat(node.stop()).isZero();
        }
    }

    // A component that is stopped (not killed) is not started again, so the journal keeps what
    // comes.
    private static void awaitComponentsGone(RunningNode node, List<String> names)
            throws IOException, InterruptedException {
        for (String name : names) {
            long pid = node.component(name).orElseThrow().pid();
            new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
        }
    }

    private static void awaitPublished(RunningNode node, long datagrams) {
        await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            for (JsonNode one :
                                    node.json("status", "--format", "json").path("components")) {
                                if (one.path("name").asString().equals("flows")) {
                                    return one.path("records").asLong() == datagrams;
                                }
                            }
                            return false;
                        });
        // and one commit interval more, so that it is also forced
        Clock.system().sleepMillis(200);
    }

    private static Path newest(Path directory, String prefix) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(
                            file ->
                                    file.getFileName().toString().startsWith(prefix)
                                            && file.toString().endsWith(".ckpt"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }
}
