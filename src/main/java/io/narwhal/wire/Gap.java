package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/**
 * Numbers that did not come, so far. The records of a message's sets without a template would seem
 * to be missing too: of a gap beside such a message up to a record for each byte of those sets is
 * <i>unsure</i> and not reported.
 */
final class Gap {
    static final int SNAPSHOT_BYTES = 47;

    int first;
    long count;
    final long fromMs;
    final long toMs;

    /** Before the first message that we saw: nobody is sure that these numbers were ever used. */
    boolean prior;

    /** Its exporter began anew: nothing fills it any more. */
    boolean closed;

    /** Sequence number of the message whose held sets may be all there is to it. */
    int owner;

    /** Sets of that message that are still held. */
    int undecoded;

    /** Whether one of them was given up. */
    boolean givenUp;

    long unsure;

    Gap(int first, long count, long fromMs, long toMs) {
        this.first = first;
        this.count = count;
        this.fromMs = fromMs;
        this.toMs = toMs;
    }

    /** Numbers that certainly did not come. */
    long certain() {
        return prior ? 0 : count - unsure;
    }

    /** Whether all these numbers are in it. */
    boolean has(int start, int units) {
        long at = Integer.toUnsignedLong(start - first);
        return !closed && at < count && at + units <= count;
    }

    /** A set of the message beside it is held, or given up at once. */
    void doubt(int sequence, long recordsMax) {
        owner = sequence;
        unsure = Math.min(count, unsure + recordsMax);
    }

    /** So many records were found at its begin after all. */
    void found(int records) {
        long taken = Math.min(records, count);
        first += (int) taken;
        count -= taken;
        unsure = Math.min(count, Math.max(0, unsure - taken));
    }

    /** What is still unsure is certain once all sets are decoded, and unknown if one never was. */
    void settle() {
        if (undecoded == 0) {
            count -= givenUp ? unsure : 0;
            unsure = 0;
            givenUp = false;
        }
    }

    void snapshot(StateWriter out) {
        out.putInt(first).putLong(count).putLong(fromMs).putLong(toMs);
        out.putBoolean(prior).putBoolean(closed).putInt(owner).putInt(undecoded);
        out.putBoolean(givenUp).putLong(unsure);
    }

    static Gap restore(StateReader in) {
        var gap = new Gap(in.getInt(), in.getLong(), in.getLong(), in.getLong());
        gap.prior = in.getBoolean();
        gap.closed = in.getBoolean();
        gap.owner = in.getInt();
        gap.undecoded = in.getInt();
        gap.givenUp = in.getBoolean();
        gap.unsure = in.getLong();
        return gap;
    }
}
