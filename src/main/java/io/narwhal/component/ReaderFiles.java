package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.SmallFile;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * What an agent knows of its readers, durably: for each name two files, {@code to.NAME.a} and
 * {@code to.NAME.b}, which take turns. They are written in place, so that an acknowledgement can be
 * saved on a disk that is full: that is what makes room again. Big-endian:
 *
 * <pre>
 *  0          8            16       20       24
 *  +----------+------------+--------+--------+--------+
 *  | NARWTO01 | generation | length | crc32c | state… |
 *  +----------+------------+--------+--------+--------+
 * </pre>
 *
 * The checksum covers what is before it and the state. Of two valid files the one with the greater
 * generation holds.
 */
final class ReaderFiles {
    /** "NARWTO01". */
    private static final long MAGIC = 0x4e4152_57544f3031L;

    private static final int HEADER_BYTES = 24;
    private static final int CRC_AT = 20;
    private static final String PREFIX = "to.";
    private static final String[] SIDES = {".a", ".b"};

    /** Room that is made at once, so that a state may grow on a full disk. */
    private static final int ROOM_BYTES = 64 << 10;

    private record Slot(long generation, byte[] state) {}

    private final Disk disk;
    private final Path directory;
    private final Map<String, Long> generations = new HashMap<>();

    ReaderFiles(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** The newest state of each name. */
    Map<String, byte[]> load() {
        disk.createDirectories(directory);
        // A process that was killed may have left names and bytes that are not durable yet, and
        // what is done from now on is built on them.
        disk.forceDirectory(directory);
        Map<String, byte[]> states = new LinkedHashMap<>();
        for (String name : names()) {
            Slot newest = newest(name);
            if (newest != null) {
                generations.put(name, newest.generation());
                states.put(name, newest.state());
            }
        }
        return states;
    }

    /** Names that have a file. */
    TreeSet<String> names() {
        var names = new TreeSet<String>();
        for (String file : disk.list(directory)) {
            for (String side : SIDES) {
                if (file.startsWith(PREFIX) && file.endsWith(side)) {
                    names.add(file.substring(PREFIX.length(), file.length() - side.length()));
                }
            }
        }
        return names;
    }

    private @Nullable Slot newest(String name) {
        Slot newest = null;
        for (String side : SIDES) {
            Slot slot = read(directory.resolve(PREFIX + name + side));
            if (slot != null && (newest == null || slot.generation() > newest.generation())) {
                newest = slot;
            }
        }
        return newest;
    }

    private @Nullable Slot read(Path path) {
        if (!disk.exists(path)) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(SmallFile.read(disk, path));
        if (bytes.capacity() < HEADER_BYTES || bytes.getLong(0) != MAGIC) {
            return null;
        }
        int length = bytes.getInt(16);
        if (length < 0
                || length > bytes.capacity() - HEADER_BYTES
                || bytes.getInt(CRC_AT) != checksum(bytes.array(), length)) {
            return null;
        }
        byte[] state = new byte[length];
        bytes.get(HEADER_BYTES, state);
        try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
            file.force();
        }
        return new Slot(bytes.getLong(8), state);
    }

    /**
     * Keeps a state; durable when this returns. Old or new after a crash, nothing between.
     *
     * @throws io.narwhal.base.DiskFull when there is no room: the old one holds
     */
    void save(String name, byte[] state) {
        long generation = generations.getOrDefault(name, 0L) + 1;
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + state.length);
        bytes.putLong(MAGIC).putLong(generation).putInt(state.length).putInt(0).put(state);
        bytes.putInt(CRC_AT, checksum(bytes.array(), state.length)).flip();
        Path path = directory.resolve(PREFIX + name + SIDES[(int) (generation & 1)]);
        if (!disk.exists(path)) {
            make(path);
        }
        try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
            file.write(bytes, 0);
            file.force();
        }
        generations.put(name, generation);
    }

    /**
     * Makes the files of a name, so that its first state finds room on a disk that is full.
     *
     * @throws io.narwhal.base.DiskFull when there is no room even for that
     */
    void prepare(String name) {
        for (String side : SIDES) {
            Path path = directory.resolve(PREFIX + name + side);
            if (!disk.exists(path)) {
                make(path);
            }
        }
    }

    private void make(Path path) {
        Check.that(disk.exists(directory), "%s was made when the states were loaded", directory);
        try (DiskFile file = disk.open(path, Disk.Mode.REPLACE)) {
            file.write(ByteBuffer.allocate(ROOM_BYTES), 0);
            file.force();
        }
        disk.forceDirectory(directory);
    }

    /** Forgets a name. */
    void delete(String name) {
        if (!names().contains(name)) {
            return;
        }
        for (String side : SIDES) {
            disk.delete(directory.resolve(PREFIX + name + side));
        }
        disk.forceDirectory(directory);
        generations.remove(name);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        crc.update(bytes, HEADER_BYTES, length);
        return (int) crc.getValue();
    }
}
