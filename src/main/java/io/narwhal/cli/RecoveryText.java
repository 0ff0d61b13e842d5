package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.RecoveryFile;
import io.narwhal.recovery.RecoveryNote;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Recoveries for the screen. */
final class RecoveryText {
    private static final long SECOND_MS = 1_000;
    private static final long MINUTE_MS = 60_000;
    private static final long HOUR_MS = 3_600_000;

    private RecoveryText() {}

    static String duration(long ms) {
        if (ms < SECOND_MS) {
            return ms + " ms";
        }
        if (ms < 10 * SECOND_MS) {
            return String.format(Locale.ROOT, "%.1f s", ms / 1e3);
        }
        if (ms < 2 * MINUTE_MS) {
            return ms / SECOND_MS + " s";
        }
        return ms < 2 * HOUR_MS ? ms / MINUTE_MS + " min" : ms / HOUR_MS + " h";
    }

    static String bytes(long bytes) {
        if (bytes < 10_000) {
            return bytes + " B";
        }
        return bytes < 10_000_000 ? bytes / 1_000 + " kB" : bytes / 1_000_000 + " MB";
    }

    /** What was lost, in short: {@code nothing}, or each with its amount and reason. */
    static String lost(RecoveryNote note, RecoveryNote.@Nullable Lane lane) {
        String refused = note.refused();
        if (refused != null) {
            return "refused"
                    + (note.times() > 1 ? " " + note.times() + " times" : "")
                    + ": "
                    + refused;
        }
        List<RecoveryNote.Loss> lost = lane == null ? List.of() : lane.lost();
        return lost.isEmpty()
                ? "nothing"
                : lost.stream()
                        .map(
                                one ->
                                        (one.amount() == 0 ? "" : one.amount() + " ")
                                                + one.of()
                                                + ": "
                                                + one.why())
                        .collect(Collectors.joining("; "));
    }

    /** The last recovery of a component, in a few words. */
    static String brief(RecoveryNote note) {
        String plans =
                note.lanes().stream()
                        .map(RecoveryNote.Lane::plan)
                        .distinct()
                        .collect(Collectors.joining("+"));
        if (note.refused() != null) {
            return "after " + note.after() + ": refused";
        }
        long bytes = note.lanes().stream().mapToLong(one -> one.replayed().bytes()).sum();
        boolean lost = note.lanes().stream().anyMatch(one -> !one.lost().isEmpty());
        Long caughtUp = note.caughtUpMs();
        return "after "
                + note.after()
                + ": "
                + plans
                + (bytes == 0 ? "" : ", " + bytes(bytes))
                + (caughtUp == null ? ", catching up" : " in " + duration(note.tookMs() + caughtUp))
                + (lost ? ", LOST: see narwhal recoveries" : "");
    }

    /** The last recovery of a component, if one is written down. */
    static Optional<RecoveryNote> last(Disk disk, NodeLayout layout, String component) {
        try {
            List<RecoveryNote> notes = new RecoveryFile(disk, layout, component).read();
            return notes.isEmpty() ? Optional.empty() : Optional.of(notes.getLast());
        } catch (DiskFailure e) {
            return Optional.empty(); // status shows the rest all the same
        }
    }

    /** As in status. */
    static @Nullable Map<?, ?> json(@Nullable RecoveryNote note) {
        return note == null ? null : note.tree();
    }
}
