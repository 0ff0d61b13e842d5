package io.narwhal.record;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Addresses as two longs: the 16 bytes of the IPv6 form, an IPv4 address as ::ffff:a.b.c.d. */
public final class Addresses {
    /** Bits 32 to 47 of the low half of every IPv4 address. */
    public static final long IPV4_MARK = 0xffff_0000_0000L;

    private Addresses() {}

    /** The low half of an IPv4 address given as 32 bits; its high half is 0. */
    public static long ofIpv4(int bits) {
        return IPV4_MARK | (bits & 0xffff_ffffL);
    }

    /** Whether these halves are an IPv4 address. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /**
     * The bits of the high half that belong to a prefix.
     *
     * @param bits length of the prefix in the IPv6 form, 0 to 128
     */
    public static long highMask(int bits) {
        return bits == 0 ? 0 : bits >= 64 ? -1L : -1L << 64 - bits;
    }

    /** The bits of the low half that belong to a prefix of that length, 0 to 128. */
    public static long lowMask(int bits) {
        return bits <= 64 ? 0 : -1L << 128 - bits;
    }

    /** High half of an address. */
    public static long high(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? 0 : ByteBuffer.wrap(bytes).getLong(0);
    }

    /** Low half of an address. */
    public static long low(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4
                ? ofIpv4(ByteBuffer.wrap(bytes).getInt(0))
                : ByteBuffer.wrap(bytes).getLong(8);
    }

    /** As users read it: dotted quad, or RFC 5952; empty for the absent address (all zero). */
    public static String text(long high, long low) {
        if (high == 0 && low == 0) {
            return "";
        }
        if (isIpv4(high, low)) {
            return (low >>> 24 & 255)
                    + "."
                    + (low >>> 16 & 255)
                    + "."
                    + (low >>> 8 & 255)
                    + "."
                    + (low & 255);
        }
        return Ipv6Text.of(high, low);
    }

    /** The Java form of an address. */
    public static InetAddress inet(long high, long low) {
        try {
            return InetAddress.getByAddress(
                    isIpv4(high, low)
                            ? ByteBuffer.allocate(4).putInt((int) low).array()
                            : ByteBuffer.allocate(16).putLong(high).putLong(low).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }
}
