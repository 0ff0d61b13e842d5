package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.base.StateReader;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * In which format a data directory is, and which release last wrote it: {@code node/format.json}. A
 * release reads what it knows and refuses the rest before it touches anything, since what it cannot
 * read looks damaged to it, and recovery would compute it again. Rules and what an operator does:
 * docs/operations/upgrading.md.
 */
public final class DataFormat {
    /** What this release writes. Grows when an earlier release could not read it. */
    public static final int NEWEST = 1;

    /** The oldest that this release still reads. */
    public static final int OLDEST = 1;

    /** Name, in {@link NodeLayout#node()}, of the file. */
    public static final String FILE = "format.json";

    private static final String PAGE = "docs/operations/upgrading.md";
    private static final JsonMapper JSON = new JsonMapper();

    private DataFormat() {}

    /** What the directory says of itself. */
    public sealed interface Found {
        /** Nothing: it is new, or of a release before the file existed, which is format 1. */
        record Unmarked() implements Found {}

        /** It is of this format, and that release was the last to write it. */
        record Marked(int format, String release) implements Found {}

        /** The file is there and says nothing that can be read. */
        record Damaged(String why) implements Found {}
    }

    /** This release cannot work on the directory. The message says why and what to do. */
    public static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    /** This release, as its jar says. */
    public static String release() {
        String version = DataFormat.class.getPackage().getImplementationVersion();
        return version == null ? "(built from source)" : version;
    }

    /** Reads what the directory says of itself. */
    public static Found look(Disk disk, NodeLayout layout) {
        Path file = layout.node().resolve(FILE);
        if (!disk.exists(file)) {
            return new Found.Unmarked();
        }
        try {
            JsonNode json = JSON.readTree(SmallFile.read(disk, file));
            int format = json.path("format").asInt(0);
            return format < 1
                    ? new Found.Damaged("names no format")
                    : new Found.Marked(format, json.path("release").asString(""));
        } catch (JacksonException e) {
            return new Found.Damaged("is no JSON");
        }
    }

    /**
     * Holds the directory against what this release reads.
     *
     * @throws Refused when it cannot be read; nothing was changed
     */
    public static void require(Disk disk, NodeLayout layout) {
        switch (look(disk, layout)) {
            case Found.Unmarked _ -> {}
            case Found.Marked(int format, String release) -> {
                if (format > NEWEST || format < OLDEST) {
                    throw new Refused(refusal(layout, format, release));
                }
            }
            case Found.Damaged(String why) ->
                    throw new Refused(
                            layout.node().resolve(FILE)
                                    + " "
                                    + why
                                    + ", so it is unknown which release can read "
                                    + layout.data()
                                    + ". Put it back from a backup; or, when this release was the"
                                    + " last to write the directory, delete that file. See "
                                    + PAGE);
        }
    }

    /**
     * Says that this release writes the directory from now on. To be called by whoever writes,
     * before the first write.
     *
     * @throws Refused when it cannot be read; nothing was changed
     */
    public static void mark(Disk disk, NodeLayout layout) {
        require(disk, layout);
        if (isOurs(disk, layout)) {
            return;
        }
        disk.createDirectories(layout.node());
        var json = JSON.createObjectNode().put("format", NEWEST).put("release", release());
        byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            SmallFile.replace(disk, layout.node(), FILE, bytes);
        } catch (DiskFailure e) {
            // An import and a node may both say so at once: either will do.
            if (!isOurs(disk, layout)) {
                throw e;
            }
        }
    }

    /** What to say when bytes that are whole are not what this release expects. */
    public static String ofAnotherRelease(String data, StateReader.Malformed e) {
        return "what stands in "
                + data
                + " was written by another release of Narwhal than "
                + release()
                + " ("
                + e.getMessage()
                + "). Nothing of it was changed; run the release that wrote it. See "
                + PAGE;
    }

    private static boolean isOurs(Disk disk, NodeLayout layout) {
        return look(disk, layout).equals(new Found.Marked(NEWEST, release()));
    }

    private static String refusal(NodeLayout layout, int format, String release) {
        String by = release.isEmpty() ? "another release" : "release " + release;
        String next =
                format > NEWEST
                        ? "Run " + by + " or a later one, or restore the backup made before it"
                        : "Run " + by + ", drain the node, and begin in a new directory";
        return layout.data()
                + ": the data is of format "
                + format
                + ", written by "
                + by
                + "; this is release "
                + release()
                + ", which reads "
                + (OLDEST == NEWEST ? "format " : "formats " + OLDEST + " to ")
                + NEWEST
                + ". Nothing was changed. "
                + next
                + ". See "
                + PAGE;
    }
}
