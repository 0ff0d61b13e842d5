package io.narwhal.transfer;

import java.util.Locale;

/** Why an agent asks to be pulled. */
public enum Reason {
    /** Its buffer approaches its capacity. */
    APPROACHING,
    /** It has reached it. */
    REACHED,
    /** It holds so many records. */
    RECORD_COUNT,
    /** Collecting is in trouble. */
    INTERNAL_ERROR,
    /** The oldest record is so old. */
    AGE,
    /** It drains. */
    SHUTDOWN;

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
