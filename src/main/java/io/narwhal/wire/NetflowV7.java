package io.narwhal.wire;

import java.nio.ByteBuffer;

/**
 * The record of NetFlow v7 (Catalyst 5000 and 6000), written as a v9 template would define it. Its
 * flags at bytes 36 and 46 name fields and flows that are not valid; what their bits mean was never
 * published, and a field that the switch does not fill is 0, so they are not read.
 */
final class NetflowV7 {
    static final int HEADER = 24;
    static final int RECORD = 52;
    static final int RECORDS_MAX = 30;

    /** Element 0 stands for what is not read: the flags, and the router that is bypassed. */
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
        {0, 1},
        {Element.TCP_CONTROL_BITS, 1},
        {Element.PROTOCOL_IDENTIFIER, 1},
        {Element.IP_CLASS_OF_SERVICE, 1},
        {Element.BGP_SOURCE_AS_NUMBER, 2},
        {Element.BGP_DESTINATION_AS_NUMBER, 2},
        {Element.SOURCE_IPV4_PREFIX_LENGTH, 1},
        {Element.DESTINATION_IPV4_PREFIX_LENGTH, 1},
        {0, 6},
    };

    private NetflowV7() {}

    static Template template() {
        var definition = ByteBuffer.allocate(4 + 4 * FIELDS.length);
        definition.putShort((short) 7).putShort((short) FIELDS.length);
        for (int[] field : FIELDS) {
            definition.putShort((short) field[0]).putShort((short) field[1]);
        }
        return Template.of(FlowProtocol.NETFLOW_V7, false, definition.array(), FIELDS.length);
    }
}
