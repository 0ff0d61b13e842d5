package io.narwhal.base;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file that is read and replaced as a whole. */
public final class SmallFile {
    private SmallFile() {}

    /** All bytes of the file. */
    public static byte[] read(Disk disk, Path file) {
        try (var in = disk.open(file, Disk.Mode.READ)) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(in.size()));
            in.read(bytes, 0);
            return bytes.array();
        }
    }

    /**
     * Replaces the file: whoever reads it, after whatever crash, finds the old bytes or the new
     * ones.
     */
    public static void replace(Disk disk, Path directory, String name, byte[] bytes) {
        Path temporary = directory.resolve(name + ".tmp");
        try (var out = disk.open(temporary, Disk.Mode.REPLACE)) {
            out.write(ByteBuffer.wrap(bytes), 0);
            out.force();
        }
        disk.rename(temporary, directory.resolve(name));
        disk.forceDirectory(directory);
    }

    /** As {@link #replace}; its owner alone may read and write the file, at every moment. */
    public static void replacePrivate(Disk disk, Path directory, String name, byte[] bytes) {
        Path temporary = directory.resolve(name + ".tmp");
        disk.delete(temporary); // an old one may be readable by others
        try (var out = disk.createPrivate(temporary)) {
            out.write(ByteBuffer.wrap(bytes), 0);
            out.force();
        }
        disk.rename(temporary, directory.resolve(name));
        disk.forceDirectory(directory);
    }
}
