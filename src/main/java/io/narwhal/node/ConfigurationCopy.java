package io.narwhal.node;

import io.narwhal.base.Disk;
import io.narwhal.component.NodeLayout;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The configuration that the node runs, so that every process of it reads the same one. */
public final class ConfigurationCopy {
    private ConfigurationCopy() {}

    /** The text; empty when the node never ran. */
    public static String read(Disk disk, NodeLayout layout) {
        Path file = layout.configuration();
        if (!disk.exists(file)) {
            return "";
        }
        try (var in = disk.open(file, Disk.Mode.READ)) {
            var bytes = ByteBuffer.allocate((int) in.size());
            in.read(bytes, 0);
            return new String(bytes.array(), StandardCharsets.UTF_8);
        }
    }

    static void write(Disk disk, NodeLayout layout, String text) {
        Path file = layout.configuration();
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (var out = disk.open(temporary, Disk.Mode.REPLACE)) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            out.force();
        }
        disk.rename(temporary, file);
        disk.forceDirectory(file.toAbsolutePath().getParent());
    }
}
