package io.narwhal.journal;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.SmallFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Which processes wrote a journal, each with the position at which it began: the file {@code
 * lineage} in its directory. A writer is entered, durably, before it appends its first frame. So
 * two copies of a journal of which one is an older state of the other that went on by itself, as a
 * restored backup does, are told apart: behind the position where they part, their writers differ.
 *
 * <p>An entry has 32 bytes, big-endian:
 *
 * <pre>
 *  0            8                16             24       28
 *  +------------+----------------+--------------+--------+---------+
 *  | writer id  | first position | entered µs   | crc32c | 4 zeros |
 *  +------------+----------------+--------------+--------+---------+
 * </pre>
 *
 * The checksum covers the 24 bytes before it.
 */
public final class Lineage {
    /** Name of the file. */
    public static final String FILE = "lineage";

    /** How many entries count: the newest. */
    public static final int ENTRIES_MAX = 1_024;

    /** Beyond this the file is made anew with the newest. */
    private static final int ENTRIES_IN_FILE_MAX = 2 * ENTRIES_MAX;

    private static final int BYTES = 32;
    private static final int CRC_AT = 24;

    /**
     * A process that wrote the journal, or could have.
     *
     * @param id unlike any other; never 0
     * @param first where its first frame would be
     * @param enteredMicros wall clock, for people
     */
    public record Entry(long id, long first, long enteredMicros) {}

    /** What a file holds: its valid entries, and how many there is room for before the torn end. */
    private record Found(List<Entry> entries, int end) {}

    private Lineage() {}

    /** The newest entries, oldest first; none when nobody was ever entered. */
    public static List<Entry> read(Disk disk, Path directory) {
        List<Entry> all = found(disk, directory).entries();
        return List.copyOf(all.subList(Math.max(0, all.size() - ENTRIES_MAX), all.size()));
    }

    /**
     * Enters a writer; it is durable when this returns. To be called before the writer's first
     * append, by whoever holds the journal open for writing.
     *
     * @param entry the id is not one that was entered before
     */
    public static void enter(Disk disk, Path directory, Entry entry) {
        Check.that(entry.id() != 0, "a writer's id is not 0");
        Found found = found(disk, directory);
        if (found.end() >= ENTRIES_IN_FILE_MAX) {
            List<Entry> kept = new ArrayList<>(read(disk, directory));
            kept.removeFirst();
            kept.add(entry);
            ByteBuffer bytes = ByteBuffer.allocate(kept.size() * BYTES);
            kept.forEach(one -> bytes.put(encoded(one)));
            SmallFile.replace(disk, directory, FILE, bytes.array());
            return;
        }
        Path path = directory.resolve(FILE);
        Disk.Mode mode = disk.exists(path) ? Disk.Mode.WRITE : Disk.Mode.CREATE;
        try (DiskFile file = disk.open(path, mode)) {
            // What is torn behind the last valid entry is overwritten.
            file.truncate((long) found.end() * BYTES);
            file.write(encoded(entry), (long) found.end() * BYTES);
            file.force();
        }
        // Even if the file was there: who made it may have died before its name was durable.
        disk.forceDirectory(directory);
    }

    private static Found found(Disk disk, Path directory) {
        Path path = directory.resolve(FILE);
        if (!disk.exists(path)) {
            return new Found(List.of(), 0);
        }
        ByteBuffer bytes = ByteBuffer.wrap(SmallFile.read(disk, path));
        List<Entry> entries = new ArrayList<>();
        int end = 0;
        for (int i = 0; i < bytes.capacity() / BYTES; i++) {
            int at = i * BYTES;
            // A damaged one between valid ones is passed over: a gap in what is known, no more.
            if (bytes.getInt(at + CRC_AT) == checksum(bytes.array(), at)
                    && bytes.getLong(at) != 0) {
                entries.add(
                        new Entry(
                                bytes.getLong(at), bytes.getLong(at + 8), bytes.getLong(at + 16)));
                end = i + 1;
            }
        }
        return new Found(entries, end);
    }

    private static ByteBuffer encoded(Entry entry) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(entry.id()).putLong(entry.first()).putLong(entry.enteredMicros());
        bytes.putInt(CRC_AT, checksum(bytes.array(), 0));
        return bytes.clear();
    }

    private static int checksum(byte[] bytes, int at) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at, CRC_AT);
        return (int) crc.getValue();
    }
}
