package io.narwhal.node;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.TransferFacts;
import io.narwhal.config.NodeConfig;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * What is wrong with a link by which this node pulls, as its component wrote it down.
 *
 * @param complaint in a sentence that says what to change
 */
record PulledTrouble(String link, String complaint) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Of each link that has something. */
    static List<PulledTrouble> of(NodeConfig config, Disk disk) {
        Path file = new NodeLayout(config.data()).transfer().resolve(TransferFacts.PULLED);
        try {
            if (config.pull().isEmpty() || !disk.exists(file)) {
                return List.of();
            }
            JsonNode links = JSON.readTree(SmallFile.read(disk, file)).path("links");
            return StreamSupport.stream(links.spliterator(), false)
                    .map(one -> new PulledTrouble(text(one, "link"), text(one, "complaint")))
                    .filter(one -> !one.complaint().isEmpty())
                    .toList();
        } catch (DiskFailure | JacksonException e) {
            return List.of(); // it is replaced every second or so
        }
    }

    private static String text(JsonNode node, String key) {
        return node.path(key).asString("");
    }
}
