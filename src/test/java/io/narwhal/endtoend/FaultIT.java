package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Faults other than kills: a hang, a full disk, a restart with another configuration (R20, R41).
 */
class FaultIT {
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "[::]:%d", receive-buffer: 64MiB }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1m }
            hang-after: 2s
            """;

    @Test
    void aComponentThatHangsIsKilledAndStartedAgain(@TempDir Path directory) throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            ProcessHandle stuck = node.component("flows").orElseThrow();
            signal("-STOP", stuck.pid());
            Truth truth = node.send(24_000);
            await().atMost(Duration.ofSeconds(20)).until(() -> !stuck.isAlive());
            JsonNode books = node.awaitAccounted(truth.records());
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(truth.octets());
            assertThat(node.log()).contains("no heartbeat for");
            JsonNode flows = component(node, "flows");
            assertThat(flows.path("restarts").asInt()).isEqualTo(1);
            assertThat(flows.path("last_end").asString()).contains("no heartbeat");
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void aFullDiskMakesTheNodeWaitAndLosesNothing(@TempDir Path directory) throws Exception {
        SmallDisk.mount(
                FaultIT.class, directory, "size=160m"); // DuckDB's library alone takes 60 MB of it
        try (var node = RunningNode.start(directory, CONFIG)) {
            Path filler = directory.resolve("filler");
            SmallDisk.fill(filler);
            Truth truth = node.send(48_000);
            await().atMost(Duration.ofSeconds(20))
                    .until(
                            () ->
                                    component(node, "flows")
                                            .path("state")
                                            .asString()
                                            .equals("waiting"));
            assertThat(component(node, "flows").path("message").asString())
                    .contains("cannot write")
                    .contains("free some space");

            Files.delete(filler);
            JsonNode books = node.awaitAccounted(truth.records());
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(truth.octets());
            assertThat(books.path("datagrams").path("kernel_dropped").asLong()).isZero();
            assertThat(component(node, "flows").path("state").asString()).isEqualTo("running");
            assertThat(node.stop()).isZero();
        } finally {
            SmallDisk.run("umount", "-l", directory.toString());
        }
    }

    @Test
    void aReadOnlyDataDirectoryIsNamed(@TempDir Path directory) throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        SmallDisk.mount(FaultIT.class, data, "ro,size=1m");
        try {
            Path config = directory.resolve("narwhal.yaml");
            Files.writeString(config, CONFIG.formatted(RunningNode.freePort()));
            Program.Result result =
                    new Program(directory).run("run", "--config", config.toString());
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).contains(data.toString()).contains("Read-only file system");
        } finally {
            SmallDisk.run("umount", "-l", data.toString());
        }
    }

    @Test
    void aChangedDefinitionKeepsWhatTheOldOneHadSummed(@TempDir Path directory) throws Exception {
        try (var node = RunningNode.start(directory, CONFIG)) {
            Truth before = node.send(24_000);
            node.awaitAccounted(before.records());
            assertThat(node.stop()).isZero();

            String text = Files.readString(node.config());
            Files.writeString(
                    node.config(),
                    text.replace("keys: [src_addr, dst_addr]", "keys: [src_addr]")
                            + "# and one more\n");
            node.startAgain();
            node.awaitReady();
            Truth after = node.send(12_000);
            JsonNode books = node.awaitAccounted(before.records() + after.records());
            assertThat(books.path("balanced").asBoolean()).isTrue();
            JsonNode usage = node.json("usage", "by-pair", "--by", "bin_start", "--format", "json");
            long octets = 0;
            for (JsonNode row : usage) {
                octets += row.path("octets").asLong();
            }
            assertThat(octets).isEqualTo(before.octets() + after.octets());
            assertThat(node.stop()).isZero();
        }
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        assertThat(SmallDisk.run("kill", signal, Long.toString(pid))).isZero();
    }

    private static JsonNode component(RunningNode node, String name) throws Exception {
        for (JsonNode one : node.json("status", "--format", "json").path("components")) {
            if (one.path("name").asString().equals(name)) {
                return one;
            }
        }
        throw new AssertionError("no component " + name);
    }
}
