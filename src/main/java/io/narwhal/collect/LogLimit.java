package io.narwhal.collect;

import io.narwhal.base.Clock;

import java.util.function.Consumer;

/**
 * Lets {@link #LINES_MAX} lines through in every {@link #EVERY_NANOS}, so that strangers fill no
 * log. One thread at a time.
 */
final class LogLimit {
    /** Lines in that time. */
    static final int LINES_MAX = 10;

    /** That time. */
    static final long EVERY_NANOS = 10_000_000_000L;

    private final Consumer<String> lines;
    private final Clock clock;
    private long beganNanos;
    private int told;
    private long untold;

    LogLimit(Consumer<String> lines, Clock clock) {
        this.lines = lines;
        this.clock = clock;
        this.beganNanos = clock.monotonicNanos();
    }

    /** Tells that, or counts it. */
    void tell(String line) {
        long now = clock.monotonicNanos();
        if (now - beganNanos >= EVERY_NANOS) {
            beganNanos = now;
            told = 0;
            if (untold > 0) {
                lines.accept(untold + " more lines like those before were left out");
                untold = 0;
            }
        }
        if (told < LINES_MAX) {
            told++;
            lines.accept(line);
        } else {
            untold++;
        }
    }
}
