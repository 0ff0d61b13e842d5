package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.radius.Client;
import io.narwhal.radius.Verifier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

class GenerateCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new GenerateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void theTruthFileAndTheSummaryNameTheSameRecords(@TempDir Path directory) throws Exception {
        Path truth = directory.resolve("truth.csv");
        try (DatagramSocket receiver = new DatagramSocket(null)) {
            receiver.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            String target = "127.0.0.1:" + receiver.getLocalPort();
            int exit =
                    run(
                            "--target",
                            target,
                            "--records",
                            "1000",
                            "--start",
                            "2026-01-01T00:00:00Z",
                            "--truth",
                            truth.toString(),
                            "--format",
                            "json");
            assertThat(exit).as(err.toString()).isZero();
        }
        assertThat(out.toString()).contains("\"start_ms\": 1767225600000", "\"records\": 1000,");
        assertThat(err.toString()).contains("1,000 records in 42 datagrams");
        assertThat(
                        Files.readAllLines(truth).stream()
                                .skip(1)
                                .mapToLong(line -> Long.parseLong(line.split(",")[4]))
                                .sum())
                .isEqualTo(1_000);
    }

    @Test
    void wrongOptionsSayWhatCanBeAndExitWithTwo() {
        assertThat(run("--records-per-datagram", "31")).isEqualTo(2);
        assertThat(run("--target", "nowhere")).isEqualTo(2);
        assertThat(run("--protocols", "v8")).isEqualTo(2);
        assertThat(run("--duration", "soon")).isEqualTo(2);
        assertThat(run("--start", "today")).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "recordsPerDatagram is 31; it can be 1 to 30",
                        "--target is 'nowhere'; write HOST:PORT",
                        "no protocol 'v8'; use v5, v9, ipfix, v1, v7, sflow",
                        "--duration is 'soon'; write it as 20s, 5m or PT1H",
                        "--start is 'today'; write it as 2026-01-31T12:00:00Z");
    }

    /** A server that answers everything, on a thread of its own, until it is closed. */
    private static final class Server implements AutoCloseable {
        private final DatagramSocket socket;
        private final Thread thread;

        Server() throws Exception {
            socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
            thread = Thread.ofPlatform().daemon().start(this::answerAll);
        }

        private void answerAll() {
            var client = new Client("all", 0, 0, 0, "s3cret".getBytes(StandardCharsets.UTF_8));
            var verifier = new Verifier();
            var packet = new DatagramPacket(new byte[4_096], 4_096);
            byte[] answer = new byte[4_096];
            try {
                while (true) {
                    packet.setLength(4_096);
                    socket.receive(packet);
                    byte[] request = packet.getData();
                    int length = packet.getLength();
                    if (verifier.verify(request, 0, length, client)
                            instanceof Verifier.Verdict.Request) {
                        int octets = verifier.answer(request, 0, length, client, answer, 0);
                        socket.send(new DatagramPacket(answer, octets, packet.getSocketAddress()));
                    }
                }
            } catch (IOException _) {
                // Closed.
            }
        }

        String target() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        @Override
        public void close() throws InterruptedException {
            socket.close();
            thread.join();
        }
    }

    @Test
    void sessionsAreReportedUntilTheyAreAnswered(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "s3cret\n");
        Path truth = directory.resolve("truth.json");
        try (var server = new Server()) {
            int exit =
                    run(
                            "--protocols",
                            "radius",
                            "--target",
                            server.target(),
                            "--secret-file",
                            secret.toString(),
                            "--sessions",
                            "50",
                            "--interims",
                            "2",
                            "--retransmit",
                            "20",
                            "--start",
                            "2026-01-01T00:00:00Z",
                            "--truth",
                            truth.toString());
            assertThat(exit).as(err.toString()).isZero();
        }
        JsonNode told = new JsonMapper().readTree(Files.readString(truth));
        assertThat(told.path("answered").asLong()).isEqualTo(200);
        assertThat(told.path("duplicates_answered").asLong()).isBetween(10L, 80L);
        assertThat(told.path("sessions").size()).isEqualTo(50);
        assertThat(told.path("sessions").get(49).path("session_id").asString())
                .isEqualTo("6955b90000000031");
        assertThat(out.toString()).contains("requests              200          200            0");
        assertThat(err.toString()).contains("200 requests, ");
    }

    @Test
    void sessionsAreGivenUpWhenTheSecretIsAnother(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "other");
        try (var server = new Server()) {
            int exit =
                    run(
                            "--protocol",
                            "radius",
                            "--target",
                            server.target(),
                            "--secret-file",
                            secret.toString(),
                            "--sessions",
                            "2",
                            "--interims",
                            "0",
                            "--timeout",
                            "0.05s",
                            "--retries",
                            "1",
                            "--format",
                            "json");
            assertThat(exit).as(err.toString()).isZero();
        }
        JsonNode told = new JsonMapper().readTree(out.toString());
        assertThat(told.path("answered").asLong()).isZero();
        assertThat(told.path("given_up").asLong()).isEqualTo(4);
        assertThat(told.path("retransmitted").asLong()).isEqualTo(4);
    }

    @Test
    void wrongOptionsOfRadiusSayWhatCanBe(@TempDir Path directory) throws Exception {
        String empty = Files.writeString(directory.resolve("empty"), "\n").toString();
        assertThat(run("--protocols", "radius")).isEqualTo(2);
        assertThat(run("--protocols", "radius", "--secret-file", empty)).isEqualTo(2);
        assertThat(run("--protocols", "radius,v5")).isEqualTo(2);
        assertThat(run("--protocols", "radius", "--exporters", "3")).isEqualTo(2);
        assertThat(run("--sessions", "3")).isEqualTo(2);
        assertThat(run("--protocols", "radius", "--timeout", "soon")).isEqualTo(2);
        assertThat(run("--protocols", "radius", "--outstanding", "0")).isEqualTo(2);
        assertThat(run("--protocols", "radius", "--secret-file", empty + "er")).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "--secret-file is missing: a file with the secret",
                        "empty is empty",
                        "no protocol 'radius'; use v5",
                        "--exporters means nothing with radius",
                        "--sessions means something with --protocols radius only",
                        "--timeout is 'soon'; write it as 20s, 5m or PT1H",
                        "outstanding is 0; it can be 1 to 16384",
                        "emptyer");
    }
}
