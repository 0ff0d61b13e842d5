package io.narwhal.generate;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What an exporter speaks. */
public enum Protocol {
    /** NetFlow version 5: fixed records, at most 30 a datagram, IPv4 only; counts flows. */
    V5("v5", "flows", 30, false),
    /** NetFlow version 9 (RFC 3954): counts export packets per source id (section 5.1). */
    V9("v9", "datagrams", Integer.MAX_VALUE, true),
    /** IPFIX (RFC 7011): counts data records per observation domain (section 3.1). */
    IPFIX("ipfix", "records", Integer.MAX_VALUE, true),
    /** NetFlow version 1: fixed records, at most 24 a datagram, IPv4 only; counts nothing. */
    V1("v1", "none", 24, false),
    /** NetFlow version 7: fixed records, at most 27 a datagram, IPv4 only; counts flows. */
    V7("v7", "flows", 27, false),
    /** sFlow version 5: samples of packets; counts datagrams per agent and sub-agent. */
    SFLOW("sflow", "datagrams", Integer.MAX_VALUE, true);

    private final String label;
    private final String sequenceUnit;
    private final int recordsMax;
    private final boolean ipv6;

    Protocol(String label, String sequenceUnit, int recordsMax, boolean ipv6) {
        this.label = label;
        this.sequenceUnit = sequenceUnit;
        this.recordsMax = recordsMax;
        this.ipv6 = ipv6;
    }

    /** As users write it. */
    public String label() {
        return label;
    }

    /** What its sequence number counts; "none" when it has no such number. */
    public String sequenceUnit() {
        return sequenceUnit;
    }

    /** The most records in a datagram that the protocol itself allows. */
    int recordsMax() {
        return recordsMax;
    }

    /** Whether it can tell of IPv6. */
    boolean knowsIpv6() {
        return ipv6;
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
        throw new IllegalArgumentException("no protocol '" + label + "'; use " + labels());
    }

    private static String labels() {
        return Arrays.stream(values()).map(Protocol::label).collect(Collectors.joining(", "));
    }
}
