package io.narwhal.wire;

import java.nio.ByteBuffer;

/**
 * The record of NetFlow v1, written as a v9 template would define it: 48 bytes, of which the last 7
 * mean nothing. Some vendors' manuals pad it to 52; the length of the datagram tells.
 */
final class NetflowV1 {
    static final int HEADER = 16;
    static final int RECORD = 48;
    static final int LONG_RECORD = 52;
    static final int RECORDS_MAX = 24;

    /** Element 0 stands for padding. */
    private static final int[][] FIELDS = {
        {Element.SOURCE_IPV4_ADDRESS, 4},
        {Element.DESTINATION_IPV4_ADDRESS, 4},
        {Element.IP_NEXT_HOP_IPV4_ADDRESS, 4},
        {Element.INGRESS_INTERFACE, 2},
        {Element.EGRESS_INTERFACE, 2},
        {Element.PACKET_DELTA_COUNT, 4},
        {Element.OCTET_DELTA_COUNT, 4},
        {Element.FLOW_START_SYS_UP_TIME, 4},
        {Element.FLOW_END_SYS_UP_TIME, 4},
        {Element.SOURCE_TRANSPORT_PORT, 2},
        {Element.DESTINATION_TRANSPORT_PORT, 2},
        {0, 2},
        {Element.PROTOCOL_IDENTIFIER, 1},
        {Element.IP_CLASS_OF_SERVICE, 1},
        {Element.TCP_CONTROL_BITS, 1},
    };

    private NetflowV1() {}

    /** The layout of records of that many bytes. */
    static Template template(int recordBytes) {
        var definition = ByteBuffer.allocate(4 + 4 * (FIELDS.length + 1));
        definition.putShort((short) 1).putShort((short) (FIELDS.length + 1));
        int bytes = 0;
        for (int[] field : FIELDS) {
            definition.putShort((short) field[0]).putShort((short) field[1]);
            bytes += field[1];
        }
        definition.putShort((short) 0).putShort((short) (recordBytes - bytes));
        return Template.of(FlowProtocol.NETFLOW_V1, false, definition.array(), FIELDS.length + 1);
    }

    /**
     * Bytes of each record of a datagram: 52 where the records then fill it to the last byte, else
     * 48, with whatever follows ignored.
     */
    static int recordBytes(int length, int count) {
        return length == HEADER + LONG_RECORD * count ? LONG_RECORD : RECORD;
    }
}
