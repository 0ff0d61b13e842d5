package io.narwhal.transfer;

import java.util.Locale;

/** How full an agent is for one reader, as the reader's thresholds say. */
public enum BufferState {
    /** Below the thresholds. */
    NORMAL,
    /** It approaches its capacity, and has not fallen below the clear mark since. */
    APPROACHING,
    /** It has reached it. */
    FULL;

    boolean mayBecome(BufferState next) {
        return switch (this) {
            case NORMAL -> next == APPROACHING || next == FULL;
            case APPROACHING -> next == NORMAL || next == FULL;
            case FULL -> next == NORMAL || next == APPROACHING;
        };
    }

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
