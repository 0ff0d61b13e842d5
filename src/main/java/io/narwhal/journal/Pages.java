package io.narwhal.journal;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.SharedPage;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The journal's shared pages: {@code published} and one {@code NAME.ack} a reader. Each holds one
 * position in its first 8 bytes, in the machine's own byte order, as it is memory.
 */
final class Pages {
    static final String PUBLISHED = "published";
    static final String ACK_SUFFIX = ".ack";
    static final int BYTES = 64;

    /** Offset in a reader's page: not 0 once an administrator has removed the reader. */
    static final int REMOVED_AT = 8;

    private Pages() {}

    static String ack(String reader) {
        return reader + ACK_SUFFIX;
    }

    static void checkName(String reader) {
        Check.that(
                reader.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}"),
                "a reader's name is 1 to 96 letters, digits, '-', '_' or '.', not '%s'",
                reader);
    }

    /**
     * Opens the writer's page, making it if missing. It is made under another name and renamed, so
     * that no process ever opens one that is half made and clears what its owner has put there.
     */
    static SharedPage open(Disk disk, Path directory, String name) {
        Path file = directory.resolve(name);
        if (!isThere(disk, file)) {
            Path made = directory.resolve(name + ".new");
            disk.delete(made);
            disk.page(made, BYTES).close();
            try (var bytes = disk.open(made, Disk.Mode.WRITE)) {
                bytes.force();
            }
            disk.rename(made, file);
            disk.forceDirectory(directory);
        }
        return disk.page(file, BYTES);
    }

    /**
     * Opens a reader's page, making it if missing. The writer and the reader may both come to make
     * it, so it is made in place: at worst an acknowledgement is cleared, until the next one.
     */
    static SharedPage openAck(Disk disk, Path directory, String reader) {
        return disk.page(directory.resolve(ack(reader)), BYTES);
    }

    /** Opens a page for reading, or nothing when no one has made it yet. */
    static @Nullable SharedPage find(Disk disk, Path directory, String name) {
        Path file = directory.resolve(name);
        return isThere(disk, file) ? disk.page(file, BYTES) : null;
    }

    /** The position in a page, read as a file, so that nothing is touched; 0 when missing. */
    static long peek(Disk disk, Path directory, String name) {
        Path file = directory.resolve(name);
        if (!isThere(disk, file)) {
            return 0;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        try (var page = disk.open(file, Disk.Mode.READ)) {
            page.read(bytes, 0);
        }
        return Math.max(0, bytes.getLong(0));
    }

    /** The highest position that readers of any name have acknowledged. */
    static long highestAck(Disk disk, Path directory) {
        long highest = 0;
        for (String name : disk.list(directory)) {
            if (name.endsWith(ACK_SUFFIX)) {
                highest = Math.max(highest, peek(disk, directory, name));
            }
        }
        return highest;
    }

    private static boolean isThere(Disk disk, Path file) {
        if (!disk.exists(file)) {
            return false;
        }
        try (var page = disk.open(file, Disk.Mode.READ)) {
            return page.size() >= BYTES;
        }
    }
}
