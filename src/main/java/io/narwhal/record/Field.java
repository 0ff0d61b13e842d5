package io.narwhal.record;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A field of a record, under the name that users see, with the IANA IPFIX information element that
 * it comes from (RFC 7012; numbers in brackets).
 */
public enum Field {
    /**
     * Address that the export datagram came from [exporterIPv4Address 130, exporterIPv6Address
     * 131], or of the agent that it names.
     */
    EXPORTER(Kind.ADDRESS, 128, true, "address that the datagram came from"),
    /**
     * Observation domain [149], NetFlow v9 source id, NetFlow v5 engine type × 256 + engine id,
     * sFlow sub-agent.
     */
    DOMAIN(Kind.INTEGER, 32, true, "observation domain, source id or engine"),
    /** [sourceIPv4Address 8, sourceIPv6Address 27]. */
    SRC_ADDR(Kind.ADDRESS, 128, true, "source address"),
    /** [destinationIPv4Address 12, destinationIPv6Address 28]. */
    DST_ADDR(Kind.ADDRESS, 128, true, "destination address"),
    /** [sourceTransportPort 7]. */
    SRC_PORT(Kind.INTEGER, 16, true, "source port"),
    /** [destinationTransportPort 11]. */
    DST_PORT(Kind.INTEGER, 16, true, "destination port"),
    /** [protocolIdentifier 4]. */
    PROTOCOL(Kind.INTEGER, 8, true, "IP protocol number"),
    /** [ipClassOfService 5]. */
    TOS(Kind.INTEGER, 8, true, "type of service"),
    /** [tcpControlBits 6]. */
    TCP_FLAGS(Kind.INTEGER, 16, true, "TCP flags seen, or-ed"),
    /** [ingressInterface 10]. */
    IN_IF(Kind.INTEGER, 32, true, "input interface index"),
    /** [egressInterface 14]. */
    OUT_IF(Kind.INTEGER, 32, true, "output interface index"),
    /** [bgpSourceAsNumber 16]. */
    SRC_AS(Kind.INTEGER, 32, true, "source AS"),
    /** [bgpDestinationAsNumber 17]. */
    DST_AS(Kind.INTEGER, 32, true, "destination AS"),
    /** [ipNextHopIPv4Address 15, ipNextHopIPv6Address 62]. */
    NEXT_HOP(Kind.ADDRESS, 128, true, "next hop"),
    /** [sourceIPv4PrefixLength 9, sourceIPv6PrefixLength 29]. */
    SRC_MASK(Kind.INTEGER, 8, true, "source prefix length"),
    /** [destinationIPv4PrefixLength 13, destinationIPv6PrefixLength 30]. */
    DST_MASK(Kind.INTEGER, 8, true, "destination prefix length"),
    /** [vlanId 58]. */
    VLAN(Kind.INTEGER, 16, true, "VLAN id"),
    /** Customer charged: the one at the source (up) and the one at the destination (down). Ours. */
    CUSTOMER(Kind.TEXT, 32, true, "customer charged, by the customers table"),
    /** Customer at the source address. Ours. */
    SRC_CUSTOMER(Kind.TEXT, 32, true, "customer at the source"),
    /** Customer at the destination address. Ours. */
    DST_CUSTOMER(Kind.TEXT, 32, true, "customer at the destination"),
    /** Subscriber [userName 371] charged; of a flow: who held the address at its time. */
    SUBSCRIBER(Kind.TEXT, 32, true, "subscriber charged, by the accounting sessions"),
    /** Accounting session (RFC 2866 §5.5) charged; of a flow: the one that held the address. */
    SESSION_ID(Kind.TEXT, 32, true, "accounting session charged"),
    /** Access server (RFC 2865 §5.4) of the session charged. */
    NAS(Kind.TEXT, 32, true, "access server of the session charged"),
    /**
     * Of the customer or subscriber charged: 1 up (it is the source), 2 down, 0 neither end known.
     * Ours.
     */
    DIRECTION(Kind.DIRECTION, 8, true, "up or down, as seen from who is charged"),
    /** [octetDeltaCount 1]. */
    OCTETS(Kind.INTEGER, 64, false, "octets, as counted by the exporter"),
    /** [packetDeltaCount 2]. */
    PACKETS(Kind.INTEGER, 64, false, "packets, as counted by the exporter"),
    /** First packet [flowStartMilliseconds 152 and its kin]. */
    START(Kind.TIME, 64, false, "time of the first packet"),
    /** Last packet [flowEndMilliseconds 153 and its kin]. */
    END(Kind.TIME, 64, false, "time of the last packet"),
    /** One packet of how many was looked at [samplingPacketInterval 305, 34, …]; 0 when unknown. */
    SAMPLING_RATE(Kind.INTEGER, 32, true, "one packet of this many was looked at; empty: unknown"),
    /** Who told the {@link #SAMPLING_RATE}, a {@link SamplingSource}. Ours. */
    SAMPLING_SOURCE(Kind.SAMPLING_SOURCE, 8, false, "who told the sampling rate; empty: unknown"),
    /** Subscriber that held the source address at the time of the flow. Ours. */
    SRC_SUBSCRIBER(Kind.TEXT, 32, true, "subscriber at the source"),
    /** Subscriber that held the destination address at the time of the flow. Ours. */
    DST_SUBSCRIBER(Kind.TEXT, 32, true, "subscriber at the destination"),
    /** Accounting session that held the source address at the time of the flow. Ours. */
    SRC_SESSION_ID(Kind.TEXT, 32, true, "accounting session at the source"),
    /** Accounting session that held the destination address at the time of the flow. Ours. */
    DST_SESSION_ID(Kind.TEXT, 32, true, "accounting session at the destination"),
    /** Access server of the session at the source address. Ours. */
    SRC_NAS(Kind.TEXT, 32, true, "access server of the session at the source"),
    /** Access server of the session at the destination address. Ours. */
    DST_NAS(Kind.TEXT, 32, true, "access server of the session at the destination");

