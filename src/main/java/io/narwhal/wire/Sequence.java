package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/**
 * Follows the sequence numbers of one exporter, in the unit of its protocol, modulo 2³² (R34, R35;
 * after RFC 3550 §A.3). Missing is what the numbers name less what came.
 *
 * <p>A number up to {@link #FORWARD} ahead opens a gap; one up to the late window behind fills one.
 * Any other number is odd: alone it changes nothing, and only a second one that continues it is
 * believed, as a large gap or as a reset. A reset banks what was missing and begins anew.
 *
 * <p>IPFIX numbers count records, and the records of a set without a template cannot be counted.
 * The gap that such a set seems to leave is <i>unsure</i>, up to a record for each of its bytes,
 * and not reported, until all such sets are decoded; what then remains was missing. When one of
 * them is given up, what remains unsure is given up with it: a gap is reported only when it is
 * certain.
 */
final class Sequence {
    /** How far ahead a single number is believed. */
    static final int FORWARD = 65_536;

    private static final int LATE_DATAGRAMS = 128;
    private static final int LATE_RECORDS = 4096;

    private final int late;

    private boolean started;
    private int next;
    private long expected;
    private long received;
    private long bankedMissing;
    private long bankedReceived;
    private int resets;

    private boolean odd;
    private int oddStart;
    private int oddNext;

    // The newest message: its sets without a template, and the most records they can hold.
    private int tailSequence;
    private int tailHeld;
    private boolean tailGivenUp;
    private long tailRecordsMax;

    private long unsure;
    private int undecoded;
    private boolean givenUp;

    Sequence(FlowProtocol.Unit unit) {
        late = unit == FlowProtocol.Unit.DATAGRAMS ? LATE_DATAGRAMS : LATE_RECORDS;
    }

    /**
     * A message with this number came, with so many units that are known.
     *
     * @return whether its number follows from those before
     */
    boolean onMessage(int sequence, int units) {
        if (!started) {
            started = true;
            next = sequence;
        }
        int ahead = sequence - next;
        if (ahead >= 0 && ahead <= FORWARD) {
            advance(sequence, units, ahead);
            return true;
        }
        if (ahead < 0 && ahead >= -late && received + unsure + units <= expected) {
            received += units;
            return true;
        }
        int aheadOfOdd = sequence - oddNext;
        if (!odd || aheadOfOdd < 0 || aheadOfOdd > FORWARD) {
            odd = true;
            oddStart = sequence;
            oddNext = sequence + units;
            expected += units;
            received += units;
            return false;
        }
        believe(sequence, units, aheadOfOdd);
        return true;
    }

    private void advance(int sequence, int units, int gap) {
        odd = false;
        expected += (long) gap + units;
        received += units;
        if (tailHeld > 0) {
            unsure += Math.min(gap, tailRecordsMax);
        } else if (tailGivenUp) {
            expected -= Math.min(gap, tailRecordsMax);
        }
        newest(sequence, units);
    }

    private void newest(int sequence, int units) {
        next = sequence + units;
        tailSequence = sequence;
        tailHeld = 0;
        tailGivenUp = false;
        tailRecordsMax = 0;
    }

    private void believe(int sequence, int units, int gap) {
        odd = false;
        int jump = oddStart - next;
        boolean passesZero = Integer.compareUnsigned(oddStart, next) < 0;
        if (jump > 0 && !passesZero) {
            expected += jump;
        } else {
            reset();
            started = true;
        }
        expected += (long) gap + units;
        received += units;
        newest(sequence, units);
    }

    /** The exporter began anew. */
    void reset() {
        bankedMissing += openMissing();
        bankedReceived += received;
        resets++;
        started = false;
        odd = false;
        expected = 0;
        received = 0;
        unsure = 0;
        undecoded = 0;
        givenUp = false;
        newest(0, 0);
    }

    /** A set of the message that came last is held; it has at most so many records. */
    void onHeld(int sequence, long recordsMax) {
        undecoded++;
        if (started && sequence == tailSequence) {
            tailHeld++;
            tailRecordsMax += recordsMax;
        }
    }

    /** A set of the message that came last is given up at once. */
    void onRefused(int sequence, long recordsMax) {
        if (started && sequence == tailSequence) {
            tailGivenUp = true;
            tailRecordsMax += recordsMax;
        }
        givenUp |= undecoded > 0;
    }

    /** A held set was decoded after all. */
    void onDecoded(int sequence, int epoch, int records) {
        if (epoch != resets) {
            return;
        }
        undecoded--;
        if (tailHeld > 0 && sequence == tailSequence) {
            tailHeld--;
            next += records;
            expected += records;
            received += records;
        } else {
            unsure -= Math.min(records, unsure);
            received = Math.min(expected, received + records);
        }
        settle();
    }

    /** A held set was given up. */
    void onGivenUp(int sequence, int epoch) {
        if (epoch != resets) {
            return;
        }
        undecoded--;
        givenUp = true;
        if (tailHeld > 0 && sequence == tailSequence) {
            tailHeld--;
            tailGivenUp = true;
        }
        settle();
    }

    private void settle() {
        if (undecoded == 0) {
            expected -= givenUp ? unsure : 0;
            unsure = 0;
            givenUp = false;
        }
    }

    private long openMissing() {
        return Math.max(0, expected - received - unsure);
    }

    /** Units that came. */
    long received() {
        return bankedReceived + received;
    }

    /** Units that certainly did not come. */
    long missing() {
        return bankedMissing + openMissing();
    }

    /** How often the numbers began anew; also the epoch that held data belongs to. */
    int resets() {
        return resets;
    }

    void snapshot(StateWriter out) {
        out.putBoolean(started).putInt(next).putLong(expected).putLong(received);
        out.putLong(bankedMissing).putLong(bankedReceived).putInt(resets);
        out.putBoolean(odd).putInt(oddStart).putInt(oddNext);
        out.putInt(tailSequence).putInt(tailHeld).putBoolean(tailGivenUp).putLong(tailRecordsMax);
        out.putLong(unsure).putInt(undecoded).putBoolean(givenUp);
    }

    void restore(StateReader in) {
        started = in.getBoolean();
        next = in.getInt();
        expected = in.getLong();
        received = in.getLong();
        bankedMissing = in.getLong();
        bankedReceived = in.getLong();
        resets = in.getInt();
        odd = in.getBoolean();
        oddStart = in.getInt();
        oddNext = in.getInt();
        tailSequence = in.getInt();
        tailHeld = in.getInt();
        tailGivenUp = in.getBoolean();
        tailRecordsMax = in.getLong();
        unsure = in.getLong();
        undecoded = in.getInt();
        givenUp = in.getBoolean();
    }
}
