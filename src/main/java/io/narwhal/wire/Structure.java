package io.narwhal.wire;

import io.narwhal.record.Reason;

/** Whether a datagram holds together, found out before any of it is used. */
sealed interface Structure {
    /** It does. */
    Structure SOUND = new Sound();

    /** Lengths and counts agree. */
    record Sound() implements Structure {}

    /** It is discarded whole; {@code at} is an index into the array, not yet into the datagram. */
    record Broken(Reason reason, int at, String message) implements Structure {}

    static Structure malformed(int at, String message) {
        return new Broken(Reason.MALFORMED, at, message);
    }
}
