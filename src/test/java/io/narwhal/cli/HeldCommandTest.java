package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.inspect.ReceivedTraffic;
import io.narwhal.journal.JournalReader;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** R58: what is held is shown, and can be asked for. */
class HeldCommandTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir Path directory;
    private Path held;
    private byte[] payload = {};
    private String id = "";

    @BeforeEach
    void receive() {
        var traffic = new ReceivedTraffic(directory, plan -> plan.exporters(2).records(200));
        held = traffic.config.data().resolve("held");
        try (var reader = JournalReader.open(traffic.disk, traffic.journal, 0)) {
            for (int i = 0; i < 3; i++) {
                reader.next();
            }
            int from = reader.payloadOffset();
            byte[] block = Arrays.copyOfRange(reader.bytes(), from, from + reader.payloadLength());
            payload = Arrays.copyOfRange(block, 76, block.length);
            id = "flows-" + reader.framePosition() + "-0";
            Files.createDirectories(held);
            Files.writeString(
                    held.resolve("flows.json"),
                    """
                    { "version": 1, "life": 3, "deaths": [], "recycles": [], "recycled": 0,
                      "items": [ { "position": %d, "index": 0, "sinceMicros": 1795341900250000,
                        "recycle": 0, "block": "%s", "deaths": [
                          { "atMicros": 1, "step": 64, "recycle": 0, "alone": true,
                            "how": "java.lang.StackOverflowError", "named": [] } ] } ] }
                    """
                            .formatted(
                                    reader.framePosition(),
                                    Base64.getEncoder().encodeToString(block)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private CommandLineRun run(String... arguments) {
        return CommandLineRun.of(directory, arguments);
    }

    private void nothing() throws IOException {
        Files.delete(held.resolve("flows.json"));
    }

    @Test
    void nothingHeldIsNoFailure() throws IOException {
        nothing();
        assertThat(run("held").code()).isZero();
        assertThat(JSON.readTree(run("held", "--format", "json").out()).path("held")).isEmpty();
        CommandLineRun recycle = run("held", "recycle", "--all");
        assertThat(recycle.code()).as(recycle.err()).isZero();
        assertThat(recycle.out()).contains("nothing is held");
        assertThat(held).isEmptyDirectory();
        assertThat(run("status").out()).doesNotContain("held");
    }

    @Test
    void whatIsHeldIsListed() {
        CommandLineRun table = run("held");
        assertThat(table.code()).as(table.err()).isZero();
        assertThat(table.out())
                .contains(id)
                .contains("2026-11-22T10:05:00.250Z")
                .contains("datagram of 127.0.0.1")
                .contains("StackOverflowError");
        JsonNode one = JSON.readTree(run("held", "--format", "json").out()).path("held").get(0);
        assertThat(one.path("id").asString()).isEqualTo(id);
        assertThat(one.path("lane").asString()).isEqualTo("flows");
        assertThat(one.path("bytes").asInt()).isEqualTo(payload.length);
        assertThat(one.path("place").asString()).contains("of journal/received/flows");
        assertThat(run("status").out()).contains("held: 1 datagrams");
        assertThat(JSON.readTree(run("status", "--format", "json").out()).path("held").asInt())
                .isEqualTo(1);
    }

    @Test
    void oneIsShownWithItsBytes() {
        CommandLineRun shown = run("held", "--show", id);
        assertThat(shown.code()).isZero();
        assertThat(shown.out())
                .contains("id      " + id)
                .contains("0000  " + HexFormat.ofDelimiter(" ").formatHex(payload, 0, 16));
        JsonNode json = JSON.readTree(run("held", "--show", id, "--format", "json").out());
        assertThat(json.path("hex").asString()).isEqualTo(HexFormat.of().formatHex(payload));
    }

    @Test
    void recordsLeaveItOut() throws IOException {
        long with = run("records", "--format", "csv").out().lines().count();
        nothing();
        long all = run("records", "--format", "csv").out().lines().count();
        assertThat(with).isLessThan(all).isGreaterThan(all - 40);
    }

    @Test
    void recyclingIsARequestThatAccountingFinds() throws IOException {
        CommandLineRun asked = run("held", "recycle", id);
        assertThat(asked.code()).as(asked.err()).isZero();
        assertThat(asked.out()).contains("1 to be recycled");
        assertThat(run("held", "recycle", "--all").code()).isZero();
        assertThat(held.resolve("flows.1.recycle")).hasContent(id);
        assertThat(held.resolve("flows.2.recycle")).hasContent(id);
    }

    @Test
    void anIdThatIsNotHeldIsToldAndNothingIsAskedFor() {
        for (String[] arguments :
                new String[][] {
                    {"held", "--show", "flows-1-1"}, {"held", "recycle", id, "flows-1-1"}
                }) {
            CommandLineRun run = run(arguments);
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains("nothing is held as flows-1-1; see: narwhal held");
        }
        assertThat(held.resolve("flows.1.recycle")).doesNotExist();
    }

    @Test
    void idsOrAllAreWanted() {
        for (String[] arguments :
                new String[][] {{"held", "recycle"}, {"held", "recycle", id, "--all"}}) {
            CommandLineRun run = run(arguments);
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err())
                    .contains("either IDs or --all")
                    .contains("Run: narwhal held recycle --help");
        }
    }
}
