package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Processes;
import io.narwhal.base.Tls;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** R63: certificates by commands. */
class PkiCommandTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir Path directory;

    private CommandLineRun pki(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "pki";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return CommandLineRun.of(directory, all);
    }

    private CommandLineRun good(String... arguments) {
        CommandLineRun run = pki(arguments);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run;
    }

    private byte[] file(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name));
    }

    @Test
    void anAuthorityIsMadeCertificatesAreIssuedListedAndRevoked() throws IOException {
        assertThat(good("init", "--name", "Example Net").out())
                .startsWith("made the certificate authority 'Example Net' in ")
                .contains("off line", "narwhal pki issue edge-1");
        assertThat(good("issue", "edge-1").out())
                .startsWith("issued edge-1, serial number ")
                .contains("tls: { directory: ", "'managers'", "'identity'", "revoked.pem");
        assertThat(
                        Tls.read(
                                file("edge-1/certificate.pem"),
                                file("edge-1/key.pem"),
                                file("edge-1/ca.pem")))
                .isInstanceOf(Tls.Read.Good.class);
        assertThat(file("edge-1/revoked.pem")).isEqualTo(file("pki/revoked.pem"));

        byte[] before = file("pki/revoked.pem");
        assertThat(good("revoke", "edge-1", "--reason", "key-compromise").out())
                .startsWith("revoked edge-1, serial number ")
                .contains("directory of every node");
        assertThat(file("pki/revoked.pem")).isNotEqualTo(before);
        assertThat(good("revoke", "edge-1").out()).startsWith("nothing to revoke");
        assertThat(good("list").out().lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).startsWith("name").contains("not after"))
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .startsWith("edge-1")
                                        .endsWith("revoked (key-compromise)"));
    }

    @Test
    void programsReadJson() {
        good("init");
        JsonNode issued = JSON.readTree(good("issue", "edge-1", "--format", "json").out());
        JsonNode again =
                JSON.readTree(
                        good("issue", "edge-1", "--replace", "--days", "20", "--format", "json")
                                .out());
        JsonNode list = JSON.readTree(good("list", "--format", "json").out());
        JsonNode revoked = JSON.readTree(good("revoke", "edge-1", "--format", "json").out());

        assertThat(issued.path("state").asString()).isEqualTo("valid");
        assertThat(issued.path("finished").asBoolean(true)).isFalse();
        assertThat(again.path("state").asString()).isEqualTo("expires-soon");
        assertThat(again.path("replaced").get(0)).isEqualTo(issued.path("serial"));
        assertThat(list.path("authority").asString()).isEqualTo("Narwhal transfers");
        assertThat(list.path("unfinished")).isEmpty();
        assertThat(list.path("certificates")).hasSize(2);
        JsonNode first = list.path("certificates").get(0);
        assertThat(first.path("state").asString()).isEqualTo("revoked");
        assertThat(first.path("reason").asString()).isEqualTo("superseded");
        assertThat(first.path("revoked_at").asString()).endsWith("Z");
        assertThat(list.path("certificates").get(1).path("revoked_at").isNull()).isTrue();
        assertThat(revoked.path("revoked").get(0).path("serial")).isEqualTo(again.path("serial"));
        assertThat(revoked.path("list").asString()).endsWith("revoked.pem");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    issue Edge                        | 2 | the name 'Edge' is none of a host
                    issue 192.0.2.1                   | 2 | give its address with --address
                    issue edge-1 --days 0             | 2 | valid for 1 to 3650 days
                    issue edge-1 --address a_b        | 2 | the address 'a_b' is none of a host
                    revoke edge-1 --reason whim       | 2 | 'whim' is none of [unspecified, key-compromise
                    init --years 31 --dir new         | 2 | an authority lives 1 to 30 years
                    init --name '' --dir new          | 2 | 1 to 64 characters
                    init                              | 1 | has a certificate authority already
                    issue edge-1 --dir nowhere        | 1 | make one: narwhal pki init --dir
                    issue edge-1 --out pki            | 1 | the authority's own directory
                    revoke edge-9                     | 1 | issued no certificate with the name or serial
                    list --dir nowhere                | 1 | has no certificate authority
                    """)
    void whatIsWrongIsToldAndNothingIsDone(String line, int code, String message)
            throws IOException {
        good("init");
        byte[] before = file("pki/index.jsonl");

        CommandLineRun run = pki(line.replace("''", "").split(" ", -1));

        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.err()).startsWith("narwhal: ").contains(message);
        assertThat(run.out()).isEmpty();
        assertThat(file("pki/index.jsonl")).isEqualTo(before);
        assertThat(directory.resolve("nowhere")).doesNotExist();
        assertThat(directory.resolve("new")).doesNotExist();
        assertThat(directory.resolve("edge-1")).doesNotExist();
    }

    @Test
    void whatACrashLeftIsToldByListAndMendedByTheNextCommand() throws IOException {
        good("init");
        good("issue", "edge-1");
        byte[] whole = file("pki/index.jsonl");
        Files.write(
                directory.resolve("pki/index.jsonl"),
                "{\"event\":\"issu".getBytes(StandardCharsets.US_ASCII),
                StandardOpenOption.APPEND);

        CommandLineRun list = pki("list");
        CommandLineRun revoke = pki("revoke", "edge-1");

        assertThat(list.code()).isZero();
        assertThat(list.err()).contains("a crash left half written", "mends it");
        assertThat(revoke.code()).isZero();
        assertThat(revoke.err()).contains("narwhal: cut off the end of", "index.jsonl.broken");
        assertThat(file("pki/index.jsonl")).startsWith(whole);
        assertThat(good("list").out()).contains("revoked (unspecified)");
    }

    @Test
    void twoAtOnceDoNotWriteOneIndex() throws IOException {
        good("init");
        Path lock = directory.resolve("pki/lock");
        Files.delete(lock);
        Files.createDirectory(lock);

        assertThat(pki("issue", "edge-1").err()).contains("cannot lock");
        Files.delete(lock);
        try (var held = Processes.system().lock(lock).orElseThrow()) {
            assertThat(held).isNotNull();
            assertThat(pki("issue", "edge-1").code()).isEqualTo(ExitCode.FAILURE);
            assertThat(file("pki/index.jsonl")).isEmpty();
        }
        good("issue", "edge-1");
    }

    @Test
    void withoutASubcommandItHelps() {
        assertThat(pki().out()).isEqualTo(pki("--help").out()).contains("narwhal pki init");
        for (String command : new String[] {"init", "issue", "list", "revoke"}) {
            assertThat(pki(command, "--help").out())
                    .contains("Example", "narwhal pki " + command, "Exit codes:");
        }
    }
}
