package io.narwhal.session;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sessions by {@link Instance#heardMs}: the one that waits for longest is found at once. */
final class Heard {
    private @Nullable Instance first;
    private @Nullable Instance last;

    /** Adds one that was heard as late as any, or later. */
    void add(Instance session) {
        Instance before = last;
        session.previousHeard = before;
        if (before == null) {
            first = session;
        } else {
            before.nextHeard = session;
        }
        last = session;
    }

    void remove(Instance session) {
        Instance previous = session.previousHeard;
        Instance next = session.nextHeard;
        if (previous == null) {
            first = next;
        } else {
            previous.nextHeard = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previousHeard = previous;
        }
        session.previousHeard = null;
        session.nextHeard = null;
    }

    /** Those that were heard at that time or before, by number. */
    List<Instance> until(long ms) {
        if (first == null || first.heardMs > ms) {
            return List.of();
        }
        List<Instance> due = new ArrayList<>();
        for (Instance at = first; at != null && at.heardMs <= ms; at = at.nextHeard) {
            due.add(at);
        }
        due.sort(Comparator.comparingLong(session -> session.number));
        return due;
    }
}
