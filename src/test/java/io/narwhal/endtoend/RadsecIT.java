package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Disk;
import io.narwhal.base.TlsClient;
import io.narwhal.journal.JournalReader;
import io.narwhal.radius.AnswerCheck;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * RADIUS accounting over TLS, on real processes (R7, R63; RFC 6614): who shows a certificate that
 * we trust is answered, and what was answered is in the journal, also when the collector is killed.
 */
class RadsecIT {
    private static final byte[] SECRET = "radsec".getBytes(StandardCharsets.US_ASCII);
    private static final int WAIT_MS = 10_000;
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              acct:
                protocol: radius
                transport: tls
                listen: "127.0.0.1:%d"
                tls: { certificate: ./edge.pem, key: ./edge.key, ca: ./ca.pem }
                clients: [ { address: 127.0.0.0/8 } ]
            usage:
              by-session: { keys: [session_id, direction], bin: 1h, close-after: 1h }
            """;

    @TempDir private Path directory;

    private RunningNode node() throws IOException {
        for (String pem : List.of("edge.pem", "edge.key", "ca.pem")) {
            Files.copy(Path.of("src/test/resources/tls", pem), directory.resolve(pem));
        }
        return RunningNode.start(directory, CONFIG);
    }

    /** The Stop of a session of that number. */
    private static byte[] stop(int session) {
        var packet = new byte[Attribute.PACKET_BYTES_MAX];
        int length =
                new RequestWriter()
                        .begin(packet, 0, session % 256)
                        .integer(Attribute.ACCT_STATUS_TYPE, 2)
                        .text(Attribute.ACCT_SESSION_ID, "s-" + session)
                        .text(Attribute.USER_NAME, "subscriber")
                        .integer(Attribute.ACCT_INPUT_OCTETS, 1_000)
                        .integer(Attribute.ACCT_OUTPUT_OCTETS, 5_000)
                        .integer(Attribute.ACCT_SESSION_TIME, 60)
                        .end(SECRET);
        return Arrays.copyOf(packet, length);
    }

    /** A device: one connection, and what it waits for. */
    private static final class Device implements AutoCloseable {
        private final Socket socket;
        private final AnswerCheck answers = new AnswerCheck();

        Device(String certificate, int port) throws IOException {
            socket = TlsClient.connect(certificate, "ca.pem", port);
            socket.setSoTimeout(WAIT_MS);
        }

        void ask(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
        }

        void awaitAnswerTo(byte[] request) throws IOException {
            var in = new DataInputStream(socket.getInputStream());
            var answer = new byte[20];
            in.readFully(answer);
            assertThat(ByteBuffer.wrap(answer).getShort(2)).isEqualTo((short) 20);
            assertThat(answers.isGenuine(answer, 0, 20, request, 0, SECRET)).isTrue();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Sessions whose requests readers of the journal see. */
    private List<String> journalled() {
        List<String> sessions = new ArrayList<>();
        var block = new ReceivedBlock();
        Path journal = directory.resolve("data/journal/received/acct");
        try (var reader = JournalReader.open(Disk.system(), journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                assertThat(block.transport()).isEqualTo(Transport.TLS);
                while (block.next()) {
                    // Status, 6 octets, stands before the session.
                    int at = block.offset() + Attribute.HEADER_BYTES + 6;
                    sessions.add(
                            new String(
                                    block.bytes(),
                                    at + 2,
                                    block.bytes()[at + 1] - 2,
                                    StandardCharsets.US_ASCII));
                }
            }
        }
        return sessions;
    }

    private static String message(RunningNode node) throws Exception {
        for (JsonNode one : node.json("status", "--format", "json").path("components")) {
            if (one.path("name").asString().equals("acct")) {
                return one.path("state").asString() + ": " + one.path("message").asString();
            }
        }
        throw new AssertionError("acct");
    }

    private static void assertAccounted(RunningNode node, long records) throws Exception {
        assertThat(node.command("drain").exitCode()).isZero();
        JsonNode books = node.json("audit", "--format", "json");
        assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
        assertThat(books.path("accounted").path("records").asLong())
                .as("%s; the node said: %s", books, node.log())
                .isEqualTo(records);
    }

    @Test
    void r7WhoShowsACertificateIsAnsweredWhenItsRequestIsInTheJournal() throws Exception {
        try (var node = node();
                var one = new Device("router", node.port());
                var two = new Device("router", node.port())) {
            for (int session = 0; session < 400; session++) {
                (session % 2 == 0 ? one : two).ask(stop(session));
            }
            for (int session = 0; session < 400; session++) {
                (session % 2 == 0 ? one : two).awaitAnswerTo(stop(session));
                if (session % 50 == 0) {
                    assertThat(journalled()).contains("s-" + session);
                }
            }
            assertThat(journalled()).hasSize(400);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () ->
                                    assertThat(message(node))
                                            .isEqualTo("running: 2 sessions, 400 answered"));
            assertAccounted(node, 400);
        }
    }

    private static void assertRefused(String certificate, int port) {
        assertThatThrownBy(
                        () -> {
                            try (var device = new Device(certificate, port)) {
                                device.ask(stop(1));
                                device.awaitAnswerTo(stop(1));
                            }
                        })
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void r63WhoShowsNoneOrThatOfAStrangerIsRefused() throws Exception {
        try (var node = node()) {
            assertRefused("", node.port());
            assertRefused("stranger", node.port());
            assertThatThrownBy(
                            () ->
                                    TlsClient.connect("router", "stranger.pem", node.port())
                                            .getOutputStream()
                                            .write(stop(1)))
                    .as("the device does not trust the collector")
                    .isInstanceOf(IOException.class);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () ->
                                    assertThat(message(node))
                                            .startsWith("running: 0 sessions, 3 refused by TLS"));
            assertThat(journalled()).isEmpty();
            assertThat(node.log()).contains("ended: TLS: ");
        }
    }

    @Test
    void whatWasAnsweredIsAccountedOnceWhereverTheCollectorIsKilled() throws Exception {
        try (var node = node()) {
            Thread.sleep(1_000); // the node manager keeps the socket that listens
            long before = 0;
            int session = 0;
            int again = 0;
            for (int kills = 0; kills < 10; kills++) {
                ProcessHandle collector = collector(node, before);
                before = collector.pid();
                again += askUntilItDies(node.port(), session, session + 40, collector);
                session += 40;
            }
            assertThat(again).as("requests asked again").isPositive();
            List<String> sessions = journalled();
            for (int i = 0; i < session; i++) {
                assertThat(sessions).contains("s-" + i);
            }
            assertAccounted(node, session);
        }
    }

    private static ProcessHandle collector(RunningNode node, long before) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> node.component("acct").filter(one -> one.pid() != before),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Asks one by one; kills in the middle. How many were asked by another connection again. */
    private static int askUntilItDies(int port, int from, int to, ProcessHandle collector)
            throws IOException {
        int again = 0;
        int session = from;
        while (session < to) {
            // Never refused: the socket outlives the collector.
            try (var device = new Device("router", port)) {
                for (; session < to; session++) {
                    device.ask(stop(session));
                    if (session == (from + to) / 2) {
                        collector.destroyForcibly();
                    }
                    device.awaitAnswerTo(stop(session));
                }
            } catch (ConnectException e) {
                throw new AssertionError("nobody listens", e);
            } catch (IOException e) {
                again++;
            }
        }
        return again;
    }
}
