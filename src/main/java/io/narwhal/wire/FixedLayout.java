package io.narwhal.wire;

import java.nio.ByteBuffer;

/** A record layout that never changes, written as a v9 template would define it. */
final class FixedLayout {
    /** Element number of bytes that are not read. */
    static final int SKIPPED = 0;

    /** What the records of NetFlow v1, v5 and v7 have in common: their first 36 bytes. */
    private static final int[][] COMMON = {
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
    };

    /** What follows in v5 and v7, up to the end of v5 and to the second flags of v7. */
    static final int[][] SINCE_V5 = {
        {SKIPPED, 1},
        {Element.TCP_CONTROL_BITS, 1},
        {Element.PROTOCOL_IDENTIFIER, 1},
        {Element.IP_CLASS_OF_SERVICE, 1},
        {Element.BGP_SOURCE_AS_NUMBER, 2},
        {Element.BGP_DESTINATION_AS_NUMBER, 2},
        {Element.SOURCE_IPV4_PREFIX_LENGTH, 1},
        {Element.DESTINATION_IPV4_PREFIX_LENGTH, 1},
    };

    private FixedLayout() {}

    /**
     * The layout of what is common, then these fields (element, bytes), then bytes that are skipped
     * up to that length.
     */
    static Template template(FlowProtocol protocol, int[][] fields, int recordBytes) {
        int count = COMMON.length + fields.length + 1;
        var definition = ByteBuffer.allocate(4 + 4 * count);
        definition.putShort((short) protocol.code()).putShort((short) count);
        int bytes = put(definition, COMMON) + put(definition, fields);
        definition.putShort((short) SKIPPED).putShort((short) (recordBytes - bytes));
        return Template.of(protocol, false, definition.array(), count);
    }

    private static int put(ByteBuffer definition, int[][] fields) {
        int bytes = 0;
        for (int[] field : fields) {
            definition.putShort((short) field[0]).putShort((short) field[1]);
            bytes += field[1];
        }
        return bytes;
    }
}
