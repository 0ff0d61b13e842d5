package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Disks that are lost or come back as they once were: real processes, whose data directory is
 * replaced while they are stopped. Whatever can be had is counted once, and what happened is said.
 */
class RebornIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long RECORDS = 24_000;
    private static final int RATE = 24_000;

    @TempDir private Path directory;

    private static final String EDGE =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:@flows" }
            serve: { listen: "127.0.0.1:@serve", managers: [central], tls: none }
            """;

    private static final String CENTRAL =
            """
            node: central
            data: ./data
            pull:
              edge-1: { address: "127.0.0.1:@serve", every: 300ms, tls: none }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 1s }
            """;

    @Test
    void whatComesBackOldOrEmptyIsSaidAndEverythingIsCountedOnce() throws Exception {
        int flows = RunningNode.freePort();
        var ports = Map.of("flows", flows, "serve", PlacedNode.freePort());
        try (var edge = PlacedNode.start(directory.resolve("edge-1"), EDGE, ports);
                var central = PlacedNode.start(directory.resolve("central"), CENTRAL, ports)) {
            edge.awaitReady();
            central.awaitReady();
            Tally truth = Routers.send(directory, "first", flows, RECORDS, RATE);
            awaitUsage(central, truth);
            edge.stop();
            central.stop();
            Path oldEdge = copy(edge.data(), directory.resolve("old-edge"));
            Path oldCentral = copy(central.data(), directory.resolve("old-central"));
            start(edge, central);
            truth = truth.plus(Routers.send(directory, "second", flows, RECORDS, RATE));
            awaitUsage(central, truth);

            // The manager's disk is replaced by its backup: the agent has copies of what is
            // missing.
            central.stop();
            restore(oldCentral, central.data());
            start(central);
            awaitUsage(central, truth);
            awaitSaid(edge, central, "manager_behind");

            // The agent's disk is replaced by its backup, and it goes on from there.
            edge.stop();
            restore(oldEdge, edge.data());
            start(edge);
            truth = truth.plus(Routers.send(directory, "third", flows, RECORDS, RATE));
            awaitUsage(central, truth);
            awaitSaid(edge, central, "agent_restored");

            // The agent's disk is replaced by an empty one.
            edge.stop();
            delete(edge.data());
            start(edge);
            truth = truth.plus(Routers.send(directory, "fourth", flows, RECORDS, RATE));
            awaitUsage(central, truth);
            awaitSaid(edge, central, "agent_lost");

            edge.drain();
            central.drain();
            assertThat(usage(central).difference(truth)).isEmpty();
            assertThat(central.isBalanced()).isTrue();
        }
    }

    private static void start(PlacedNode... nodes) throws IOException {
        for (PlacedNode node : nodes) {
            node.startAgain();
        }
        List.of(nodes).forEach(PlacedNode::awaitReady);
    }

    /** Both sides tell it and have it in their logs, and it is in the books of the manager. */
    private static void awaitSaid(PlacedNode edge, PlacedNode central, String verdict) {
        String words = verdict.replace('_', ' ');
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(
                        () -> {
                            assertThat(central.events("edge-1").toString().replace('_', ' '))
                                    .containsIgnoringCase(words);
                            assertThat(edge.events("central").toString().replace('_', ' '))
                                    .containsIgnoringCase(words);
                            assertThat(
                                            central.command("audit", "--format", "json")
                                                    .json()
                                                    .path("transfer")
                                                    .path("events")
                                                    .toString()
                                                    .replace('_', ' '))
                                    .containsIgnoringCase(words);
                            assertThat(central.log("pull").replace('_', ' '))
                                    .containsIgnoringCase(words);
                            assertThat(edge.log("serve").replace('_', ' '))
                                    .containsIgnoringCase(words);
                        });
    }

    private static void awaitUsage(PlacedNode central, Tally truth) {
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(
                        () ->
                                assertThat(usage(central).difference(truth))
                                        .as("%s", central.log())
                                        .isEmpty());
    }

    private static Tally usage(PlacedNode central) throws Exception {
        return central.usage("by-pair", "src_addr", "dst_addr");
    }

    private static void restore(Path copy, Path data) throws IOException {
        delete(data);
        copy(copy, data);
    }

    private static Path copy(Path from, Path to) throws IOException {
        List<Path> found;
        try (var files = Files.walk(from)) {
            found = files.toList();
        }
        for (Path file : found) {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
        }
        return to;
    }

    private static void delete(Path tree) throws IOException {
        List<Path> found;
        try (var files = Files.walk(tree)) {
            found = files.toList();
        }
        for (Path file : found.reversed()) {
            Files.delete(file);
        }
    }
}
