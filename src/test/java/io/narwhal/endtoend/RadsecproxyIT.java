package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.Distribution;
import io.narwhal.base.Disk;
import io.narwhal.journal.JournalReader;
import io.narwhal.radius.AnswerCheck;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * RADIUS over TLS with a real client (R7, R63): radsecproxy, which takes requests by UDP and passes
 * them on by TLS, as access points' proxies do.
 */
class RadsecproxyIT {
    private static final byte[] SECRET = "between us two".getBytes(StandardCharsets.US_ASCII);
    private static final int TRIES = 60;
    private static final int ANSWER_MS_MAX = 1_000;
    private static final String NODE =
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
    private static final String PROXY =
            """
            ListenUDP 127.0.0.1:%d
            TLS default {
                CACertificateFile ca.pem
                CertificateFile router.pem
                CertificateKeyFile router.key
            }
            Client 127.0.0.1 {
                type udp
                secret "between us two"
            }
            Server narwhal {
                host 127.0.0.1
                port %d
                type tls
                secret radsec
                CertificateNameCheck off
                StatusServer on
            }
            Realm * {
                Server narwhal
                AccountingServer narwhal
            }
            """;

    private static Distribution radsecproxy;

    @TempDir private Path directory;

    @BeforeAll
    static void find() {
        switch (Distribution.search("radsecproxy", "-v", "radsecproxy")) {
            case Distribution.Search.Found(Distribution found) -> radsecproxy = found;
            case Distribution.Search.Missing(String why) -> {
                System.out.println("skipped: " + why);
                Assumptions.abort(why);
            }
        }
    }

    private static byte[] stop(int session) {
        var packet = new byte[Attribute.PACKET_BYTES_MAX];
        int length =
                new RequestWriter()
                        .begin(packet, 0, session)
                        .integer(Attribute.ACCT_STATUS_TYPE, 2)
                        .text(Attribute.ACCT_SESSION_ID, "s-" + session)
                        .text(Attribute.USER_NAME, "subscriber@example.net")
                        .integer(Attribute.ACCT_INPUT_OCTETS, 1_000)
                        .end(SECRET);
        return Arrays.copyOf(packet, length);
    }

    /** Asks until there is an answer, as a device does. */
    private static void ask(DatagramSocket device, int port, int session) throws IOException {
        byte[] request = stop(session);
        var answer = new DatagramPacket(new byte[4096], 4096);
        for (int i = 0; i < TRIES; i++) {
            var proxy = new InetSocketAddress("127.0.0.1", port);
            device.send(new DatagramPacket(request, request.length, proxy));
            try {
                device.receive(answer);
                if (new AnswerCheck()
                        .isGenuine(answer.getData(), 0, answer.getLength(), request, 0, SECRET)) {
                    return;
                }
            } catch (SocketTimeoutException e) {
                // Asked again.
            }
        }
        throw new AssertionError("no answer to " + session);
    }

    private long journalled(String session) {
        long found = 0;
        var block = new ReceivedBlock();
        Path journal = directory.resolve("data/journal/received/acct");
        try (var reader = JournalReader.open(Disk.system(), journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.next()) {
                    var text =
                            new String(
                                    block.bytes(),
                                    block.offset(),
                                    block.length(),
                                    StandardCharsets.ISO_8859_1);
                    found += text.contains("," + (char) (2 + session.length()) + session) ? 1 : 0;
                }
            }
        }
        return found;
    }

    @Test
    void whatAProxyPassesOnIsAnsweredWhenItIsInTheJournal() throws Exception {
        for (String pem : List.of("edge.pem", "edge.key", "ca.pem", "router.pem", "router.key")) {
            Files.copy(Path.of("src/test/resources/tls", pem), directory.resolve(pem));
        }
        int port = RunningNode.freePort();
        try (var node = RunningNode.start(directory, NODE);
                var device = new DatagramSocket()) {
            device.setSoTimeout(ANSWER_MS_MAX);
            Files.writeString(directory.resolve("proxy.conf"), PROXY.formatted(port, node.port()));
            Process proxy =
                    radsecproxy.start(directory, "proxy.log", "-f", "-d", "2", "-c", "proxy.conf");
            try {
                for (int session = 0; session < 30; session++) {
                    if (session == 15) {
                        node.component("acct").orElseThrow().destroyForcibly();
                    }
                    ask(device, port, session);
                    assertThat(journalled("s-" + session)).isPositive();
                }
            } finally {
                proxy.destroyForcibly();
                proxy.waitFor();
            }
            assertThat(node.command("drain").exitCode()).isZero();
            var books = node.json("audit", "--format", "json");
            assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
            assertThat(books.path("accounted").path("records").asLong())
                    .as("%s; the node said: %s", books, node.log())
                    .isEqualTo(30);
        }
    }
}
