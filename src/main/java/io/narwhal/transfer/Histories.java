package io.narwhal.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What two stores have of a journal in common, by who wrote it: as the leader epochs of a
 * replicated log. What is before the first known writer counts as written by one of id 0.
 */
final class Histories {
    private Histories() {}

    /**
     * @param upTo the stores have the same before this position
     * @param newest whether nobody has written at the agent after the last writer in common
     */
    record Common(long upTo, boolean newest) {}

    /** The agent's writers, with the one before the first. */
    static List<Incarnation> whole(List<Incarnation> lineage) {
        if (!lineage.isEmpty() && lineage.getFirst().first() == 0) {
            return lineage;
        }
        List<Incarnation> whole = new ArrayList<>();
        whole.add(new Incarnation(0, 0));
        whole.addAll(lineage);
        return whole;
    }

    /** Empty when no writer is known to both. */
    static Optional<Common> common(
            List<Incarnation> lineage, List<Incarnation> saved, long through) {
        if (saved.isEmpty()) {
            return Optional.of(new Common(through, true));
        }
        List<Incarnation> held = whole(lineage);
        for (int i = saved.size() - 1; i >= 0; i--) {
            for (int j = held.size() - 1; j >= 0; j--) {
                if (saved.get(i).id() == held.get(j).id()) {
                    long upTo = Math.min(end(saved, i, through), end(held, j, Long.MAX_VALUE));
                    return Optional.of(new Common(upTo, j == held.size() - 1));
                }
            }
        }
        return Optional.empty();
    }

    private static long end(List<Incarnation> lineage, int index, long end) {
        return index + 1 < lineage.size() ? lineage.get(index + 1).first() : end;
    }

    /** Who wrote the frame at a position. */
    static Incarnation writer(List<Incarnation> lineage, long position) {
        List<Incarnation> held = whole(lineage);
        for (int j = held.size() - 1; j > 0; j--) {
            if (held.get(j).first() <= position) {
                return held.get(j);
            }
        }
        return held.getFirst();
    }

    /** Where the first writer behind a position begins. */
    static long nextWriter(List<Incarnation> lineage, long position) {
        for (Incarnation writer : lineage) {
            if (writer.first() > position) {
                return writer.first();
            }
        }
        return Long.MAX_VALUE;
    }

    /** Those who wrote before a position: the newest. */
    static List<Incarnation> before(List<Incarnation> lineage, long position) {
        List<Incarnation> before = new ArrayList<>();
        for (Incarnation writer : whole(lineage)) {
            if (writer.first() < position) {
                before.add(writer);
            }
        }
        return newest(before);
    }

    /** A stretch that one writer wrote comes behind; what was at or behind its begin is cut. */
    static List<Incarnation> extended(List<Incarnation> lineage, long incarnation, long from) {
        if (!lineage.isEmpty()
                && lineage.getLast().id() == incarnation
                && lineage.getLast().first() < from) {
            return lineage;
        }
        List<Incarnation> extended = new ArrayList<>();
        for (Incarnation writer : lineage) {
            if (writer.first() < from) {
                extended.add(writer);
            }
        }
        if (extended.isEmpty() || extended.getLast().id() != incarnation) {
            extended.add(new Incarnation(incarnation, from));
        }
        return newest(extended);
    }

    private static List<Incarnation> newest(List<Incarnation> lineage) {
        int from = Math.max(0, lineage.size() - Positions.LINEAGE_MAX);
        return List.copyOf(lineage.subList(from, lineage.size()));
    }

    /** Whether a list that came from outside is in order. */
    static boolean ordered(List<Incarnation> lineage) {
        long last = 0;
        for (Incarnation writer : lineage) {
            if (writer.first() < last) {
                return false;
            }
            last = writer.first();
        }
        return true;
    }
}
