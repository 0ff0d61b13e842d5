package io.narwhal.base;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Files, as narrow as the durable rooms need them, so that a test can fake the whole of it and cut
 * at every write and force.
 *
 * <p>What survives: bytes written survive the death of this process at once; they survive a power
 * cut only after {@link DiskFile#force}. A created, renamed or deleted name survives a power cut
 * only after {@link #forceDirectory} on its directory. Every method throws {@link DiskFailure}
 * (unchecked) with the path in its message; {@link DiskFull} when there is no room.
 */
public interface Disk {
    /** How {@link #open} treats an existing or missing file. */
    enum Mode {
        /** The file exists and is only read. */
        READ,
        /** The file exists and is read and written. */
        WRITE,
        /** The file must not exist; it is made empty. */
        CREATE,
        /** The file is made if missing and emptied if not. */
        REPLACE
    }

    /** Opens a file. */
    DiskFile open(Path file, Mode mode);

    /**
     * Makes an empty file, which must not exist, that its owner alone may read and write, for keys.
     * A disk without owners makes it like any other.
     */
    default DiskFile createPrivate(Path file) {
        return open(file, Mode.CREATE);
    }

    /** Whether a file or directory of that name exists. */
    boolean exists(Path path);

    /** The names in a directory, sorted; none when the directory does not exist. */
    List<String> list(Path directory);

    /**
     * Size and time of change of a file; empty when there is no regular file of that name. A disk
     * that keeps no times says 0.
     */
    default Optional<FileStamp> stamp(Path file) {
        if (!exists(file)) {
            return Optional.empty();
        }
        try (DiskFile open = open(file, Mode.READ)) {
            return Optional.of(new FileStamp(open.size(), 0));
        }
    }

    /** Makes the directory and its missing parents, and forces their names. */
    void createDirectories(Path directory);

    /** Renames within one file system, atomically, replacing the target. */
    void rename(Path from, Path to);

    /** Deletes a file; nothing happens when it is missing. */
    void delete(Path file);

    /** Makes the names in this directory durable. */
    void forceDirectory(Path directory);

    /** When the file was written last, ms since 1970; 0 where that is not known. */
    default long modifiedMs(Path file) {
        return 0;
    }

    /**
     * Opens, and makes of zeros if missing, a small file whose bytes are memory shared by all
     * processes that open it. Writes reach other processes at once and survive the death of this
     * one; after a power cut each aligned 8 bytes hold some value that was once put there.
     *
     * @param sizeBytes size of the page; an existing shorter file is extended
     */
    SharedPage page(Path file, int sizeBytes);

    /**
     * What is free in a file system.
     *
     * @param freeBytes for this user
     * @param totalBytes free or not
     */
    record Room(long freeBytes, long totalBytes) {}

    /** The room where the directory stands; empty when that cannot be told. */
    default Optional<Room> room(Path directory) {
        return Optional.empty();
    }

    /** The machine's files. */
    static Disk system() {
        return new SystemDisk();
    }
}
