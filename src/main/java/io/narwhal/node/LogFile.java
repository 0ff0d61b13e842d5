package io.narwhal.node;

import io.narwhal.base.Disk;

import java.nio.file.Path;

/** What a component prints, bounded: a restart begins a new file when the old one is large. */
final class LogFile {
    /** A file of this many bytes or more is put aside; the one put aside before is replaced. */
    static final long BYTES_MAX = 16L << 20;

    private LogFile() {}

    /** Puts a large file aside as {@code <name>.1}; for when nobody writes to it. */
    static void rotate(Disk disk, Path log) {
        if (disk.exists(log) && size(disk, log) >= BYTES_MAX) {
            disk.rename(log, log.resolveSibling(log.getFileName() + ".1"));
        }
    }

    private static long size(Disk disk, Path log) {
        try (var file = disk.open(log, Disk.Mode.READ)) {
            return file.size();
        }
    }
}
