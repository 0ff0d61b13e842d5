package io.narwhal.base;

import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** The machine's clock, or, where a test asks for it, that clock with steps in it. */
final class SystemClock implements Clock {
    private static final Clock CLOCK = choose();

    private SystemClock() {}

    static Clock clock() {
        return CLOCK;
    }

    // The clock of the machine itself is nobody's to play with, so a test steps the one that the
    // program sees.
    private static Clock choose() {
        String file = System.getProperty(SteppedClock.PROPERTY);
        var machine = new SystemClock();
        return file == null
                ? machine
                : new SteppedClock(machine, SteppedClock.page(Disk.system(), Path.of(file)));
    }

    @Override
    public long wallMicros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    @Override
    public long monotonicNanos() {
        return System.nanoTime();
    }

    @Override
    public void sleepMillis(long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
    }

    @Override
    public void sleepNanos(long nanos) {
        LockSupport.parkNanos(nanos);
    }
}
