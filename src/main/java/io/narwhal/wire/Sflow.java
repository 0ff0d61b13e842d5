package io.narwhal.wire;

import io.narwhal.record.Addresses;

/** Numbers of sFlow version 5 (sflow.org/sflow_version_5.txt, "sFlow Datagram Format"). */
final class Sflow {
    /** Of an address; 0 says that it is unknown and has no bytes. */
    static final int IPV4 = 1;

    /** As {@link #IPV4}. */
    static final int IPV6 = 2;

    /** Bytes of a header whose agent address is unknown. */
    static final int HEADER_MIN = 24;

    /** Bytes of the format and length before each sample, and before each record of a sample. */
    static final int OPAQUE_HEADER = 8;

    // Samples, of enterprise 0.
    static final int FLOW_SAMPLE = 1;
    static final int COUNTER_SAMPLE = 2;
    static final int EXPANDED_FLOW_SAMPLE = 3;
    static final int EXPANDED_COUNTER_SAMPLE = 4;
    static final int DISCARDED_PACKET = 5;

    // Records of flow samples, of enterprise 0.
    static final int RAW_HEADER = 1;
    static final int ETHERNET_FRAME = 2;
    static final int SAMPLED_IPV4 = 3;
    static final int SAMPLED_IPV6 = 4;
    static final int EXTENDED_SWITCH = 1001;
    static final int EXTENDED_ROUTER = 1002;
    static final int EXTENDED_GATEWAY = 1003;
    static final int EXTENDED_USER = 1004;

    // Records of counter samples, of enterprise 0.
    static final int GENERIC_COUNTERS = 1;
    static final int ETHERNET_COUNTERS = 2;

    // What a sampled header begins with.
    static final int HEADER_ETHERNET = 1;
    static final int HEADER_PPP = 7;
    static final int HEADER_IPV4 = 11;
    static final int HEADER_IPV6 = 12;
    static final int HEADER_MPLS = 13;
    static final int HEADER_POS = 14;

    /** The interface that stands for none: the device itself sent or took the packet. */
    static final long INTERNAL_INTERFACE = 0x3fff_ffff;

    /** An interface index is no larger (RFC 2863, InterfaceIndex). */
    static final long INTERFACE_MAX = 0x7fff_ffff;

    /** A segment of an AS path that has no order. */
    static final int AS_SET = 1;

    private Sflow() {}

    /** Bytes that an opaque of that length takes: a multiple of 4 (RFC 4506 §4.10). */
    static long padded(long length) {
        return length + 3 & ~3L;
    }

    /** Bytes of an address behind its type; −1 when there is no such type. */
    static int addressBytes(long type) {
        return switch ((int) Math.min(type, 3)) {
            case 0 -> 0;
            case IPV4 -> 4;
            case IPV6 -> 16;
            default -> -1;
        };
    }

    /** High half of an address of 0, 4 or 16 bytes. */
    static long addressHigh(byte[] bytes, int at, int length) {
        return length == 16 ? Wire.i64(bytes, at) : 0;
    }

    /** Low half of an address of 0, 4 or 16 bytes. */
    static long addressLow(byte[] bytes, int at, int length) {
        return switch (length) {
            case 0 -> 0;
            case 4 -> Addresses.ofIpv4(Wire.i32(bytes, at));
            default -> Wire.i64(bytes, at + 8);
        };
    }

    /** Bytes of a sample before its records; 0 for one that is not of this standard. */
    static int headBytes(int format) {
        return switch (format) {
            case FLOW_SAMPLE -> 32;
            case COUNTER_SAMPLE -> 12;
            case EXPANDED_FLOW_SAMPLE -> 44;
            case EXPANDED_COUNTER_SAMPLE -> 16;
            case DISCARDED_PACKET -> 32;
            default -> 0;
        };
    }

    static boolean isCounter(int format) {
        return format == COUNTER_SAMPLE || format == EXPANDED_COUNTER_SAMPLE;
    }
}
