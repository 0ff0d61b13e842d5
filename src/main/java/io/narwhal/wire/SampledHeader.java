package io.narwhal.wire;

import io.narwhal.record.Addresses;
import io.narwhal.record.Field;

/**
 * Reads the first bytes of a packet as an agent sampled them, as far as they go: Ethernet or PPP,
 * VLAN tags, MPLS labels, the outermost IP header, and the ports or ICMP type behind it. What is
 * cut off, or no IP, leaves the fields unknown; nothing here can fail. Each layer is entered at
 * most once and each loop takes 4 bytes or more a step.
 */
final class SampledHeader {
    static final int TYPE_IPV4 = 0x0800;
    static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_MPLS = 0x8847;
    private static final int TYPE_MPLS_MULTICAST = 0x8848;
    private static final int TYPE_PPPOE_SESSION = 0x8864;

    /** Types up to here are lengths of IEEE 802.3 frames. */
    private static final int LENGTH_MAX = 1500;

    /** The start of an LLC header that announces SNAP, with an organisation of 0. */
    private static final long SNAP = 0xaaaa_0300_0000L;

    private static final int PPP_IPV4 = 0x0021;
    private static final int PPP_IPV6 = 0x0057;
    private static final int PPP_MPLS = 0x0281;

    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ICMP_V6 = 58;
    private static final int DCCP = 33;
    private static final int SCTP = 132;
    private static final int UDP_LITE = 136;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION = 60;
    private static final int MOBILITY = 135;
    private static final int HOST_IDENTITY = 139;
    private static final int SHIM6 = 140;

    private SampledHeader() {}

    /** Reads {@code bytes[from..to)}, which begin with that protocol of sFlow's, 1 to 14. */
    static void read(long protocol, byte[] bytes, int from, int to, SampledPacket packet) {
        switch ((int) Math.min(protocol, 0xff)) {
            case Sflow.HEADER_ETHERNET -> ethernet(bytes, from, to, packet);
            case Sflow.HEADER_PPP, Sflow.HEADER_POS -> ppp(bytes, from, to, packet);
            case Sflow.HEADER_IPV4 -> ipv4(bytes, from, to, packet);
            case Sflow.HEADER_IPV6 -> ipv6(bytes, from, to, packet);
            case Sflow.HEADER_MPLS -> mpls(bytes, from, to, packet);
            default -> {}
        }
    }

    /** Whether this Ethernet type is a tag: 802.1Q, 802.1ad, and what was used before it. */
    static boolean isTag(int type) {
        return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
    }

    private static void ethernet(byte[] bytes, int from, int to, SampledPacket packet) {
        int p = from + 12;
        while (to - p >= 6 && isTag(Wire.u16(bytes, p))) {
            int vlan = Wire.u16(bytes, p + 2) & 0xfff;
            if (vlan != 0 && !packet.has(Field.VLAN)) {
                packet.put(Field.VLAN, vlan);
            }
            p += 4;
        }
        if (to - p < 2) {
            return;
        }
        int type = Wire.u16(bytes, p);
        p += 2;
        if (type <= LENGTH_MAX && to - p >= 8 && Wire.i64(bytes, p) >>> 16 == SNAP) {
            type = Wire.u16(bytes, p + 6);
            p += 8;
        }
        switch (type) {
            case TYPE_IPV4 -> ipv4(bytes, p, to, packet);
            case TYPE_IPV6 -> ipv6(bytes, p, to, packet);
            case TYPE_MPLS, TYPE_MPLS_MULTICAST -> mpls(bytes, p, to, packet);
            case TYPE_PPPOE_SESSION -> ppp(bytes, p + 6, to, packet);
            default -> {}
        }
    }

    /** With or without address and control (RFC 1662 §3.1), protocol of 1 or 2 bytes (§2). */
    private static void ppp(byte[] bytes, int from, int to, SampledPacket packet) {
        int p = from;
        if (to - p >= 2 && Wire.u16(bytes, p) == 0xff03) {
            p += 2;
        }
        if (to - p < 2) {
            return;
        }
        boolean shortened = (bytes[p] & 1) != 0;
        int protocol = shortened ? bytes[p] & 0xff : Wire.u16(bytes, p);
        p += shortened ? 1 : 2;
        switch (protocol) {
            case PPP_IPV4 -> ipv4(bytes, p, to, packet);
            case PPP_IPV6 -> ipv6(bytes, p, to, packet);
            case PPP_MPLS -> mpls(bytes, p, to, packet);
            default -> {}
        }
    }

