package io.narwhal.node;

import io.narwhal.component.Progress;

import java.util.ArrayList;
import java.util.List;

/**
 * Since when a reader stands at a position with something before it.
 *
 * @param journal directory below the data directory
 * @param reader its name
 * @param position where it stands
 * @param sinceMs wall clock, milliseconds since 1970
 */
public record Stall(String journal, String reader, long position, long sinceMs) {
    /** What stands now, given what stood at the look before. */
    public static List<Stall> of(List<Progress> now, List<Stall> before, long nowMs) {
        List<Stall> stalls = new ArrayList<>();
        for (Progress one : now) {
            if (one.lag() > 0) {
                stalls.add(
                        before.stream()
                                .filter(stall -> stall.isOf(one))
                                // A clock that was set back must not make it longer.
                                .filter(stall -> stall.sinceMs() <= nowMs)
                                .findFirst()
                                .orElse(
                                        new Stall(
                                                one.journal(),
                                                one.reader(),
                                                one.position(),
                                                nowMs)));
            }
        }
        return stalls;
    }

    /** Whether it is that reader, where it stood. */
    boolean isOf(Progress progress) {
        return journal.equals(progress.journal())
                && reader.equals(progress.reader())
                && position == progress.position();
    }
}
