package io.narwhal.wire;

/**
 * The record of NetFlow v1, written as a v9 template would define it: 48 bytes, of which the last 7
 * mean nothing. Some vendors' manuals pad it to 52; the length of the datagram tells.
 */
final class NetflowV1 {
    static final int HEADER = 16;
    static final int RECORD = 48;
    static final int LONG_RECORD = 52;

    /** Cisco's manuals say 24, but softflowd sends up to 30. */
    static final int RECORDS_MAX = 30;

    private static final int[][] FIELDS = {
        {FixedLayout.SKIPPED, 2},
        {Element.PROTOCOL_IDENTIFIER, 1},
        {Element.IP_CLASS_OF_SERVICE, 1},
        {Element.TCP_CONTROL_BITS, 1},
    };

    private NetflowV1() {}

    /** The layout of records of that many bytes. */
    static Template template(int recordBytes) {
        return FixedLayout.template(FlowProtocol.NETFLOW_V1, FIELDS, recordBytes);
    }

    /**
     * Bytes of each record of a datagram: 52 where the records then fill it to the last byte, else
     * 48, with whatever follows ignored.
     */
    static int recordBytes(int length, int count) {
        return length == HEADER + LONG_RECORD * count ? LONG_RECORD : RECORD;
    }
}
