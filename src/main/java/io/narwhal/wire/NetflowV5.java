package io.narwhal.wire;

import java.nio.ByteBuffer;

/** The one record layout of NetFlow v5, written as a v9 template would define it. */
final class NetflowV5 {
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
        {0, 1},
        {Element.TCP_CONTROL_BITS, 1},
        {Element.PROTOCOL_IDENTIFIER, 1},
        {Element.IP_CLASS_OF_SERVICE, 1},
        {Element.BGP_SOURCE_AS_NUMBER, 2},
        {Element.BGP_DESTINATION_AS_NUMBER, 2},
        {Element.SOURCE_IPV4_PREFIX_LENGTH, 1},
        {Element.DESTINATION_IPV4_PREFIX_LENGTH, 1},
        {0, 2},
    };

    private NetflowV5() {}

    static Template template() {
        var definition = ByteBuffer.allocate(4 + 4 * FIELDS.length);
        definition.putShort((short) 5).putShort((short) FIELDS.length);
        for (int[] field : FIELDS) {
            definition.putShort((short) field[0]).putShort((short) field[1]);
        }
        return Template.of(FlowProtocol.NETFLOW_V5, false, definition.array(), FIELDS.length);
    }
}
