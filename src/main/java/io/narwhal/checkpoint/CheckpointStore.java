package io.narwhal.checkpoint;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The checkpoints of one component: {@code COMPONENT.GENERATION.ckpt}, generation in 20 decimal
 * digits. Owned by one thread of one process.
 */
public final class CheckpointStore {
    private static final String SUFFIX = ".ckpt";
    private static final int DIGITS = 20;

    private final Disk disk;
    private final Path directory;
    private final String component;
    private @Nullable DiskFailure failure;

    /** The newest generation that is known to be whole; 0 for none. */
    private long whole;

    /** The highest generation that a file name uses; -1 before the directory was read. */
    private long highest = -1;

    /**
     * Opens nothing yet.
     *
     * @param component 1 to 96 letters, digits, '-' or '_'
     */
    public CheckpointStore(Disk disk, Path directory, String component) {
        Check.that(
                component.matches("[A-Za-z0-9_-]{1,96}"),
                "a component's name is 1 to 96 letters, digits, '-' or '_', not '%s'",
                component);
        this.disk = disk;
        this.directory = directory;
        this.component = component;
    }

    /** Reads the newest generation that is whole. */
    public Loaded load() {
        if (disk.exists(directory)) {
            // A killed process may have left a name that is not durable yet. What follows is built
            // on it (inputs are acknowledged), so it must not vanish at a later power cut.
            disk.forceDirectory(directory);
        }
        List<Long> generations = generations();
        highest = generations.isEmpty() ? 0 : generations.getLast();
        whole = 0;
        List<String> reasons = new ArrayList<>();
        for (long generation : generations.reversed()) {
            switch (CheckpointFile.read(disk, file(generation), generation)) {
                case CheckpointFile.Read.Whole(var bytes) -> {
                    whole = generation;
                    return reasons.isEmpty()
                            ? new Loaded.Found(generation, bytes)
                            : new Loaded.FellBack(generation, bytes, String.join("; ", reasons));
                }
                case CheckpointFile.Read.Refused(var why) -> reasons.add(why);
            }
        }
        return reasons.isEmpty() ? new Loaded.None() : new Loaded.Unreadable(reasons);
    }

    /** When that generation was saved, ms since 1970; 0 where the disk does not tell. */
    public long savedMs(long generation) {
        return disk.modifiedMs(file(generation));
    }

    /**
     * Saves a context. When this returns it is durable, and the generation before it is kept; what
     * was refused when loading is renamed to {@code ….broken} and kept too.
     *
     * @return the new generation, one more than any before
     * @throws DiskFull when there is no room: the generations before are untouched, and saving may
     *     be tried again
     * @throws DiskFailure when the disk failed: whether the new generation is there is unknown, so
     *     this store saves nothing more
     */
    public long save(byte[] bytes, int length) {
        Check.that(
                length >= 0 && length <= bytes.length && length <= CheckpointFile.CONTEXT_BYTES_MAX,
                "a range of the array, within the limit");
        if (failure != null) {
            throw failure;
        }
        try {
            return replace(bytes, length);
        } catch (DiskFull e) {
            throw e;
        } catch (DiskFailure e) {
            failure = e;
            throw e;
        }
    }

    private long replace(byte[] bytes, int length) {
        disk.createDirectories(directory);
        if (highest < 0) {
            load();
        }
        long generation = highest + 1;
        Path temporary = directory.resolve(component + SUFFIX + ".tmp");
        writeTemporary(temporary, generation, bytes, length);
        disk.rename(temporary, file(generation));
        disk.forceDirectory(directory);
        highest = generation;
        long previous = whole;
        whole = generation;
        clear(generation, previous);
        return generation;
    }

    private void writeTemporary(Path temporary, long generation, byte[] bytes, int length) {
        try (DiskFile file = disk.open(temporary, Disk.Mode.REPLACE)) {
            CheckpointFile.write(file, generation, bytes, length);
            force(file);
        } catch (DiskFull e) {
            disk.delete(temporary);
            throw e;
        }
    }

    /** A force that fails for want of room has failed all the same: it is not tried again. */
    private static void force(DiskFile file) {
        try {
            file.force();
        } catch (DiskFull e) {
            throw new DiskFailure("cannot force", e.path(), e);
        }
    }

    /** Keeps the new generation and the whole one before it. */
    private void clear(long newest, long previous) {
        for (long generation : generations()) {
            if (generation == newest || generation == previous) {
                continue;
            }
            Path file = file(generation);
            if (generation > previous) {
                disk.rename(file, file.resolveSibling(file.getFileName() + ".broken"));
            } else {
                disk.delete(file);
            }
        }
    }

    private List<Long> generations() {
        List<Long> generations = new ArrayList<>();
        String prefix = component + ".";
        for (String name : disk.list(directory)) {
            if (name.startsWith(prefix)
                    && name.endsWith(SUFFIX)
                    && name.length() == prefix.length() + DIGITS + SUFFIX.length()) {
                String digits = name.substring(prefix.length(), prefix.length() + DIGITS);
                if (digits.matches("0[0-9]{19}")) {
                    generations.add(Long.parseLong(digits));
                }
            }
        }
        return generations;
    }

    private Path file(long generation) {
        String digits = Long.toString(generation);
        return directory.resolve(
                component + "." + "0".repeat(DIGITS - digits.length()) + digits + SUFFIX);
    }
}
