package io.narwhal.wire;

/** The one record layout of NetFlow v5, written as a v9 template would define it. */
final class NetflowV5 {
    private NetflowV5() {}

    static Template template() {
        return FixedLayout.template(
                FlowProtocol.NETFLOW_V5, FixedLayout.SINCE_V5, Header.V5_RECORD);
    }
}
