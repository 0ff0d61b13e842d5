package io.narwhal.wire;

/** The export protocols that {@link FlowDecoder} reads, with the unit of their sequence numbers. */
public enum FlowProtocol {
    /** NetFlow v5: the sequence number counts flow records. */
    NETFLOW_V5(5, "netflow-v5", Unit.FLOWS),
    /** NetFlow v9: the sequence number counts export packets of the source id (RFC 3954 §5.1). */
    NETFLOW_V9(9, "netflow-v9", Unit.DATAGRAMS),
    /** IPFIX: the sequence number counts data records of the domain (RFC 7011 §3.1). */
    IPFIX(10, "ipfix", Unit.RECORDS);

    /** What a sequence number counts. */
    public enum Unit {
        /** Flow records. */
        FLOWS,
        /** Export packets. */
        DATAGRAMS,
        /** Data records, those of options included, templates not. */
        RECORDS
    }

    private final int version;
    private final String label;
    private final Unit unit;

    FlowProtocol(int version, String label, Unit unit) {
        this.version = version;
        this.label = label;
        this.unit = unit;
    }

    /** The first two bytes of a datagram. */
    public int version() {
        return version;
    }

    /** As users read it. */
    public String label() {
        return label;
    }

    /** What its sequence numbers count. */
    public Unit unit() {
        return unit;
    }
}