    /** Labels up to the bottom of the stack; behind it the first 4 bits tell which IP, if any. */
    private static void mpls(byte[] bytes, int from, int to, SampledPacket packet) {
        int p = from;
        boolean bottom = false;
        while (!bottom && to - p >= 4) {
            bottom = (bytes[p + 2] & 1) != 0;
            p += 4;
        }
        if (!bottom || p >= to) {
            return;
        }
        switch (bytes[p] >> 4 & 15) {
            case 4 -> ipv4(bytes, p, to, packet);
            case 6 -> ipv6(bytes, p, to, packet);
            default -> {}
        }
    }

    private static void ipv4(byte[] bytes, int p, int to, SampledPacket packet) {
        if (to - p < 20 || (bytes[p] & 0xf0) != 0x40) {
            return;
        }
        int headerBytes = (bytes[p] & 15) * 4;
        int protocol = bytes[p + 9] & 0xff;
        packet.put(Field.SRC_ADDR, 0, Addresses.ofIpv4(Wire.i32(bytes, p + 12)));
        packet.put(Field.DST_ADDR, 0, Addresses.ofIpv4(Wire.i32(bytes, p + 16)));
        packet.put(Field.TOS, bytes[p + 1] & 0xff);
        packet.put(Field.PROTOCOL, protocol);
        boolean first = (Wire.u16(bytes, p + 6) & 0x1fff) == 0;
        if (first && headerBytes >= 20) {
            transport(protocol, bytes, p + headerBytes, to, packet);
        }
    }

    private static void ipv6(byte[] bytes, int from, int to, SampledPacket packet) {
        if (to - from < 40 || (bytes[from] & 0xf0) != 0x60) {
            return;
        }
        packet.put(Field.SRC_ADDR, Wire.i64(bytes, from + 8), Wire.i64(bytes, from + 16));
        packet.put(Field.DST_ADDR, Wire.i64(bytes, from + 24), Wire.i64(bytes, from + 32));
        packet.put(Field.TOS, Wire.u16(bytes, from) >> 4 & 0xff);
        int next = bytes[from + 6] & 0xff;
        int p = from + 40;
        boolean first = true;
        while (isExtension(next) && to - p >= 8) {
            first &= next != FRAGMENT || Wire.u16(bytes, p + 2) >> 3 == 0;
            int length = extensionBytes(next, bytes[p + 1] & 0xff);
            next = bytes[p] & 0xff;
            p += length;
            if (!first) {
                break;
            }
        }
        packet.put(Field.PROTOCOL, next);
        if (first && !isExtension(next)) {
            transport(next, bytes, p, to, packet);
        }
    }

    private static boolean isExtension(int next) {
        return switch (next) {
            case HOP_BY_HOP,
                    ROUTING,
                    FRAGMENT,
                    AUTHENTICATION,
                    DESTINATION,
                    MOBILITY,
                    HOST_IDENTITY,
                    SHIM6 ->
                    true;
            default -> false;
        };
    }

    /** RFC 8200 §4, RFC 4302 §2.2. */
    private static int extensionBytes(int header, int length) {
        return switch (header) {
            case FRAGMENT -> 8;
            case AUTHENTICATION -> 4 * (length + 2);
            default -> 8 * (length + 1);
        };
    }

    /** Ports; of ICMP, type × 256 + code as the destination port, as NetFlow has it. */
    private static void transport(int protocol, byte[] bytes, int p, int to, SampledPacket packet) {
        switch (protocol) {
            case TCP, UDP, DCCP, SCTP, UDP_LITE -> {
                if (to - p >= 4) {
                    packet.put(Field.SRC_PORT, Wire.u16(bytes, p));
                    packet.put(Field.DST_PORT, Wire.u16(bytes, p + 2));
                }
                if (protocol == TCP && to - p >= 14) {
                    packet.put(Field.TCP_FLAGS, Wire.u16(bytes, p + 12) & 0xfff);
                }
            }
            case ICMP, ICMP_V6 -> {
                if (to - p >= 2) {
                    packet.put(Field.DST_PORT, Wire.u16(bytes, p));
                }
            }
            default -> {}
        }
    }
}
