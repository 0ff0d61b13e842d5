package io.narwhal.base;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A clock that a test sets. */
public final class SetClock implements Clock {
    private volatile Instant now;

    /** That stands at this time. */
    public SetClock(Instant now) {
        this.now = now;
    }

    /** Sets it forward, or back. */
    public void forward(Duration by) {
        now = now.plus(by);
    }

    /** What it shows. */
    public Instant now() {
        return now;
    }

    @Override
    public long wallMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, now);
    }

    @Override
    public long monotonicNanos() {
        return ChronoUnit.NANOS.between(Instant.EPOCH, now);
    }

    @Override
    public void sleepMillis(long millis) {
        forward(Duration.ofMillis(millis));
    }
}
