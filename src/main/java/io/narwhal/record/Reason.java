package io.narwhal.record;

import java.util.Locale;

/** Why something that was received is not accounted. Every discard names one. */
public enum Reason {
    /** The first bytes name no protocol that we decode. */
    UNKNOWN_VERSION("the first bytes are no version of NetFlow, IPFIX or sFlow that is read"),
    /** Lengths or counts of the datagram contradict each other; discarded whole (RFC 7011 §9.1). */
    MALFORMED("lengths or counts of the datagram contradict each other"),
    /** The template did not come within the time that data is held for it. */
    NO_TEMPLATE("the template did not come in time"),
    /** More data waits for templates than the limit allows. */
    HELD_LIMIT("more data waits for templates than the limit allows"),
    /** More exporters than the limit allows. */
    EXPORTER_LIMIT("more exporters than the limit allows"),
    /** The journal holds a damaged stretch: what stood there is lost. */
    DAMAGED_JOURNAL("the journal is damaged there");

    private final String description;

    Reason(String description) {
        this.description = description;
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
