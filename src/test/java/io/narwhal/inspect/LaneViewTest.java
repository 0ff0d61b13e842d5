package io.narwhal.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.component.NodeLayout;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What was counted is never shown as nothing. */
final class LaneViewTest {
    @TempDir private Path directory;

    @Test
    void checkpointsThatCannotBeReadAreAFailureAndNotAnEmptyNode() throws IOException {
        var traffic = new ReceivedTraffic(directory, plan -> plan.records(100));
        assertThat(NodeView.read(traffic.config, traffic.disk).lanes()).hasSize(2);

        List<Path> files;
        try (var found = Files.list(new NodeLayout(traffic.config.data()).checkpoints())) {
            files = found.filter(file -> file.toString().endsWith(".ckpt")).toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            Files.write(file, new byte[0]);
        }

        assertThatThrownBy(() -> NodeView.read(traffic.config, traffic.disk))
                .isInstanceOf(LaneView.CheckpointLost.class)
                .hasMessageContaining(files.getFirst() + ":0: the file is empty")
                .hasMessageContaining("Start the node");
    }
}
