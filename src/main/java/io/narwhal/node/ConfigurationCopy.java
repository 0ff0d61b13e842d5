package io.narwhal.node;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.component.NodeLayout;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The configuration that the node runs, so that every process of it reads the same one. */
public final class ConfigurationCopy {
    private ConfigurationCopy() {}

    /** The text; empty when the node never ran. */
    public static String read(Disk disk, NodeLayout layout) {
        Path file = layout.node().resolve(NodeLayout.CONFIGURATION);
        return disk.exists(file)
                ? new String(SmallFile.read(disk, file), StandardCharsets.UTF_8)
                : "";
    }

    static void write(Disk disk, NodeLayout layout, String text) {
        SmallFile.replace(
                disk,
                layout.node(),
                NodeLayout.CONFIGURATION,
                text.getBytes(StandardCharsets.UTF_8));
    }
}
