package io.narwhal.base;

import java.nio.file.Path;

/**
 * A testing aid: a clock whose wall time is that of another one and so many microseconds more, as a
 * page says that all processes of a node share. Whoever writes the page steps the wall clock of all
 * of them at once, as an administrator or a time server would; time that only passes is untouched.
 */
public final class SteppedClock implements Clock {
    /** The system property that names the page; without it there is no stepped clock. */
    public static final String PROPERTY = "narwhal.stepped-clock";

    private static final int PAGE_BYTES = 8;

    private final Clock clock;
    private final SharedPage page;

    /** Steps as the page says: one of {@link #page}. */
    public SteppedClock(Clock clock, SharedPage page) {
        this.clock = clock;
        this.page = page;
    }

    /** The page that this file is, made with no step in it if it is missing. */
    public static SharedPage page(Disk disk, Path file) {
        return disk.page(file, PAGE_BYTES);
    }

    /**
     * Sets how far the wall time is ahead of the machine's, in microseconds; negative is behind.
     */
    public static void set(SharedPage page, long aheadMicros) {
        page.putLong(0, aheadMicros);
    }

    @Override
    public long wallMicros() {
        return clock.wallMicros() + page.getLong(0);
    }

    @Override
    public long monotonicNanos() {
        return clock.monotonicNanos();
    }

    @Override
    public void sleepMillis(long millis) {
        clock.sleepMillis(millis);
    }

    @Override
    public void sleepNanos(long nanos) {
        clock.sleepNanos(nanos);
    }
}
