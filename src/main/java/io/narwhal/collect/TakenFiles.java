package io.narwhal.collect;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The list of the files that a collector has taken: a line of JSON for each, appended and forced
 * when it ends. Layout: docs/formats/processed.md. Of several lines with one number the last
 * counts.
 */
public final class TakenFiles implements AutoCloseable {
    /** Name of the file that holds the list. */
    public static final String FILE = "taken.jsonl";

    private static final int BUFFER_BYTES = 1 << 16;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Disk disk;
    private final Path directory;
    private DiskFile file;
    private long end;

    private TakenFiles(Disk disk, Path directory, DiskFile file, long end) {
        this.disk = disk;
        this.directory = directory;
        this.file = file;
        this.end = end;
    }

    /**
     * Opens, or makes, the list; cuts off a line that was being written when everything ended.
     *
     * @param each is told every line, in their order
     * @throws DiskFailure when it is damaged before its end
     */
    static TakenFiles open(Disk disk, Path directory, Consumer<TakenFile> each) {
        Path path = directory.resolve(FILE);
        if (!disk.exists(path)) {
            disk.open(path, Disk.Mode.CREATE).close();
            disk.forceDirectory(directory);
        }
        long whole = read(disk, directory, each);
        DiskFile file = disk.open(path, Disk.Mode.WRITE);
        if (file.size() > whole) {
            file.truncate(whole);
            file.force();
        }
        return new TakenFiles(disk, directory, file, whole);
    }

    /**
     * Reads the list; nothing happens when there is none.
     *
     * @return where it ends: behind may stand a line that is not whole
     * @throws DiskFailure when it is damaged before its end
     */
    public static long read(Disk disk, Path directory, Consumer<TakenFile> each) {
        return read(disk, directory, (one, _) -> each.accept(one));
    }

    private static long read(Disk disk, Path directory, BiConsumer<TakenFile, byte[]> each) {
        Path path = directory.resolve(FILE);
        if (!disk.exists(path)) {
            return 0;
        }
        long whole = 0;
        long bad = -1;
        try (var file = disk.open(path, Disk.Mode.READ)) {
            byte[] rest = new byte[0];
            var buffer = ByteBuffer.allocate(BUFFER_BYTES);
            long at = 0;
            int count;
            while ((count = file.read(buffer.clear(), at)) > 0) {
                at += count;
                byte[] all = Arrays.copyOf(rest, rest.length + count);
                System.arraycopy(buffer.array(), 0, all, rest.length, count);
                int from = 0;
                for (int i = rest.length; i < all.length; i++) {
                    if (all[i] == '\n') {
                        byte[] line = Arrays.copyOfRange(all, from, i + 1);
                        from = i + 1;
                        boolean good = tell(line, each, bad >= 0);
                        if (good && bad >= 0) {
                            throw new DiskFailure(
                                    "damaged at byte "
                                            + bad
                                            + ", so that it cannot be told which files were taken;"
                                            + " restore the data directory from one backup:",
                                    path,
                                    null);
                        }
                        bad = good || bad >= 0 ? bad : whole;
                        whole += bad >= 0 ? 0 : line.length;
                    }
                }
                rest = Arrays.copyOfRange(all, from, all.length);
            }
        }
        return whole;
    }

    private static boolean tell(
            byte[] line, BiConsumer<TakenFile, byte[]> each, boolean onlyLooks) {
        try {
            var one = JSON.readValue(line, TakenFile.class);
            if (!onlyLooks) {
                each.accept(one, line);
            }
            return true;
        } catch (JacksonException _) {
            return false;
        }
    }

    /** Appends a line, durably. If there is no room for it, it can be tried again. */
    void append(TakenFile one) {
        byte[] line = (JSON.writeValueAsString(one) + "\n").getBytes(StandardCharsets.UTF_8);
        file.write(ByteBuffer.wrap(line), end);
        file.force();
        end += line.length;
    }

    /** Forgets lines, so that the list does not grow for ever. Atomic. */
    void keep(Predicate<TakenFile> wanted) {
        Path temporary = directory.resolve(FILE + ".tmp");
        long[] size = {0};
        try (var out = disk.open(temporary, Disk.Mode.REPLACE)) {
            read(
                    disk,
                    directory,
                    (one, line) -> {
                        if (wanted.test(one)) {
                            out.write(ByteBuffer.wrap(line), size[0]);
                            size[0] += line.length;
                        }
                    });
            out.force();
        }
        file.close();
        disk.rename(temporary, directory.resolve(FILE));
        disk.forceDirectory(directory);
        file = disk.open(directory.resolve(FILE), Disk.Mode.WRITE);
        end = size[0];
    }

    @Override
    public void close() {
        file.close();
    }
}
