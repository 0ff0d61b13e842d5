package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What an operator asks accounting to recycle: a file, made by one process and deleted by another.
 * Layout: docs/formats/held.md.
 *
 * @param name of the file
 * @param ids of what is to be recycled
 */
public record HeldRequest(String name, List<String> ids) {
    private static final String SUFFIX = ".recycle";
    private static final int TRIES = 1_000;

    /** Copies the list. */
    public HeldRequest {
        ids = List.copyOf(ids);
    }

    /** Asks, durably. */
    public static void ask(Disk disk, NodeLayout layout, String lane, List<String> ids) {
        Path directory = layout.held();
        disk.createDirectories(directory);
        String name = free(disk.list(directory), lane);
        Path temporary = directory.resolve(name + ".tmp");
        try (var out = disk.open(temporary, Disk.Mode.CREATE)) { // nobody else takes this name
            byte[] bytes = (String.join("\n", ids) + "\n").getBytes(StandardCharsets.UTF_8);
            out.write(ByteBuffer.wrap(bytes), 0);
            out.force();
        }
        disk.rename(temporary, directory.resolve(name));
        disk.forceDirectory(directory);
    }

    private static String free(List<String> names, String lane) {
        for (int i = 1; i < TRIES; i++) {
            String name = lane + "." + i + SUFFIX;
            if (!names.contains(name) && !names.contains(name + ".tmp")) {
                return name;
            }
        }
        throw new LaneRecovery.Refused(
                TRIES - 1 + " requests to recycle wait already; is accounting running?");
    }

    /** What is asked of a lane, oldest name first. */
    static List<HeldRequest> of(Disk disk, NodeLayout layout, String lane) {
        return disk.list(layout.held()).stream()
                .filter(name -> isOf(name, lane))
                .map(name -> new HeldRequest(name, ids(disk, layout.held().resolve(name))))
                .toList();
    }

    // <lane>.<number>.recycle, and nothing of a lane whose name only begins so.
    private static boolean isOf(String name, String lane) {
        return name.startsWith(lane + ".")
                && name.endsWith(SUFFIX)
                && name.length() > lane.length() + 1 + SUFFIX.length()
                && name.substring(lane.length() + 1, name.length() - SUFFIX.length())
                        .chars()
                        .allMatch(c -> c >= '0' && c <= '9');
    }

    private static List<String> ids(Disk disk, Path file) {
        return new String(SmallFile.read(disk, file), StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** It is done, durably. */
    void delete(Disk disk, NodeLayout layout) {
        disk.delete(layout.held().resolve(name));
        disk.forceDirectory(layout.held());
    }
}
