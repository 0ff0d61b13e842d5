package io.narwhal.remote;

import io.narwhal.base.Clock;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is moved. */
final class SetClock implements Clock {
    private final AtomicLong micros = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong(1);

    SetClock(Instant now) {
        micros.set(now.toEpochMilli() * 1_000);
    }

    void forward(long seconds) {
        micros.addAndGet(seconds * 1_000_000);
        nanos.addAndGet(seconds * 1_000_000_000);
    }

    @Override
    public long wallMicros() {
        return micros.get();
    }

    @Override
    public long monotonicNanos() {
        return nanos.get();
    }

    @Override
    public void sleepMillis(long millis) {
        throw new UnsupportedOperationException("nobody waits for this clock");
    }
}
