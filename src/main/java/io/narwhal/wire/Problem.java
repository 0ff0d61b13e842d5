package io.narwhal.wire;

/**
 * Something that a decoder could not use, for logs. The books have the counts.
 *
 * @param kind what happened
 * @param exporter source address of the datagram
 * @param sourcePort its UDP source port
 * @param arrivalMs its arrival, ms since 1970
 * @param atByte the byte of the datagram at which it shows
 * @param message what is wrong, and what becomes of it
 */
public record Problem(
        Kind kind, String exporter, int sourcePort, long arrivalMs, int atByte, String message) {
    /** Kinds of problems. */
    public enum Kind {
        /** The datagram is discarded whole: no version that we decode. */
        UNKNOWN_VERSION,
        /** The datagram is discarded whole (RFC 7011 §9.1). */
        MALFORMED,
        /** The datagram is discarded whole: there are too many exporters. */
        EXPORTER_LIMIT,
        /** The template is not kept: it is empty, too long, or one too many. */
        TEMPLATE_REFUSED,
        /**
         * In a session, a template is defined anew without being withdrawn, or withdrawn without
         * being there (RFC 7011 §8.1).
         */
        TEMPLATE_CHANGED,
        /** The data set is rejected: too much waits already. */
        HELD_LIMIT,
        /**
         * The data set is rejected: its template did not come in time, or its exporter restarted.
         */
        NO_TEMPLATE,
        /** The sampling rate is not kept: the exporter has named too many. */
        SAMPLING_LIMIT,
        /**
         * The last totals of the flow that was longest silent are forgotten: there are too many.
         */
        TOTALS_LIMIT,
        /**
         * What tells whether another path supplied a datagram had to be forgotten: it may count
         * twice.
         */
        COPIES_LIMIT
    }

    @Override
    public String toString() {
        return exporter + " port " + sourcePort + ", byte " + atByte + ": " + message;
    }
}
