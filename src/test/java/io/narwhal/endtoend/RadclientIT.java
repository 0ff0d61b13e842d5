package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.Distribution;
import io.narwhal.base.Disk;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** R7 with a real client: FreeRADIUS' radclient is answered, by whom it asked, if it may be. */
class RadclientIT {
    private static final String SECRET = "a secret of some length";
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              acct:
                protocol: radius
                listen: "[::]:%d"
                clients:
                  - { address: 127.0.0.0/8, secret-file: ./radius.secret }
                  - { address: "::1", secret-file: ./radius.secret }
            usage:
              by-session: { keys: [session_id, direction], bin: 1h, close-after: 1h }
            """;

    private static Distribution radclient;

    @TempDir private Path directory;

    @BeforeAll
    static void find() {
        Distribution.Search search =
                Distribution.search("radclient", "-v", "freeradius-utils", "freeradius-common");
        switch (search) {
            case Distribution.Search.Found(Distribution found) -> radclient = found;
            case Distribution.Search.Missing(String why) -> {
                System.out.println("skipped: " + why);
                Assumptions.abort(why);
            }
        }
    }

    /** What radclient said. */
    private record Said(int exit, String text) {}

    private Said ask(String to, String kind, String secret, int tries, String attributes)
            throws IOException {
        Path file = Files.writeString(directory.resolve("packet"), attributes);
        List<String> arguments = new ArrayList<>(List.of("-x", "-f", file.toString()));
        Path dictionaries = Distribution.unpacked("freeradius-utils").resolve("usr/share");
        if (Files.exists(dictionaries.resolve("freeradius/dictionary"))) {
            arguments.addAll(List.of("-D", dictionaries.resolve("freeradius").toString()));
        }
        arguments.addAll(List.of("-r", "" + tries, "-t", "1", to, kind, secret));
        Distribution.Result result = radclient.run(directory, arguments.toArray(String[]::new));
        String printed = Files.readString(result.output(), StandardCharsets.ISO_8859_1);
        return new Said(result.exit(), printed + result.errors());
    }

    private static String stop(String session) {
        return """
        Acct-Status-Type = Stop
        Acct-Session-Id = "%s"
        User-Name = "subscriber@example.net"
        NAS-Identifier = "nas-1"
        Framed-IP-Address = 198.51.100.7
        Acct-Input-Octets = 1000
        Acct-Output-Octets = 4000000000
        Acct-Output-Gigawords = 2
        Acct-Session-Time = 600
        """
                .formatted(session);
    }

    private RunningNode node() throws IOException {
        Files.writeString(directory.resolve("radius.secret"), SECRET + "\n");
        return RunningNode.start(directory, CONFIG);
    }

    /** Requests that readers of the journal see, and packets in notes of refusals. */
    private record Journalled(long requests, long refused) {}

    private Journalled journalled() {
        long requests = 0;
        long refused = 0;
        var block = new ReceivedBlock();
        Path journal = directory.resolve("data/journal/received/acct");
        try (var reader = JournalReader.open(Disk.system(), journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.next()) {
                    refused += block.isRefusal() ? block.refusal().packets() : 0;
                    requests += block.isRefusal() ? 0 : 1;
                }
            }
        }
        return new Journalled(requests, refused);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.2", "[::1]"})
    void aRequestIsInTheJournalWhenItsAnswerComesFromTheAddressAsked(String host)
            throws IOException {
        try (var node = node()) {
            Said said = ask(host + ":" + node.port(), "acct", SECRET, 3, stop("s-1"));

            assertThat(said.exit()).as(said.text()).isZero();
            assertThat(said.text())
                    .containsPattern(
                            "Received Accounting-Response .* from "
                                    + Pattern.quote(host + ":" + node.port()));
            assertThat(journalled().requests()).isPositive();
        }
    }

    @Test
    void whoHasAnotherSecretIsNotAnsweredButBooked() throws IOException {
        try (var node = node()) {
            String to = "127.0.0.1:" + node.port();
            Said said = ask(to, "acct", "another secret", 2, stop("s-1"));

            assertThat(said.exit()).isNotZero();
            assertThat(said.text()).doesNotContain("Received Accounting-Response");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> journalled().equals(new Journalled(0, 2)));
            assertThat(node.log())
                    .contains("127.0.0.1: ")
                    .contains("not signed with the secret of client 127.0.0.0/8")
                    .doesNotContain(SECRET);
        }
    }

    @Test
    void aQueryOfTheServersStatusIsAnsweredAndNotJournalled() throws IOException {
        try (var node = node()) {
            String to = "127.0.0.1:" + node.port();
            Said said = ask(to, "status", SECRET, 3, "Message-Authenticator = 0x00\n");
            assertThat(said.exit()).as(said.text()).isZero();
            assertThat(said.text()).contains("Received Accounting-Response");
            assertThat(journalled()).isEqualTo(new Journalled(0, 0));

            Said forged = ask(to, "status", "another secret", 1, "Message-Authenticator = 0x00\n");
            assertThat(forged.exit()).isNotZero();
        }
    }

    @Test
    void whatIsSentWhileTheCollectorIsDeadIsAnsweredByItsSuccessor() throws IOException {
        try (var node = node()) {
            String to = "127.0.0.1:" + node.port();
            for (int i = 0; i < 5; i++) {
                ProcessHandle collector =
                        await().atMost(Duration.ofSeconds(20))
                                .until(() -> node.component("acct"), Optional::isPresent)
                                .orElseThrow();
                collector.destroyForcibly();
                Said said = ask(to, "acct", SECRET, 20, stop("s-" + i));
                assertThat(said.exit()).as(said.text()).isZero();
                assertThat(journalled().requests()).isGreaterThan(i);
            }
        }
    }
}
