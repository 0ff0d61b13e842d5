package io.narwhal.capture;

/**
 * Finds the IP packet behind the header of its link: Ethernet with any VLAN tags, MPLS labels or
 * PPPoE, Linux "cooked" captures, raw IP, loopback, PPP.
 */
final class LinkLayer {
    /** Not an IP packet. */
    static final int NOT_IP = -1;

    /** The captured bytes end within the header. */
    static final int CUT = -2;

    /** No link layer that is known here. */
    static final int UNKNOWN = -3;

    private static final int ETHERNET_BYTES = 14;
    private static final int TAGS_MAX = 8;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int PPP_IPV4 = 0x0021;
    private static final int PPP_IPV6 = 0x0057;

    private LinkLayer() {}

    /** Where the IP header begins in the packet's bytes, or one of the constants. */
    static int ipAt(Packet packet) {
        int at = packet.offset();
        return switch (packet.linkType()) {
            case 1 -> behindType(packet, at + ETHERNET_BYTES - 2);
            case 12, 14, 101, 228, 229 -> at;
            case 0, 108 -> loopback(packet, at);
            case 9, 50 -> ppp(packet, at);
            case 113 -> behindType(packet, at + 14);
            case 276 -> cooked2(packet, at);
            default -> UNKNOWN;
        };
    }

    // The protocol stands first, and the header is 20 bytes.
    private static int cooked2(Packet packet, int at) {
        if (packet.end() - at < 20) {
            return CUT;
        }
        int type = number(packet, at);
        return type == IPV4 || type == IPV6 ? at + 20 : NOT_IP;
    }

    // Address families: 2 is IPv4 everywhere; that of IPv6 depends on the system.
    private static int loopback(Packet packet, int at) {
        if (packet.end() - at < 4) {
            return CUT;
        }
        int first = number(packet, at);
        int family = first == 0 ? number(packet, at + 2) : Short.reverseBytes((short) first);
        return switch (family) {
            case 2, 10, 24, 28, 30 -> at + 4;
            default -> NOT_IP;
        };
    }

    private static int ppp(Packet packet, int at) {
        if (packet.end() - at < 4) {
            return CUT;
        }
        boolean addressed = packet.bytes()[at] == (byte) 0xff || packet.bytes()[at] == 0x0f;
        int typeAt = addressed ? at + 2 : at;
        int type = number(packet, typeAt);
        return type == PPP_IPV4 || type == PPP_IPV6 ? typeAt + 2 : NOT_IP;
    }

    // Follows tags from an EtherType on.
    private static int behindType(Packet packet, int typeAt) {
        int at = typeAt;
        for (int tags = 0; tags <= TAGS_MAX; tags++) {
            if (at + 2 > packet.end()) {
                return CUT;
            }
            switch (number(packet, at)) {
                case IPV4, IPV6 -> {
                    return at + 2;
                }
                case 0x8100, 0x88a8, 0x9100, 0x9200 -> at += 4;
                case 0x8847, 0x8848 -> {
                    return behindLabels(packet, at + 2);
                }
                case 0x8864 -> {
                    return ppp(packet, at + 8);
                }
                default -> {
                    return NOT_IP;
                }
            }
        }
        return NOT_IP;
    }

    // What is behind the last label only its first four bits tell.
    private static int behindLabels(Packet packet, int labelsAt) {
        for (int at = labelsAt; at + 4 < packet.end(); at += 4) {
            if ((packet.bytes()[at + 2] & 1) != 0) {
                int version = packet.bytes()[at + 4] >> 4 & 15;
                return version == 4 || version == 6 ? at + 4 : NOT_IP;
            }
        }
        return CUT;
    }

    private static int number(Packet packet, int at) {
        return (packet.bytes()[at] & 255) << 8 | packet.bytes()[at + 1] & 255;
    }
}
