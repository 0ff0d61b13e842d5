package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Which manager of a group has which stretch of a journal. Stretches are in order and do not
 * overlap.
 */
final class Owners {
    /** Stretches that are remembered: the newest. */
    static final int STRETCHES_MAX = 1_024;

    private static final int STRETCH_BYTES_MIN = 20;

    /** What one manager has. */
    record Stretch(long from, long through, String member) {}

    private final List<Stretch> stretches = new ArrayList<>();

    /** The stretch that contains a position. */
    @Nullable Stretch at(long position) {
        for (int i = stretches.size() - 1; i >= 0; i--) {
            Stretch stretch = stretches.get(i);
            if (stretch.from <= position) {
                return position < stretch.through ? stretch : null;
            }
        }
        return null;
    }

    /** Where the first stretch at or behind a position begins. */
    long next(long position) {
        for (Stretch stretch : stretches) {
            if (stretch.from >= position) {
                return stretch.from;
            }
        }
        return Long.MAX_VALUE;
    }

    /** What one manager has. */
    List<Stretch> of(String member) {
        return stretches.stream().filter(stretch -> stretch.member.equals(member)).toList();
    }

    /** A manager has a stretch, whoever had it before. */
    void set(long from, long through, String member) {
        if (from >= through) {
            return;
        }
        List<Stretch> before = new ArrayList<>(stretches);
        stretches.clear();
        for (Stretch stretch : before) {
            keep(stretch.from, Math.min(stretch.through, from), stretch.member);
        }
        keep(from, through, member);
        for (Stretch stretch : before) {
            keep(Math.max(stretch.from, through), stretch.through, stretch.member);
        }
        if (stretches.size() > STRETCHES_MAX) {
            stretches.removeFirst();
        }
    }

    private void keep(long from, long through, String member) {
        if (from >= through) {
            return;
        }
        if (!stretches.isEmpty()) {
            Stretch last = stretches.getLast();
            if (last.through == from && last.member.equals(member)) {
                stretches.set(stretches.size() - 1, new Stretch(last.from, through, member));
                return;
            }
        }
        stretches.add(new Stretch(from, through, member));
    }

    /** Nothing is behind this position. */
    void cut(long position) {
        List<Stretch> before = new ArrayList<>(stretches);
        stretches.clear();
        for (Stretch stretch : before) {
            keep(stretch.from, Math.min(stretch.through, position), stretch.member);
        }
    }

    void write(StateWriter to) {
        to.putInt(stretches.size());
        for (Stretch stretch : stretches) {
            to.putLong(stretch.from).putLong(stretch.through).putString(stretch.member);
        }
    }

    static Owners read(StateReader from) {
        Owners owners = new Owners();
        long last = 0;
        for (int n = from.getCount(STRETCH_BYTES_MIN); n > 0; n--) {
            Stretch stretch = new Stretch(from.getLong(), from.getLong(), from.getString());
            Positions.expect(
                    stretch.from >= last && stretch.through > stretch.from, "stretches in order");
            last = stretch.through;
            owners.stretches.add(stretch);
        }
        Positions.expect(owners.stretches.size() <= STRETCHES_MAX, "few stretches");
        return owners;
    }
}
