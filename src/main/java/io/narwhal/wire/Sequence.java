package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Follows the sequence numbers of one exporter, in the unit that it counts in, modulo 2³² (R34,
 * R35, R38). Missing are the numbers between the first and the newest that no message had.
 *
 * <p>A number up to {@link #FORWARD} ahead opens a gap; one up to the late window behind is taken
 * if all its numbers lie in a gap, which it fills. Any other number is odd: alone it changes
 * nothing, and only a second one that continues it is believed, as a large gap or as a reset. After
 * a reset nothing fills the gaps of before.
 *
 * <p>IPFIX numbers count records, and the records of a set without a template cannot be counted.
 * The gap that such a set seems to leave is <i>unsure</i>, up to a record for each of its bytes,
 * and not reported, until all such sets of its message are decoded; what then remains was missing.
 * When one of them is given up, what remains unsure is given up with it: a gap is reported only
 * when it is certain.
 */
final class Sequence {
    /** How far ahead a single number is believed; also how small a number begins anew. */
    static final int FORWARD = 65_536;

    /** How far behind the newest a number may come and fill a gap. */
    static final int LATE_DATAGRAMS = 256;

    /** The same where numbers count records. */
    static final int LATE_RECORDS = 8192;

    /** Odd messages that are remembered, to take them out of a gap that is found later. */
    private static final int STRAYS = 8;

    private final Gaps gaps = new Gaps();
    private final UnitDoubt doubt = new UnitDoubt();
    private final boolean mayDoubt;
    private SequenceUnit unit;

    private boolean started;
    private int next;
    private long newestMs;

    /** Messages so far; and at the newest one that took the numbers on. */
    private long messages;

    private long advancedAt;

    /** Until then the window of duplicates may hold numbers ahead of the newest. */
    private long disorderedUntil;

    /** Messages since with the number {@link #next}: without units, or their units unknown. */
    private boolean sharesNext;

    private int resets;
    private int epoch;

    private boolean odd;
    private int oddStart;
    private int oddNext;
    private boolean oddUnknown;
    private long oddMs;

    private final int[] strayStarts = new int[STRAYS];
    private final int[] strayUnits = new int[STRAYS];
    private int strays;

    // The newest message: its sets without a template, and the most records they can hold.
    private int tailSequence;
    private int tailHeld;
    private boolean tailGivenUp;
    private long tailRecordsMax;

    /** Where sets of the message that came last belong; meant for the calls that follow it. */
    private @Nullable Gap holder;

    private boolean isTail;

    Sequence(FlowProtocol protocol) {
        unit = SequenceUnit.of(protocol);
        mayDoubt = protocol.unit() != FlowProtocol.Unit.NONE && protocol != FlowProtocol.SFLOW;
    }

    /**
     * Whether a message with this number cannot have come before: its numbers are ahead of all that
     * we have seen. So whoever looks for duplicates need not look.
     */
    boolean isNew(int sequence, MessageCounts counts) {
        int ahead = start(sequence, unit.units(counts)) - next;
        return started
                && messages >= disorderedUntil
                && (ahead > 0 || ahead == 0 && !sharesNext)
                && ahead <= FORWARD;
    }

    /** Whether its numbers tell one message from another at all. */
    boolean tellsDuplicates() {
        return unit != SequenceUnit.NONE;
    }

    /**
     * Whether a message with this number makes us believe that the exporter began anew at a small
     * number, so that its templates of before may be no more.
     */
    boolean isRestart(int sequence, MessageCounts counts) {
        int units = unit.units(counts);
        int start = start(sequence, units);
        return started
                && isOdd(start, units)
                && continuesOdd(start)
                && isBackward()
                && Integer.compareUnsigned(oddStart, FORWARD) <= 0
                && !doubt.isOpen();
    }

    /** Number of the message since which an exporter that {@link #isRestart} has begun anew. */
    long advancedAt() {
        return advancedAt;
    }

    /** Messages so far. */
    long messages() {
        return messages;
    }

    /** Whether the message that came last took the numbers on: it is no late one. */
    boolean isAtNewest() {
        return unit == SequenceUnit.NONE || advancedAt == messages;
    }

    /** When the message came that first had a number out of order. */
    long oddMs() {
        return oddMs;
    }

    /**
     * A message with this number came.
     *
     * @return whether its number follows from those before
     */
    boolean onMessage(int sequence, MessageCounts counts, long arrivalMs) {
        messages++;
        holder = null;
        isTail = false;
        if (mayDoubt) {
            SequenceUnit found = doubt.onMessage(sequence, counts, unit, gaps);
            if (found != unit) {
                correct(found);
            }
        }
        if (unit == SequenceUnit.NONE) {
            return true;
        }
        int units = unit.units(counts);
        int start = start(sequence, units);
        if (!started) {
            start(start, arrivalMs);
        }
        int ahead = start - next;
        if (ahead >= 0 && ahead <= FORWARD) {
            advance(sequence, start, units, arrivalMs);
            return true;
        }
        if (!isOdd(start, units)) {
            late(start, units, counts.unknown);
            return true;
        }
        if (!continuesOdd(start)) {
            odd(start, units, counts.unknown, arrivalMs);
            return false;
        }
        believe(sequence, start, units, arrivalMs);
        return true;
    }

    /**
     * A message with this number is given once more, maybe long after it came: it may fill a gap,
     * but where its number is odd it does not make us believe anything.
     *
     * @return whether its number follows from those before
     */
    boolean onOldMessage(int sequence, MessageCounts counts, long arrivalMs) {
        int units = unit.units(counts);
        boolean saysNothing =
                started && unit != SequenceUnit.NONE && isOdd(start(sequence, units), units);
        if (!saysNothing) {
            return onMessage(sequence, counts, arrivalMs);
        }
        messages++;
        holder = null;
        isTail = false;
        return false;
    }

    private int start(int sequence, int units) {
        return unit.isOwn() ? sequence - units : sequence;
    }

    private int late() {
        return unit == SequenceUnit.DATAGRAMS ? LATE_DATAGRAMS : LATE_RECORDS;
    }

    // A message from before the first that we saw is nothing odd; but no number is before zero.
    private void start(int first, long arrivalMs) {
        started = true;
        next = first;
        newestMs = arrivalMs;
        int before = (int) Math.min(late(), Integer.toUnsignedLong(first));
        if (before > 0) {
            gaps.open(first - before, before, arrivalMs, arrivalMs).prior = true;
        }
    }

    private boolean isOdd(int start, int units) {
        int ahead = start - next;
        boolean inWindow = ahead < 0 && ahead >= -late();
        return !(ahead >= 0 && ahead <= FORWARD)
                && !(inWindow && (units == 0 || gaps.has(start, units)));
    }

    private boolean continuesOdd(int start) {
        int beyond = start - oddStart;
        return odd && beyond <= 2 * FORWARD && (beyond > 0 || beyond == 0 && oddNext == oddStart);
    }

    private boolean isBackward() {
        return oddStart - next <= 0 || Integer.compareUnsigned(oddStart, next) < 0;
    }

    private void advance(int sequence, int start, int units, long arrivalMs) {
        if (odd) {
            stray(oddStart, oddNext - oddStart);
            odd = false;
        }
        int gap = start - next;
        boolean sameNumber = gap == 0 && sequence == tailSequence && tailHeld > 0;
        if (!sameNumber) {
            leaveTail(gap, arrivalMs);
        }
        next = start + units;
        newestMs = arrivalMs;
        advancedAt = messages;
        sharesNext = units == 0;
        isTail = !unit.isOwn();
        if (!sameNumber) {
            tailSequence = sequence;
            clearTail();
        }
        fillStrays();
    }

    /** Opens the gap behind the newest message, which its held sets may explain. */
    private void leaveTail(long gap, long arrivalMs) {
        if (gap == 0) {
            gaps.pool(tailHeld, tailGivenUp);
            return;
        }
        Gap opened = gaps.open(next, gap, newestMs, arrivalMs);
        if (unit.isOwn()) {
            holder = opened;
        } else if (tailHeld > 0 || tailGivenUp) {
            opened.doubt(tailSequence, tailRecordsMax);
            opened.undecoded = tailHeld;
            opened.givenUp = tailGivenUp;
            gaps.settle(opened);
        }
    }

    private void clearTail() {
        tailHeld = 0;
        tailGivenUp = false;
        tailRecordsMax = 0;
    }

    private void late(int start, int units, boolean unknown) {
        if ((units > 0 || unknown) && gaps.fill(start, units)) {
            holder = unit.isOwn() ? gaps.left() : gaps.right();
        }
    }

    private void odd(int start, int units, boolean unknown, long arrivalMs) {
        if (odd) {
            stray(oddStart, oddNext - oddStart);
        } else {
            oddMs = arrivalMs;
        }
        odd = true;
        oddStart = start;
        oddNext = start + units;
        oddUnknown = unknown;
        disorderedUntil = messages + Recent.LIMIT;
    }

    private void stray(int start, int units) {
        if (strays == STRAYS) {
            System.arraycopy(strayStarts, 1, strayStarts, 0, STRAYS - 1);
            System.arraycopy(strayUnits, 1, strayUnits, 0, STRAYS - 1);
            strays--;
        }
        strayStarts[strays] = start;
        strayUnits[strays++] = units;
    }

    private void fillStrays() {
        int kept = 0;
        for (int i = 0; i < strays; i++) {
            int units = strayUnits[i];
            if (units > 0 && !gaps.fill(strayStarts[i], units)) {
                strayStarts[kept] = strayStarts[i];
                strayUnits[kept++] = units;
            }
        }
        strays = kept;
    }

    private void believe(int sequence, int start, int units, long arrivalMs) {
        odd = false;
        if (!isBackward()) {
            leaveTail(Integer.toUnsignedLong(oddStart - next), arrivalMs);
        } else if (doubt.isOpen()) {
            // The numbers count what we do not know yet: neither a reset nor a gap.
            gaps.close();
            epoch++;
            disorderedUntil = messages + Recent.LIMIT;
        } else {
            reset();
            start(oddStart, oddMs);
        }
        clearTail();
        // A set without a template may explain the gap behind the odd message.
        next = start - oddNext >= 0 && !oddUnknown ? oddNext : start;
        newestMs = oddMs;
        advance(sequence, start, units, arrivalMs);
    }

    /** The exporter began anew, and said so: what was odd before belongs to its past. */
    void restart() {
        reset();
        strays = 0;
    }

    /** The numbers began anew; messages that were odd may have been the first new ones. */
    private void reset() {
        gaps.close();
        doubt.reset();
        resets++;
        epoch++;
        started = false;
        odd = false;
        disorderedUntil = messages + Recent.LIMIT;
        clearTail();
    }

    /** Old numbers are about to come once more, from any on. */
    void readAgain() {
        doubt.reset();
        epoch++;
        started = false;
        odd = false;
        strays = 0;
        clearTail();
    }

    /** The numbers count otherwise than we took them. */
    private void correct(SequenceUnit found) {
        gaps.correct(doubt.missingBefore());
        unit = found;
        epoch++;
        started = false;
        odd = false;
        strays = 0;
        disorderedUntil = messages + Recent.LIMIT;
        clearTail();
    }

    /** A set of the message that came last is held; it has at most so many records. */
    void onHeld(int sequence, long recordsMax) {
        Gap gap = holder;
        if (isTail) {
            tailHeld++;
            tailRecordsMax += recordsMax;
            sharesNext = true;
        } else if (gap != null) {
            gap.doubt(sequence, recordsMax);
            gap.undecoded++;
        } else {
            gaps.pool(1, false);
        }
    }

    /** A set of the message that came last is given up at once. */
    void onRefused(int sequence, long recordsMax) {
        Gap gap = holder;
        if (isTail) {
            tailGivenUp = true;
            tailRecordsMax += recordsMax;
            sharesNext = true;
        } else if (gap != null) {
            gap.doubt(sequence, recordsMax);
            gap.givenUp = true;
            gaps.settle(gap);
            holder = gap.count == 0 ? null : gap;
        }
    }

    /** A held set was decoded after all. */
    void onDecoded(int sequence, int heldEpoch, int records, boolean areOptions) {
        if (heldEpoch != epoch) {
            return;
        }
        boolean count = unit.countsRecords() && (!areOptions || unit.countsOptions());
        int units = count ? records : 0;
        Gap gap = gaps.owned(sequence);
        if (tailHeld > 0 && sequence == tailSequence) {
            tailHeld--;
            next += units;
        } else if (gap != null) {
            gap.undecoded--;
            gap.found(units);
            gaps.settle(gap);
        } else {
            gaps.unpool(units, false, newestMs);
        }
    }

    /** A held set was given up. */
    void onGivenUp(int sequence, int heldEpoch) {
        if (heldEpoch != epoch) {
            return;
        }
        Gap gap = gaps.owned(sequence);
        if (tailHeld > 0 && sequence == tailSequence) {
            tailHeld--;
            tailGivenUp = true;
        } else if (gap != null) {
            gap.undecoded--;
            gap.givenUp = true;
            gaps.settle(gap);
        } else {
            gaps.unpool(0, true, newestMs);
        }
    }

    /** What its numbers count, as far as we have found out. */
    SequenceUnit unit() {
        return unit;
    }

    /** Units that certainly did not come. */
    long missing() {
        return gaps.missing();
    }

    /** When a unit was first noticed to be missing, ms since 1970; 0: never. */
    long firstMissingMs() {
        return gaps.firstMs();
    }

    /** When a unit was last noticed to be missing; 0: never. */
    long lastMissingMs() {
        return gaps.lastMs();
    }

    /** The newest gaps, the oldest first. */
    List<SequenceGap> gaps() {
        return gaps.report(next, late());
    }

    /** How often the numbers began anew. */
    int resets() {
        return resets;
    }

    /** What held data belongs to: changes with each reset, and when the unit is found out. */
    int epoch() {
        return epoch;
    }

    void snapshot(StateWriter out) {
        out.putByte(unit.ordinal()).putBoolean(started).putInt(next).putLong(newestMs);
        out.putLong(messages).putLong(advancedAt).putLong(disorderedUntil).putBoolean(sharesNext);
        out.putInt(resets).putInt(epoch);
        out.putBoolean(odd).putInt(oddStart).putInt(oddNext);
        out.putBoolean(oddUnknown).putLong(oddMs).putByte(strays);
        for (int i = 0; i < strays; i++) {
            out.putInt(strayStarts[i]).putInt(strayUnits[i]);
        }
        out.putInt(tailSequence).putInt(tailHeld).putBoolean(tailGivenUp).putLong(tailRecordsMax);
        gaps.snapshot(out);
        doubt.snapshot(out);
    }

    void restore(StateReader in) {
        unit = SequenceUnit.ofCode(in.getByte());
        started = in.getBoolean();
        next = in.getInt();
        newestMs = in.getLong();
        messages = in.getLong();
        advancedAt = in.getLong();
        disorderedUntil = in.getLong();
        sharesNext = in.getBoolean();
        resets = in.getInt();
        epoch = in.getInt();
        odd = in.getBoolean();
        oddStart = in.getInt();
        oddNext = in.getInt();
        oddUnknown = in.getBoolean();
        oddMs = in.getLong();
        int count = in.getByte();
        for (int i = 0; i < count; i++) {
            stray(in.getInt(), in.getInt());
        }
        tailSequence = in.getInt();
        tailHeld = in.getInt();
        tailGivenUp = in.getBoolean();
        tailRecordsMax = in.getLong();
        gaps.restore(in);
        doubt.restore(in);
    }
}
