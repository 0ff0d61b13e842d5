package io.narwhal.transfer;

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
    SHUTDOWN
}
