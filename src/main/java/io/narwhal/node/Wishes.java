package io.narwhal.node;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.SmallFile;
import io.narwhal.component.NodeLayout;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the administrator wishes of the components: a small file each, replaced atomically and
 * forced before the wish is confirmed to anybody. Written by commands, read by the node manager,
 * which need not run when it is wished. Layout: docs/formats/desired.md.
 */
public final class Wishes {
    /** Characters of a reason that are kept. */
    public static final int REASON_CHARACTERS_MAX = 500;

    private static final String STOPPED = "stopped";
    private static final String RESTART = "restart";

    private final Disk disk;
    private final NodeLayout layout;

    /** The wishes of the node that stands there. */
    public Wishes(Disk disk, NodeLayout layout) {
        this.disk = disk;
        this.layout = layout;
    }

    /**
     * A wish that one process ends and another takes its place. It names the process, so that it is
     * fulfilled once, however often the node manager is killed meanwhile.
     *
     * @param process the one that is to end; pid 0 when none ran
     * @param by the user who wished it
     * @param reason why, in the user's words; empty when nothing was said
     */
    public record Restart(Processes.Identity process, String by, String reason) {
        /** In a sentence: by whom, why. */
        String told() {
            return "restarted by " + by + (reason.isEmpty() ? "" : " (" + reason + ")");
        }
    }

    /** What is wished of this component. */
    public Wish of(String component) {
        Path file = layout.desired().resolve(component);
        if (!disk.exists(file)) {
            return new Wish.Run();
        }
        try {
            Note note = Note.read(disk, file);
            return note.word().equals(STOPPED)
                    ? new Wish.Stopped(
                            Instant.parse(note.value("since")),
                            note.value("by"),
                            note.value("reason"))
                    : unreadable(file, "it does not begin with '" + STOPPED + "'");
        } catch (DiskFailure | DateTimeException e) {
            // Also when it was taken away this very moment: then the next look finds it gone.
            return unreadable(file, String.valueOf(e.getMessage()));
        }
    }

    private static Wish.Unreadable unreadable(Path file, String why) {
        return new Wish.Unreadable(
                "the wish in "
                        + file
                        + " cannot be read ("
                        + why
                        + "), so the component runs; say it again: narwhal stop, or narwhal start");
    }

    /** Wishes that the component is stopped; durable when this returns. */
    public void stop(String component, Wish.Stopped wish) {
        var values = new LinkedHashMap<String, String>();
        values.put("since", wish.since().toString());
        values.put("by", wish.by());
        values.put("reason", wish.reason());
        new Note(STOPPED, values).write(disk, layout.desired(), component);
    }

    /** Wishes that the component runs; durable when this returns. */
    public void start(String component) {
        take(layout.desired(), component);
    }

    /** Wishes that the component is restarted; durable when this returns. */
    public void restart(String component, Restart wish) {
        var values = new LinkedHashMap<String, String>();
        values.put("process", Long.toString(wish.process().pid()));
        values.put("began", Long.toString(wish.process().began()));
        values.put("by", wish.by());
        values.put("reason", wish.reason());
        new Note(RESTART, values).write(disk, layout.restarts(), component);
    }

    /** The restart that is wished and not yet fulfilled; one that cannot be read is none. */
    public Optional<Restart> restartOf(String component) {
        Path file = layout.restarts().resolve(component);
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        try {
            Note note = Note.read(disk, file);
            var process =
                    new Processes.Identity(
                            Long.parseLong(note.value("process")),
                            Long.parseLong(note.value("began")));
            return note.word().equals(RESTART)
                    ? Optional.of(new Restart(process, note.value("by"), note.value("reason")))
                    : Optional.empty();
        } catch (DiskFailure | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether somebody has put a wish for a restart there, readable or not. */
    public boolean wantsRestart(String component) {
        return disk.exists(layout.restarts().resolve(component));
    }

    /** Takes the wish for a restart away; durable when this returns. */
    public void endRestart(String component) {
        take(layout.restarts(), component);
    }

    private void take(Path directory, String component) {
        Path file = directory.resolve(component);
        if (disk.exists(file)) {
            disk.delete(file);
            disk.forceDirectory(directory);
        }
    }

    /** The names of the components that have a wish, in order; a look that costs little. */
    List<String> wishedOf() {
        return disk.list(layout.desired());
    }

    /** The names of the components that are to be restarted, in order. */
    List<String> restartsWished() {
        return disk.list(layout.restarts());
    }

    /** A word, and lines of {@code key: value} behind it. */
    private record Note(String word, Map<String, String> values) {
        static Note read(Disk disk, Path file) {
            List<String> lines =
                    new String(SmallFile.read(disk, file), StandardCharsets.UTF_8).lines().toList();
            Map<String, String> values = new LinkedHashMap<>();
            for (String line : lines) {
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    values.putIfAbsent(line.substring(0, colon), line.substring(colon + 2));
                }
            }
            return new Note(lines.isEmpty() ? "" : lines.getFirst().strip(), values);
        }

        String value(String key) {
            return values.getOrDefault(key, "");
        }

        void write(Disk disk, Path directory, String name) {
            var text = new StringBuilder(word).append('\n');
            values.forEach((key, value) -> text.append(key).append(": ").append(line(value)));
            disk.createDirectories(directory);
            SmallFile.replace(
                    disk, directory, name, text.toString().getBytes(StandardCharsets.UTF_8));
        }

        private static String line(String value) {
            String clean = value.replaceAll("\\p{Cntrl}+", " ").strip();
            return clean.substring(0, Math.min(clean.length(), REASON_CHARACTERS_MAX)) + "\n";
        }
    }
}
