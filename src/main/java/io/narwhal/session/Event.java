package io.narwhal.session;

import io.narwhal.radius.AccountingRequest;
import io.narwhal.radius.Attribute;

/** When what a request reports happened, and how well that is known. Reused for each request. */
final class Event {
    /** How far times of one event may differ by whole seconds and by the way to us. */
    static final long TOLERANCE_MS = 5_000;

    /** How long a device may go on sending a request whose time it does not tell. */
    static final long SETTLED_MS = 300_000;

    /** How long packets overtake each other whose time nothing tells. */
    static final long REORDER_MS = 10_000;

    /** How far a device's clock may be ahead of ours to be believed. */
    static final long AHEAD_MS = 600_000;

    /** How far back an event may lie to be believed. */
    static final long BEHIND_MS = 31 * 86_400_000L;

    /** The longest session time that is believed: ten years. */
    static final long SECONDS_MAX = 10 * 366 * 86_400L;

    /** Time of the event, ms since 1970. */
    long ms;

    /** Whether Event-Timestamp told it: then it is the same in whatever is sent again. */
    boolean isStamped;

    /**
     * Whether it has an Event-Timestamp that tells this request from others, believed or not: also
     * when the device's clock is ahead, or ours was behind. One that lies far behind is that of a
     * device without a clock, which may tell the same again after each boot.
     */
    boolean isNamed;

    /**
     * Whether the device told it, by Event-Timestamp or Acct-Delay-Time; else it is the arrival.
     */
    boolean isTimed;

    /** Whether Event-Timestamp or the delay could not be right. */
    boolean isClamped;

    /** Acct-Session-Time, s; 0 when it does not say, which is also what devices mean by 0. */
    int seconds;

    /** When the session began by {@link #seconds}; only where that is not 0. */
    long begunMs;

    void read(AccountingRequest request, long arrivalMs) {
        long stamp = request.integer(Attribute.EVENT_TIMESTAMP);
        long delay = request.integer(Attribute.ACCT_DELAY_TIME);
        isStamped = stamp > 0;
        isTimed = isStamped || delay >= 0;
        isClamped = false;
        ms = request.eventMs(arrivalMs);
        isNamed = isStamped && ms >= arrivalMs - BEHIND_MS;
        if (!isBelieved(arrivalMs)) {
            isClamped = true;
            isStamped = false;
            isTimed = delay >= 0;
            ms = arrivalMs - Math.max(0, delay) * 1000;
            if (!isBelieved(arrivalMs)) {
                isTimed = false;
                ms = arrivalMs;
            }
        }
        long told = request.integer(Attribute.ACCT_SESSION_TIME);
        if (told > SECONDS_MAX) {
            isClamped = true;
        }
        seconds = told > 0 && told <= SECONDS_MAX ? (int) told : 0;
        begunMs = ms - seconds * 1000L;
    }

    private boolean isBelieved(long arrivalMs) {
        return ms <= arrivalMs + AHEAD_MS && ms >= arrivalMs - BEHIND_MS;
    }

    boolean hasSeconds() {
        return seconds > 0;
    }

    /** How long after another event it may still be one sent late. */
    long graceMs() {
        return isTimed ? TOLERANCE_MS : SETTLED_MS;
    }

    /** When the session began, as far as this event tells. */
    long earliestMs() {
        return hasSeconds() ? begunMs : ms;
    }
}
