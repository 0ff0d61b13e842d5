package io.narwhal.generate;

import java.util.Locale;

/** What an exporter speaks. */
public enum Protocol {
    /** NetFlow version 5: fixed records, at most 30 a datagram, IPv4 only; counts flows. */
    V5("v5", "flows"),
    /** NetFlow version 9 (RFC 3954): counts export packets per source id (section 5.1). */
    V9("v9", "datagrams"),
    /** IPFIX (RFC 7011): counts data records per observation domain (section 3.1). */
    IPFIX("ipfix", "records");

    /** The most records in a version 5 datagram. */
    public static final int V5_RECORDS_MAX = 30;

    private final String label;
    private final String sequenceUnit;

    Protocol(String label, String sequenceUnit) {
        this.label = label;
        this.sequenceUnit = sequenceUnit;
    }

    /** As users write it. */
    public String label() {
        return label;
    }

    /** What its sequence number counts. */
    public String sequenceUnit() {
        return sequenceUnit;
    }

    /**
     * The protocol of this label.
     *
     * @throws IllegalArgumentException when there is none; the message lists those there are
     */
    public static Protocol of(String label) {
        for (Protocol protocol : values()) {
            if (protocol.label.equals(label.toLowerCase(Locale.ROOT))) {
                return protocol;
            }
        }
        throw new IllegalArgumentException("no protocol '" + label + "'; use v5, v9 or ipfix");
    }
}
