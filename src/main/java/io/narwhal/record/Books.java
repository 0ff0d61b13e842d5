package io.narwhal.record;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.EnumMap;
import java.util.Map;

/**
 * The counts that prove that nothing was lost: received = accounted + held + duplicate + rejected.
 * One owner, part of that owner's checkpoint. A datagram that cannot be decoded counts as the
 * records that its header announces, and as one where it announces none; a held set as one record
 * until its template tells how many it has.
 */
public final class Books {
    private final Tally received = new Tally();
    private final Tally accounted = new Tally();
    private final Tally held = new Tally();
    private final Tally duplicate = new Tally();
    private final Map<Reason, Tally> rejected = new EnumMap<>(Reason.class);

    /** Nothing received yet. */
    public Books() {
        for (Reason reason : Reason.values()) {
            rejected.put(reason, new Tally());
        }
    }

    /** All that came, counted when it is looked at, before anything is decided about it. */
    public Tally received() {
        return received;
    }

    /** What went into usage. */
    public Tally accounted() {
        return accounted;
    }

    /** What waits, durably, for a template, or was set aside with its evidence. */
    public Tally held() {
        return held;
    }

    /** What had been received before. */
    public Tally duplicate() {
        return duplicate;
    }

    /** What was discarded for this reason. */
    public Tally rejected(Reason reason) {
        Tally tally = rejected.get(reason);
        if (tally == null) {
            throw new AssertionError("every reason has a tally");
        }
        return tally;
    }

    /** What was discarded for any reason. */
    public Tally rejected() {
        var sum = new Tally();
        rejected.values().forEach(sum::add);
        return sum;
    }

    /** received − accounted − held − duplicate − rejected: zero, or there is a defect. */
    public Tally difference() {
        var difference = new Tally();
        difference.add(received);
        difference.subtract(accounted);
        difference.subtract(held);
        difference.subtract(duplicate);
        difference.subtract(rejected());
        return difference;
    }

    /** Adds the counts of another shard. */
    public void add(Books other) {
        received.add(other.received);
        accounted.add(other.accounted);
        held.add(other.held);
        duplicate.add(other.duplicate);
        other.rejected.forEach((reason, tally) -> rejected(reason).add(tally));
    }

    /** Writes all counts; reasons by label, so that a later release may add some. */
    public void snapshot(StateWriter out) {
        received.snapshot(out);
        accounted.snapshot(out);
        held.snapshot(out);
        duplicate.snapshot(out);
        out.putInt(rejected.size());
        rejected.forEach(
                (reason, tally) -> {
                    out.putString(reason.name());
                    tally.snapshot(out);
                });
    }

    /** Reads what {@link #snapshot} wrote. */
    public static Books restore(StateReader in) {
        var books = new Books();
        books.received.add(Tally.restore(in));
        books.accounted.add(Tally.restore(in));
        books.held.add(Tally.restore(in));
        books.duplicate.add(Tally.restore(in));
        for (int left = in.getCount(28); left > 0; left--) {
            Reason reason = reason(in.getString());
            books.rejected(reason).add(Tally.restore(in));
        }
        return books;
    }

    private static Reason reason(String name) {
        try {
            return Reason.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new StateReader.Malformed(
                    "books with the reason " + name + " are of a later release");
        }
    }
}
