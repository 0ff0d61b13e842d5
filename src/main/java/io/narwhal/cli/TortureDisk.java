package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The disk of a torture: a file system of its own, in memory, which can be filled and freed. */
final class TortureDisk {
    private static final int LARGE_BYTES = 1 << 20;
    private static final int SMALL_BYTES = 1 << 12;

    private final Disk disk;
    private final Shell shell;
    private final TortureFiles files;
    private boolean mounted;
    private boolean full;

    TortureDisk(Disk disk, Shell shell, TortureFiles files) {
        this.disk = disk;
        this.shell = shell;
        this.files = files;
    }

    /** Mounts it at the data directory; false where we may not. */
    boolean mount(long bytes) {
        disk.createDirectories(files.data());
        mounted =
                shell.run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=" + bytes + ",mode=700",
                        "narwhal-torture",
                        files.data().toString());
        return mounted;
    }

    boolean isMounted() {
        return mounted;
    }

    boolean isFull() {
        return full;
    }

    /** Takes all the room that there is. */
    void fill() {
        full = true;
        try (DiskFile file = disk.open(files.ballast(), Disk.Mode.REPLACE)) {
            long at = fill(file, 0, LARGE_BYTES);
            fill(file, at, SMALL_BYTES);
        }
    }

    private static long fill(DiskFile file, long from, int pieceBytes) {
        var piece = ByteBuffer.allocate(pieceBytes);
        long at = from;
        DiskFull full = null;
        while (full == null) {
            full = write(file, piece.clear(), at);
            at += full == null ? pieceBytes : 0;
        }
        return file.size();
    }

    private static @Nullable DiskFull write(DiskFile file, ByteBuffer piece, long at) {
        try {
            file.write(piece, at);
            return null;
        } catch (DiskFull e) {
            return e;
        }
    }

    /** Gives the room back. */
    void free() {
        disk.delete(files.ballast());
        full = false;
    }

    /** Unmounts it, with all that is on it. */
    void unmount() {
        if (mounted) {
            // Lazily, as a process that was killed just now may not be quite gone.
            mounted = !shell.run("umount", "-l", files.data().toString());
        }
    }

    /** Copies the files of a directory, not those below it. */
    void rescue(Path from, Path to) {
        disk.createDirectories(to);
        for (String name : disk.list(from)) {
            try (DiskFile in = disk.open(from.resolve(name), Disk.Mode.READ);
                    DiskFile out = disk.open(to.resolve(name), Disk.Mode.REPLACE)) {
                copy(in, out);
            }
        }
    }

    private static void copy(DiskFile in, DiskFile out) {
        var piece = ByteBuffer.allocate(LARGE_BYTES);
        for (long at = 0; at < in.size(); at += LARGE_BYTES) {
            in.read(piece.clear(), at);
            out.write(piece.flip(), at);
        }
    }
}
