package io.narwhal.journal;

import java.nio.file.Path;
import java.util.List;

/**
 * What opening a journal for writing found and did, for the log.
 *
 * @param created whether the journal is new
 * @param cutFrom position behind which bytes were cut; the journal's end when none were
 * @param cutBytes bytes that were cut
 * @param kept copies of what was cut
 * @param damage stretches that were promised and are unreadable; they stay where they are
 * @param notes further facts, one line each
 */
public record Recovered(
        boolean created,
        long cutFrom,
        long cutBytes,
        List<Path> kept,
        List<Damage> damage,
        List<String> notes) {
    /** Copies the lists. */
    public Recovered {
        kept = List.copyOf(kept);
        damage = List.copyOf(damage);
        notes = List.copyOf(notes);
    }
}
