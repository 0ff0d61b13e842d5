package io.narwhal.record;

import io.narwhal.base.StateReader;

import java.util.Locale;

/** Why something that was received is not accounted. Every discard names one. */
public enum Reason {
    /** The first bytes name no protocol that we decode. */
    UNKNOWN_VERSION(1, "the first bytes are no version of NetFlow, IPFIX or sFlow that is read"),
    /** Lengths or counts of the datagram contradict each other; discarded whole (RFC 7011 §9.1). */
    MALFORMED(2, "lengths or counts of the datagram contradict each other"),
    /** The template did not come within the time that data is held for it. */
    NO_TEMPLATE(3, "the template did not come in time"),
    /** More data waits for templates than the limit allows. */
    HELD_LIMIT(4, "more data waits for templates than the limit allows"),
    /** More exporters than the limit allows. */
    EXPORTER_LIMIT(5, "more exporters than the limit allows"),
    /** The sender of a RADIUS packet is no client that is configured (RFC 2865 §3). */
    UNKNOWN_CLIENT(6, "the sender is no client of this collector"),
    /** A RADIUS packet is not signed with the client's secret (RFC 2866 §3, RFC 5080 §2.3.3). */
    BAD_AUTHENTICATOR(7, "the packet is not signed with the secret of its client"),
    /** A RADIUS packet is no Accounting-Request. */
    NOT_ACCOUNTING(8, "the packet is no Accounting-Request"),
    /** A request says no status or no session, without which it means nothing (RFC 2866 §5.13). */
    INCOMPLETE(9, "the request lacks Acct-Status-Type or Acct-Session-Id"),
    /** A request has a status of which no usage follows (RFC 2867, and numbers reserved). */
    UNKNOWN_STATUS(10, "the request's Acct-Status-Type is none of a session's"),
    /** More sessions than the limit allows. */
    SESSION_LIMIT(11, "more sessions than the limit allows"),
    /** The journal holds a damaged stretch: what stood there is lost. */
    DAMAGED_JOURNAL(12, "the journal is damaged there"),
    /** A line of a file cannot be read, and more are held than the limit allows. */
    BAD_LINE(20, "a line of a file cannot be read, and no more lines can be held"),
    /** A line of a file is longer than any that is read. */
    LONG_LINE(21, "a line of a file is longer than 65,535 bytes");

    private final int code;
    private final String description;

    Reason(int code, String description) {
        this.code = code;
        this.description = description;
    }

    /** As in received blocks. */
    public int code() {
        return code;
    }

    /**
     * The reason of that code.
     *
     * @throws StateReader.Malformed when there is none
     */
    public static Reason of(int code) {
        for (Reason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        throw new StateReader.Malformed("no reason of code " + code);
    }

    /** As in the books: lower case with hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** For people. */
    public String description() {
        return description;
    }
}
