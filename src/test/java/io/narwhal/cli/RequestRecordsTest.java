package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.inspect.RequestJournal;
import io.narwhal.radius.Attribute;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code narwhal records} of a RADIUS collector (R7, R34): a row each, attributes by name. */
final class RequestRecordsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int SESSIONS = 3_000;

    @TempDir private static Path directory;

    @BeforeAll
    static void receive() {
        var journal =
                new RequestJournal(
                        directory,
                        """
                        VENDOR Acme 4242
                        BEGIN-VENDOR Acme
                        ATTRIBUTE Acme-Rate 1 integer
                        VALUE Acme-Rate Unlimited 0
                        END-VENDOR Acme
                        """);
        journal.frame(
                request ->
                        request.integer(Attribute.ACCT_STATUS_TYPE, 7)
                                .text(Attribute.NAS_IDENTIFIER, "bng-1")
                                .integer(Attribute.ACCT_DELAY_TIME, 2),
                request ->
                        request.integer(Attribute.ACCT_STATUS_TYPE, 2)
                                .text(Attribute.USER_NAME, "alice, \"a\"")
                                .text(Attribute.ACCT_SESSION_ID, "s-1")
                                .ipv4(Attribute.NAS_IP_ADDRESS, 0xc0000201)
                                .ipv6Prefix(
                                        Attribute.DELEGATED_IPV6_PREFIX,
                                        0x20010db8_00000000L,
                                        0,
                                        56)
                                .ipv4(Attribute.FRAMED_IP_ADDRESS, 0x0a000007)
                                .integer(Attribute.ACCT_INPUT_OCTETS, 5)
                                .integer(Attribute.ACCT_INPUT_GIGAWORDS, 1)
                                .integer(Attribute.ACCT_OUTPUT_OCTETS, 0xffff_ffffL)
                                .integer(Attribute.ACCT_OUTPUT_GIGAWORDS, 2)
                                .integer(Attribute.ACCT_INPUT_PACKETS, 3)
                                .integer(Attribute.ACCT_OUTPUT_PACKETS, 4)
                                .integer(Attribute.EVENT_TIMESTAMP, 1_700_000_000)
                                .vendorInteger(4242, 1, 0)
                                .octets(25, new byte[] {1, (byte) 0xab}, 0, 2)
                                .octets(25, new byte[] {2}, 0, 1));
        for (int i = 0; i < SESSIONS; i++) {
            String session = "t-" + i;
            journal.frame(
                    request ->
                            request.integer(Attribute.ACCT_STATUS_TYPE, 1)
                                    .text(Attribute.ACCT_SESSION_ID, session)
                                    .ipv6Prefix(97, 0x20010db8_00010000L, 0, 64));
        }
        journal.end();
    }

    private static CommandLineRun run(String... options) {
        List<String> args = new ArrayList<>(List.of("records"));
        args.addAll(Arrays.asList(options));
        return CommandLineRun.of(directory, args.toArray(String[]::new));
    }

    private static List<String> csv(String... options) {
        List<String> args = new ArrayList<>(List.of("--format", "csv"));
        args.addAll(Arrays.asList(options));
        CommandLineRun run = run(args.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        return run.out().lines().skip(1).toList();
    }

    @Test
    void everyRequestIsARowInTheOrderReceivedAndNotesOfRefusalsAreNone() {
        List<String> rows = csv();
        assertThat(rows).hasSize(2 + SESSIONS);
        assertThat(rows.get(0))
                .isEqualTo(
                        "127.0.0.1,,,,,,,,,,,,,,,,,,,,bng-1,,,,"
                                + "2026-11-22T09:59:58Z,2026-11-22T09:59:58Z,,,,");
        assertThat(rows.get(1))
                .isEqualTo(
                        "127.0.0.1,,10.0.0.7,,,,,,,,,,,,,,,,\"alice, \"\"a\"\"\",s-1,192.0.2.1,,"
                                + (((1L + 2) << 32) + 5 + 0xffff_ffffL)
                                + ",7,2023-11-14T22:13:20Z,2023-11-14T22:13:20Z,,,"
                                + "Harbour,");
        for (int i = 0; i < SESSIONS; i++) {
            assertThat(rows.get(2 + i)).contains(",2001:db8:1::,").contains(",t-" + i + ",");
        }
    }

    @Test
    void jsonHasTheStatusAndEveryAttributeByTheNameOfItsDictionary() {
        CommandLineRun run = run("--format", "json", "--limit", "2");
        assertThat(run.code()).isEqualTo(ExitCode.OK);
        JsonNode stop = JSON.readTree(run.out()).get(1);
        assertThat(stop.get("status").asString()).isEqualTo("stop");
        assertThat(stop.get("session_id").asString()).isEqualTo("s-1");
        assertThat(stop.get("subscriber").asString()).isEqualTo("alice, \"a\"");
        assertThat(stop.get("octets").asLong()).isEqualTo((3L << 32) + 5 + 0xffff_ffffL);
        assertThat(stop.get("Acct-Status-Type").asString()).isEqualTo("Stop");
        assertThat(stop.get("Acct-Input-Octets").isNumber()).isTrue();
        assertThat(stop.get("Acct-Output-Octets").asLong()).isEqualTo(0xffff_ffffL);
        assertThat(stop.get("NAS-IP-Address").asString()).isEqualTo("192.0.2.1");
        assertThat(stop.get("Delegated-IPv6-Prefix").asString()).isEqualTo("2001:db8::/56");
        assertThat(stop.get("Event-Timestamp").asString()).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(stop.get("Acme-Rate").asString()).isEqualTo("Unlimited");
        assertThat(stop.get("Class").toString()).isEqualTo("[\"01ab\",\"02\"]");
        assertThat(JSON.readTree(run.out()).get(0).get("status").asString())
                .isEqualTo("accounting-on");
    }

    @Test
    void conditionsTimesAndLimitsChooseRequestsToo() {
        assertThat(csv("--where", "subscriber LIKE 'alice%' AND nas = '192.0.2.1'")).hasSize(1);
        assertThat(csv("--where", "session_id = 't-2999'")).hasSize(1);
        assertThat(csv("--where", "session_id IS NULL")).hasSize(1);
        assertThat(csv("--where", "src_mask = 64")).hasSize(SESSIONS);
        assertThat(csv("--from", "2026-11-22T10:00:01Z", "--to", "2026-11-22T10:00:03Z"))
                .hasSize(2);
        assertThat(csv("--limit", "1500")).hasSize(1_500);
        assertThat(run("--kind", "options", "--format", "json").out()).isEqualTo("[]\n");
    }

    @Test
    void aTableShowsTheColumnsThatRequestsHave() {
        String header = run("--limit", "2").out().lines().findFirst().orElseThrow();
        assertThat(header.strip().split(" +"))
                .containsExactly(
                        "exporter",
                        "src_addr",
                        "subscriber",
                        "session_id",
                        "nas",
                        "octets",
                        "packets",
                        "start",
                        "end",
                        "src_customer");
    }

    @Test
    void checkTellsWhatIsWrongInADictionaryWithItsLine(@TempDir Path other) throws IOException {
        new RequestJournal(other, "VENDOR Acme 4242\n\nATTRIBUTE Acme-Rate one integer\n").end();
        Files.write(
                other.resolve("dictionary.more"),
                "ATTRIBUT X 1 string\n".getBytes(StandardCharsets.UTF_8));
        Path file = other.resolve("narwhal.yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("./dictionary.acme", "[./dictionary.acme, ./dictionary.more]"));

        CommandLineRun run = CommandLineRun.of(other, "check", "narwhal.yaml");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err().lines())
                .hasSize(2)
                .first()
                .asString()
                .endsWith(
                        "dictionary.acme:3:1: 'one' is no number; expected one like 26 or 0x1a,"
                                + " 4294967295 at most");
        assertThat(run.err()).contains("dictionary.more:1:1: unknown keyword 'ATTRIBUT';");
        assertThat(CommandLineRun.of(other, "records").code()).isNotEqualTo(ExitCode.OK);
    }
}
