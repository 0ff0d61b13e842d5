package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/**
 * Finds out what an exporter's sequence numbers count when it is not what its protocol says. Doubt
 * begins with an increment that does not fit; the units that fit it are candidates, and each
 * further increment must fit those that remain. Loss, reordering and restarts leave no candidate
 * within a message or two, so doubt about an exporter that counts right ends as it began.
 *
 * <p>A candidate is believed after {@link #STREAK} increments in a row that all fit it, of which
 * {@link #MISFITS} do not fit the unit in force, if loss cannot explain them: they vary, or one is
 * smaller than the records sent. Of candidates that agreed all the while the first is taken; should
 * it part from the truth later, doubt begins anew.
 */
final class UnitDoubt {
    static final int STREAK = 16;
    static final int MISFITS = 3;

    private static final SequenceUnit[] UNITS = SequenceUnit.values();

    private boolean known;
    private int sequence;
    private int flows;
    private int options;
    private int templates;
    private boolean unknown;

    // The doubt: a bit for each candidate, 0 when there is none.
    private int candidates;
    private int streak;
    private int misfits;
    private int increment;
    private boolean beyondLoss;
    private long missingBefore;

    /**
     * Judges the step from the message before to this one.
     *
     * @param unit in force
     * @param gaps of its numbers; what is missing now is come back to if nothing was
     * @return the unit to go on with: the one in force, or another
     */
    SequenceUnit onMessage(int number, MessageCounts now, SequenceUnit unit, Gaps gaps) {
        // What a set without template holds is not known, so neither is how far to step.
        if (known && !unknown && !now.unknown) {
            judge(number - sequence, now, unit, gaps);
        }
        known = true;
        sequence = number;
        flows = now.flows;
        options = now.options;
        templates = now.templates;
        unknown = now.unknown;
        if (streak < STREAK || misfits < MISFITS || !beyondLoss) {
            return unit;
        }
        SequenceUnit found = UNITS[Integer.numberOfTrailingZeros(candidates)];
        end();
        return found;
    }

    private void judge(int step, MessageCounts now, SequenceUnit unit, Gaps gaps) {
        boolean fits = step == expected(unit, now);
        if (fits && candidates == 0) {
            return;
        }
        int fitting = fitting(step, now) & ~(1 << unit.ordinal());
        candidates &= fitting;
        if (candidates == 0) {
            end();
            if (fits || fitting == 0) {
                return;
            }
            candidates = fitting;
            missingBefore = gaps.missing();
            increment = step;
        }
        streak++;
        misfits += fits ? 0 : 1;
        beyondLoss |= step != increment || step < expected(unit, now);
    }

    private int fitting(int step, MessageCounts now) {
        int fitting = 0;
        for (SequenceUnit one : UNITS) {
            fitting |= step == expected(one, now) ? 1 << one.ordinal() : 0;
        }
        return fitting;
    }

    private int expected(SequenceUnit unit, MessageCounts now) {
        return unit.isOwn() ? unit.units(now) : unit.units(flows, options, templates);
    }

    private void end() {
        candidates = 0;
        streak = 0;
        misfits = 0;
        increment = 0;
        beyondLoss = false;
    }

    /** Whether another unit explains the numbers of late. */
    boolean isOpen() {
        return candidates != 0;
    }

    /** What was missing when the doubt began that was just resolved. */
    long missingBefore() {
        return missingBefore;
    }

    /** The exporter began anew. */
    void reset() {
        known = false;
        end();
    }

    void snapshot(StateWriter out) {
        out.putBoolean(known).putInt(sequence).putInt(flows).putInt(options).putInt(templates);
        out.putBoolean(unknown).putByte(candidates).putInt(streak).putInt(misfits);
        out.putInt(increment).putBoolean(beyondLoss).putLong(missingBefore);
    }

    void restore(StateReader in) {
        known = in.getBoolean();
        sequence = in.getInt();
        flows = in.getInt();
        options = in.getInt();
        templates = in.getInt();
        unknown = in.getBoolean();
        candidates = in.getByte();
        streak = in.getInt();
        misfits = in.getInt();
        increment = in.getInt();
        beyondLoss = in.getBoolean();
        missingBefore = in.getLong();
    }
}
