package io.narwhal.wire;

/** The export protocols that {@link FlowDecoder} reads, with the unit of their sequence numbers. */
public enum FlowProtocol {
    /** NetFlow v1: has no sequence numbers, so what is missing cannot be known. */
    NETFLOW_V1(1, "netflow-v1", Unit.NONE),
    /** NetFlow v5: the sequence number counts flow records. */
    NETFLOW_V5(5, "netflow-v5", Unit.FLOWS),
    /** NetFlow v7: the sequence number counts flow records. */
    NETFLOW_V7(7, "netflow-v7", Unit.FLOWS),
    /** NetFlow v9: the sequence number counts export packets of the source id (RFC 3954 §5.1). */
    NETFLOW_V9(9, "netflow-v9", Unit.DATAGRAMS),
    /** IPFIX: the sequence number counts data records of the domain (RFC 7011 §3.1). */
    IPFIX(10, "ipfix", Unit.RECORDS),
    /** sFlow version 5: the sequence number counts datagrams of the sub-agent. */
    SFLOW(105, "sflow", Unit.DATAGRAMS);

    /** What a sequence number counts. */
    public enum Unit {
        /** Nothing: the protocol has no sequence numbers. */
        NONE,
        /** Flow records. */
        FLOWS,
        /** Export packets. */
        DATAGRAMS,
        /** Data records, those of options included, templates not. */
        RECORDS
    }

    private final int code;
    private final String label;
    private final Unit unit;

    FlowProtocol(int code, String label, Unit unit) {
        this.code = code;
        this.label = label;
        this.unit = unit;
    }

    /** As in states: the version in a datagram's first two bytes, or 105 for sFlow version 5. */
    public int code() {
        return code;
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
