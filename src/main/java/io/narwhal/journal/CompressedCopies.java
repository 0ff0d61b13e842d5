package io.narwhal.journal;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * The writer's side of compression: takes offered copies in the place of segments. The order of the
 * steps, and what is there if it ends behind each: copy renamed (both forms, plain is read) → names
 * forced → plain form deleted (it may come back with a power cut: both forms again).
 */
final class CompressedCopies {
    private CompressedCopies() {}

    /** Segments with a copy that is offered, or with both forms. */
    static List<Long> pending(Disk disk, Path directory) {
        TreeSet<Long> pending = new TreeSet<>();
        for (String name : disk.list(directory)) {
            long base = Segments.offeredBase(name);
            if (base >= 0) {
                pending.add(base);
            } else if (name.endsWith(Segments.COMPRESSED_SUFFIX)
                    && Segments.base(name) >= 0
                    && disk.exists(Segments.file(directory, Segments.base(name)))) {
                pending.add(Segments.base(name));
            }
        }
        return List.copyOf(pending);
    }

    /**
     * Puts the copy of a closed segment in its place.
     *
     * @param size bytes of the segment
     * @return whether only the compressed form is left
     */
    static boolean adopt(Disk disk, Path directory, long base, long size) {
        Path offered = Segments.offered(directory, base);
        Path compressed = Segments.compressed(directory, base);
        if (disk.exists(offered)) {
            if (!isCopy(disk, directory, base, size)) {
                disk.delete(offered);
                return false;
            }
            try {
                disk.rename(offered, compressed);
            } catch (DiskFull e) {
                return false; // later
            }
        }
        disk.forceDirectory(directory);
        disk.delete(Segments.file(directory, base));
        return true;
    }

    /** Offered for a segment that is gone, or that was written again since. */
    static void refuse(Disk disk, Path directory, long base) {
        disk.delete(Segments.offered(directory, base));
    }

    private static boolean isCopy(Disk disk, Path directory, long base, long size) {
        Path offered = Segments.offered(directory, base);
        if (!disk.exists(Segments.file(directory, base))) {
            return false;
        }
        try (var copy = CompressedSegment.open(disk, offered, base);
                DiskFile plain = disk.open(Segments.file(directory, base), Disk.Mode.READ)) {
            ByteBuffer mine = ByteBuffer.allocate(SegmentHeader.BYTES);
            ByteBuffer its = ByteBuffer.allocate(SegmentHeader.BYTES);
            plain.read(mine, 0);
            copy.read(its, 0);
            return copy.isTabled()
                    && copy.size() == size
                    && plain.size() == size
                    && mine.flip().equals(its.flip());
        }
    }
}
