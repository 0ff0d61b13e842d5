package io.narwhal.capture;

import java.util.Locale;

/** What became of a packet of a capture file, or of a message of an IPFIX file: one of these. */
public enum Fate {
    /** It is a datagram for us, or the last fragment of one. */
    TAKEN("taken", false),
    /** A fragment that went into a datagram with others. */
    FRAGMENT_JOINED("fragment that was joined with others", false),
    /** A fragment that came twice. */
    FRAGMENT_DOUBLED("fragment that came twice", false),
    /** Its link or network layer is not IP: ARP, LLDP and the like. */
    NOT_IP("not IP", true),
    /** Over IP, but neither UDP nor TCP. */
    NOT_UDP("neither UDP nor TCP", true),
    /** TCP: streams are not put together, so IPFIX over TCP is not read from a capture. */
    TCP("TCP: its streams are not put together", true),
    /** UDP whose first bytes are those of no flow protocol. */
    NOT_FLOW_EXPORT("UDP that begins like no flow protocol", true),
    /** UDP to a port that was not asked for. */
    OTHER_PORT("UDP to a port that was not asked for", true),
    /** The capture holds only its beginning (snaplen). */
    CUT_BY_CAPTURE("cut short by the capture (snaplen)", true),
    /** Lengths of its headers contradict each other. */
    MALFORMED("lengths of its headers contradict each other", true),
    /** A fragment whose other fragments did not come within 30 s, or before the file's end. */
    FRAGMENT_ALONE("fragment whose others are missing", true),
    /** A fragment that overlaps another: such a datagram is discarded whole (RFC 5722). */
    FRAGMENTS_OVERLAP("fragments that overlap", true),
    /** A fragment that was given up as too many datagrams waited for theirs. */
    FRAGMENT_LIMIT("fragment given up for the limit on waiting ones", true),
    /** Captured on a kind of link that is not known here. */
    UNKNOWN_LINK("captured on an unknown kind of link", true),
    /** Neither the capture nor the datagram says when it was. */
    NO_TIME("without a time", true),
    /** More addresses and ports were exported to than can be told apart. */
    DESTINATION_LIMIT("exported to more than 256 addresses and ports", true);

    private final String description;
    private final boolean skipped;

    Fate(String description, boolean skipped) {
        this.description = description;
        this.skipped = skipped;
    }

    /** As in the list of files: lower case with hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** For people. */
    public String description() {
        return description;
    }

    /** Whether the packet is left out, and so to be told of. */
    public boolean isSkipped() {
        return skipped;
    }
}
