package io.narwhal.component;

import io.narwhal.base.Check;

import java.util.Locale;

/** What a process says of itself on its page. */
public enum Phase {
    /** It has not said anything yet. */
    STARTING(0),
    /** It recovers what its predecessor left. */
    RECOVERING(1),
    /** It does its work. */
    RUNNING(2),
    /** It cannot go on for a reason outside (a full disk), and tries again. */
    WAITING(3),
    /** It was asked to stop and finishes. */
    STOPPING(4),
    /** It ended in order. */
    STOPPED(5),
    /** It ended in order after its last record: nothing more will come. */
    DRAINED(6),
    /** It ended by an error, told in its message. */
    FAILED(7);

    private final int code;

    Phase(int code) {
        this.code = code;
    }

    /** As on the page. */
    int code() {
        return code;
    }

    /** As in status. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the process of that phase has ended in order. */
    public boolean isOver() {
        return this == STOPPED || this == DRAINED;
    }

    static Phase of(long code) {
        for (Phase phase : values()) {
            if (phase.code == code) {
                return phase;
            }
        }
        Check.that(false, "a page holds a known phase, not %d", code);
        return FAILED;
    }

    /** Whether a process may go from this phase to that one. */
    public boolean mayBecome(Phase next) {
        return switch (this) {
            case STARTING -> next != STARTING;
            case RECOVERING ->
                    next == RUNNING || next == STOPPING || next == FAILED || next == WAITING;
            case RUNNING -> next == WAITING || next == STOPPING || next == FAILED;
            case WAITING ->
                    next == RECOVERING || next == RUNNING || next == STOPPING || next == FAILED;
            case STOPPING ->
                    next == WAITING || next == STOPPED || next == DRAINED || next == FAILED;
            case STOPPED, DRAINED, FAILED -> false;
        };
    }
}
