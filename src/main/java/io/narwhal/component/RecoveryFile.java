package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;
import io.narwhal.base.SmallFile;
import io.narwhal.recovery.RecoveryNote;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the recoveries of a component are written down: {@code node/recoveries/COMPONENT.jsonl}, a
 * line each, the newest last. Of {@link #LINES_MAX} lines the older half is dropped. What is no
 * line, as a power cut may leave it, is passed over.
 */
public final class RecoveryFile {
    /** Lines that the file has at the most. */
    static final int LINES_MAX = 400;

    private static final byte END = '\n';

    private final Disk disk;
    private final Path directory;
    private final String name;

    /** The file of this component; opens nothing. */
    public RecoveryFile(Disk disk, NodeLayout layout, String component) {
        this.disk = disk;
        this.directory = layout.recoveries();
        this.name = component + ".jsonl";
    }

    private Path file() {
        return directory.resolve(name);
    }

    /** What is known of each start, the newest last. */
    public List<RecoveryNote> read() {
        List<RecoveryNote> notes = new ArrayList<>();
        for (String line : lines()) {
            RecoveryNote.read(line)
                    .ifPresent(
                            note -> {
                                // A start's later line tells more than its earlier one.
                                if (!notes.isEmpty() && notes.getLast().isSameStart(note)) {
                                    notes.removeLast();
                                }
                                notes.add(note);
                            });
        }
        return notes;
    }

    /** The last line that is whole. */
    Optional<String> last() {
        List<String> lines = lines();
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast());
    }

    private List<String> lines() {
        if (!disk.exists(file())) {
            return List.of();
        }
        String text = new String(SmallFile.read(disk, file()), StandardCharsets.UTF_8);
        // Whatever stands behind the last end of line was torn while it was written.
        return text.substring(0, text.lastIndexOf(END) + 1)
                .lines()
                .filter(line -> line.startsWith("{") && line.endsWith("}"))
                .toList();
    }

    /**
     * Adds a line; when this returns it is durable.
     *
     * @throws DiskFull when there is no room: the lines before are as they were
     */
    void append(String line) {
        List<String> before = lines();
        if (!disk.exists(file()) || before.size() >= LINES_MAX) {
            List<String> all =
                    new ArrayList<>(
                            before.size() < LINES_MAX
                                    ? before
                                    : before.subList(LINES_MAX / 2, before.size()));
            all.add(line);
            replace(all);
            return;
        }
        try (DiskFile out = disk.open(file(), Disk.Mode.WRITE)) {
            append(out, line);
        }
    }

    private static void append(DiskFile out, String line) {
        long size = out.size();
        String begin = size == 0 || isEnd(out, size - 1) ? "" : "\n";
        byte[] bytes = (begin + line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            out.write(ByteBuffer.wrap(bytes), size);
        } catch (DiskFull e) {
            out.truncate(size);
            throw e;
        }
        out.force();
    }

    private static boolean isEnd(DiskFile file, long at) {
        ByteBuffer one = ByteBuffer.allocate(1);
        return file.read(one, at) == 1 && one.get(0) == END;
    }

    /** Puts a line in the place of the last one. */
    void replaceLast(String line) {
        List<String> all = new ArrayList<>(lines());
        if (!all.isEmpty()) {
            all.removeLast();
        }
        all.add(line);
        replace(all);
    }

    private void replace(List<String> lines) {
        disk.createDirectories(directory);
        byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        SmallFile.replace(disk, directory, name, bytes);
    }
}
