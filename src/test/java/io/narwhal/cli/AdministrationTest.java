package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.component.NodeLayout;
import io.narwhal.node.Wish;
import io.narwhal.node.Wishes;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** R21: start, stop and restart on a node of which no process runs; endtoend has the rest. */
class AdministrationTest {
    @TempDir Path directory;

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(
                directory.resolve("narwhal.yaml"),
                """
                node: edge-1
                data: ./data
                collectors:
                  flows: { protocol: netflow, listen: "127.0.0.1:2055" }
                usage:
                  total: { keys: [], bin: 1h }
                journals: { usage: { capacity: 256MiB } }
                """);
    }

    private CommandLineRun run(String... args) {
        return CommandLineRun.of(directory, Map.of("SUDO_USER", "alice"), args);
    }

    private void haveRun() throws IOException {
        Files.createDirectories(layout().node());
    }

    private NodeLayout layout() {
        return new NodeLayout(directory.resolve("data"));
    }

    private Wishes wishes() {
        return new Wishes(Disk.system(), layout());
    }

    private static JsonNode json(CommandLineRun run) {
        return JsonMapper.shared().readTree(run.out());
    }

    @Test
    void aNameThatIsNoneIsToldWithTheNearest() throws IOException {
        haveRun();
        for (String command : new String[] {"start", "stop", "restart"}) {
            CommandLineRun run = run(command, "ledger", "flow");
            assertThat(run.code()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err())
                    .contains("no component is called 'flow'; did you mean 'flows'?")
                    .contains("Node edge-1 has: flows, accounting, ledger")
                    .contains("Run: narwhal " + command + " --help");
        }
        assertThat(wishes().of("ledger")).isEqualTo(new Wish.Run());
    }

    @Test
    void aNodeThatHasNeverRunIsNotAdministered() {
        for (String command : new String[] {"start", "stop", "restart"}) {
            CommandLineRun run = run(command, "flows");
            assertThat(run.code()).isEqualTo(ExitCode.FAILURE);
            assertThat(run.err()).contains("node edge-1 has never run on ");
        }
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void whatIsWishedWhileNoManagerRunsHoldsAtTheNextStartAndShows() throws IOException {
        haveRun();
        CommandLineRun stop = run("stop", "flows", "--reason", "a trial", "--format", "json");
        assertThat(stop.code()).isZero();
        assertThat(stop.err()).contains("holds from the next start of the node on");
        assertThat(json(stop).get(0).path("desired").asString()).isEqualTo("stopped");
        assertThat(wishes().of("flows"))
                .isInstanceOfSatisfying(
                        Wish.Stopped.class,
                        wish -> {
                            assertThat(wish.by()).isEqualTo("alice");
                            assertThat(wish.reason()).isEqualTo("a trial");
                        });

        JsonNode status = json(run("status", "--format", "json"));
        assertThat(status.path("ready").asBoolean()).isFalse();
        assertThat(status.path("alarms").isArray()).isTrue();
        JsonNode flows = status.path("components").get(0);
        assertThat(flows.path("desired").asString()).isEqualTo("stopped");
        assertThat(flows.path("state").asString()).isEqualTo("stopped");
        assertThat(flows.path("stopped").path("by").asString()).isEqualTo("alice");
        assertThat(run("status").out()).contains("stopped by alice since ").contains("(a trial)");

        assertThat(run("start", "flows").code()).isZero();
        assertThat(wishes().of("flows")).isEqualTo(new Wish.Run());
        JsonNode again = json(run("status", "--format", "json")).path("components").get(0);
        assertThat(again.path("desired").asString()).isEqualTo("running");
        assertThat(again.path("stopped").isNull()).isTrue();
    }

    @Test
    void aRestartOfWhatIsStoppedStartsIt() throws IOException {
        haveRun();
        run("stop", "ledger");
        assertThat(run("restart", "ledger").code()).isZero();
        assertThat(wishes().of("ledger")).isEqualTo(new Wish.Run());
        assertThat(wishes().restartOf("ledger")).isPresent();
    }

    @Test
    void namesComplete() {
        CommandLineRun completion = run("completion");
        assertThat(completion.out()).contains("COMPONENT_pos_param_args=(\"flows\" \"accounting\"");
    }
}
