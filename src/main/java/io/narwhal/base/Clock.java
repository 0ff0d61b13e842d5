package io.narwhal.base;

/** Time. Operators never see one: what they know of time stands in the journal. */
public interface Clock {
    /** Microseconds since 1970-01-01T00:00Z; may step in both directions. */
    long wallMicros();

    /** Nanoseconds since an arbitrary start; never steps back; only differences mean anything. */
    long monotonicNanos();

    /** Waits about this long, or less when interrupted (the interrupt stays set). */
    void sleepMillis(long millis);

    /** As {@link #sleepMillis}, for waits below a millisecond; rounds up where it must. */
    default void sleepNanos(long nanos) {
        sleepMillis((nanos + 999_999) / 1_000_000);
    }

    /** The machine's clock; in a node that is tortured, one that steps ({@link SteppedClock}). */
    static Clock system() {
        return SystemClock.clock();
    }
}