    /** How the value of a field is written and stored. */
    public enum Kind {
        /** 128 bits in two columns. */
        ADDRESS,
        /** Unsigned, of {@link Field#bits()} bits. */
        INTEGER,
        /** A number of a {@link Dictionary}; 0 is the empty text. */
        TEXT,
        /** Milliseconds since 1970, UTC; 0 when the record gives no time. */
        TIME,
        /** 0 none, 1 up, 2 down. */
        DIRECTION,
        /** The code of a {@link io.narwhal.record.SamplingSource}. */
        SAMPLING_SOURCE
    }

    /** Value of {@link #DIRECTION} when the customer is the source. */
    public static final int UP = 1;

    /** Value of {@link #DIRECTION} when the customer is the destination. */
    public static final int DOWN = 2;

    private static final List<Field> KEYS = Arrays.stream(values()).filter(f -> f.key).toList();

    private final Kind kind;
    private final int bits;
    private final boolean key;
    private final String description;
    private final String label;

    Field(Kind kind, int bits, boolean key, String description) {
        this.kind = kind;
        this.bits = bits;
        this.key = key;
        this.description = description;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    /** The name in configuration, output and the ledger. */
    public String label() {
        return label;
    }

    /** See {@link Kind}. */
    public Kind kind() {
        return kind;
    }

    /** Width of the value. */
    public int bits() {
        return bits;
    }

    /** Whether usage can be keyed by it; counters and times cannot. */
    public boolean isKey() {
        return key;
    }

    /** One line for {@code --help}. */
    public String description() {
        return description;
    }

    /** The field's bit in {@link RecordBlock#present()}. */
    public long bit() {
        return 1L << ordinal();
    }

    /** The fields that usage can be keyed by, in declaration order. */
    public static List<Field> keys() {
        return KEYS;
    }

    /** The field of that label. */
    public static Optional<Field> of(String label) {
        return Arrays.stream(values()).filter(f -> f.label.equals(label)).findFirst();
    }
}
