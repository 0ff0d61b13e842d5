package io.narwhal.transfer;

/** Time that never runs backwards, whatever the clock is set to: for waits. */
final class Steady {
    private long offsetMs;
    private long lastMs;

    Steady(long nowMs) {
        lastMs = nowMs;
    }

    long of(long nowMs) {
        if (nowMs < lastMs) {
            offsetMs += lastMs - nowMs;
        }
        lastMs = nowMs;
        return nowMs + offsetMs;
    }
}
