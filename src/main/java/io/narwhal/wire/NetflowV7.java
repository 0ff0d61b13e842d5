package io.narwhal.wire;

/**
 * The record of NetFlow v7 (Catalyst 5000 and 6000), written as a v9 template would define it. Its
 * flags at bytes 36 and 46 name fields and flows that are not valid; what their bits mean was never
 * published, and a field that the switch does not fill is 0, so they are not read; nor is the
 * router that is bypassed, at byte 48.
 */
final class NetflowV7 {
    static final int HEADER = 24;
    static final int RECORD = 52;
    static final int RECORDS_MAX = 30;

    private NetflowV7() {}

    static Template template() {
        return FixedLayout.template(FlowProtocol.NETFLOW_V7, FixedLayout.SINCE_V5, RECORD);
    }
}
