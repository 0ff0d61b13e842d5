package io.narwhal.journal;

import io.narwhal.base.Clock;

/** Time that stands still until a test turns it. */
final class TestClock implements Clock {
    long wallMicros = 1_700_000_000_000_000L;

    @Override
    public long wallMicros() {
        return wallMicros;
    }

    @Override
    public long monotonicNanos() {
        return wallMicros * 1_000;
    }

    @Override
    public void sleepMillis(long millis) {
        wallMicros += millis * 1_000;
    }
}
