package io.narwhal.radius;

import io.narwhal.record.Addresses;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What an Accounting-Request says (RFC 2866, 2869, 3162, 4372, 4818, 6911). One object, pointed at
 * one packet after the other; nothing is allocated but the texts that are asked for and routes. An
 * attribute that comes twice counts the first time, but for addresses. One whose length is not that
 * of its type counts as missing.
 */
public final class AccountingRequest {
    /** Addresses and prefixes of one request that are looked at. */
    public static final int ADDRESSES_MAX = 16;

    private static final int KNOWN = 256;
    private static final long MIX = 0x9e3779b97f4a7c15L;

    private byte[] bytes = new byte[0];
    // By type: where the first attribute's value begins and ends; 0 when there is none.
    private final int[] from = new int[KNOWN];
    private final int[] to = new int[KNOWN];
    private int addresses;
    private final long[] highs = new long[ADDRESSES_MAX];
    private final long[] lows = new long[ADDRESSES_MAX];
    private final int[] bits = new int[ADDRESSES_MAX];
    private long fingerprint;

    /**
     * Points at the packet {@code bytes[offset, offset + length)}.
     *
     * @return false when it is no Accounting-Request that holds together; then nothing else may be
     *     asked
     */
    public boolean read(byte[] bytes, int offset, int length) {
        int end = Packets.end(bytes, offset, length);
        if (end < 0 || (bytes[offset] & 0xff) != Attribute.ACCOUNTING_REQUEST) {
            return false;
        }
        this.bytes = bytes;
        Arrays.fill(to, 0);
        addresses = 0;
        fingerprint = MIX;
        for (int at = offset + Attribute.HEADER_BYTES; at < end; at += bytes[at + 1] & 0xff) {
            attribute(bytes[at] & 0xff, at, at + (bytes[at + 1] & 0xff));
        }
        return true;
    }

    private void attribute(int type, int at, int end) {
        if (type != Attribute.ACCT_DELAY_TIME
                && type != Attribute.MESSAGE_AUTHENTICATOR
                && type != Attribute.PROXY_STATE) {
            fingerprint = mixed(fingerprint, bytes, at, end);
        }
        if (to[type] == 0) {
            from[type] = at + 2;
            to[type] = end;
        }
        switch (type) {
            case Attribute.FRAMED_IP_ADDRESS -> ipv4(at + 2, end);
            case Attribute.FRAMED_IPV6_ADDRESS -> ipv6(at + 2, end, 128);
            case Attribute.FRAMED_IPV6_PREFIX, Attribute.DELEGATED_IPV6_PREFIX ->
                    prefix(at + 2, end);
            case Attribute.FRAMED_ROUTE -> route(at + 2, end, true);
            case Attribute.FRAMED_IPV6_ROUTE -> route(at + 2, end, false);
            default -> {} // of no concern here
        }
    }

    private static long mixed(long with, byte[] bytes, int from, int to) {
        long mixed = with;
        for (int i = from; i < to; i++) {
            mixed = (mixed ^ bytes[i] & 0xff) * MIX;
            mixed ^= mixed >>> 29;
        }
        return mixed;
    }

    // 255.255.255.255 and 255.255.255.254 are no addresses but wishes (RFC 2865 §5.8).
    private void ipv4(int at, int end) {
        if (end - at == 4) {
            int address = int32(at);
            if (address != 0 && address != -1 && address != -2) {
                address(0, Addresses.ofIpv4(address), 128);
            }
        }
    }

    private void ipv6(int at, int end, int length) {
        if (end - at == 16) {
            address(int64(at), int64(at + 8), length);
        }
    }

    // Reserved octet, prefix length, then only as many octets as are needed (RFC 3162 §2.3).
    private void prefix(int at, int end) {
        int length = end - at < 2 ? 255 : bytes[at + 1] & 0xff;
        if (length > 128 || end - at > 18 || (end - at - 2) * 8 < length) {
            return;
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < 16; i++) {
            long octet = at + 2 + i < end ? bytes[at + 2 + i] & 0xff : 0;
            if (i < 8) {
                high = high << 8 | octet;
            } else {
                low = low << 8 | octet;
            }
        }
        masked(high, low, length);
    }

    // A network behind the subscriber, as text: "prefix gateway metrics" (RFC 2865 §5.22, RFC 3162
    // §2.5). A route to everywhere says nothing of who holds what.
    private void route(int at, int end, boolean isIpv4) {
        Route route = Route.of(bytes, at, end, isIpv4);
        if (route != null && route.bits() > (isIpv4 ? 96 : 0)) {
            masked(route.high(), route.low(), route.bits());
        }
    }

    private void masked(long high, long low, int length) {
        address(high & Addresses.highMask(length), low & Addresses.lowMask(length), length);
    }

    private void address(long high, long low, int length) {
        if (addresses < ADDRESSES_MAX && (high | low) != 0) {
            highs[addresses] = high;
            lows[addresses] = low;
            bits[addresses] = length;
            addresses++;
        }
    }

    /** Whether it has an attribute of that type, of whatever length. */
    public boolean has(int type) {
        return to[type] != 0;
    }

    /** An attribute of type integer or time, unsigned; −1 when there is none. */
    public long integer(int type) {
        return to[type] - from[type] == 4 && has(type) ? int32(from[type]) & 0xffff_ffffL : -1;
    }

    /**
     * An attribute of type text or string, as UTF-8; as hexadecimal digits behind 0x when it is
     * none, so that two that differ stay apart; empty when there is none.
     */
    public String text(int type) {
        return has(type) ? text(bytes, from[type], to[type]) : "";
    }

    /** The text that such octets are. */
    public static String text(byte[] bytes, int from, int to) {
        var text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        boolean isText =
                text.indexOf('\ufffd') < 0
                        || Arrays.equals(
                                text.getBytes(StandardCharsets.UTF_8),
                                Arrays.copyOfRange(bytes, from, to));
        return isText ? text : "0x" + HexFormat.of().formatHex(bytes, from, to);
    }

    /** Whether it has an attribute of that type with at least one octet. */
    public boolean hasOctets(int type) {
        return to[type] > from[type] && has(type);
    }

    /** The octets of an attribute; none when there is none. */
    public byte[] octets(int type) {
        return has(type) ? Arrays.copyOfRange(bytes, from[type], to[type]) : new byte[0];
    }

    /** Whether the attribute is there and these are its octets. */
    public boolean isOctets(int type, byte[] octets) {
        return has(type) && Arrays.equals(bytes, from[type], to[type], octets, 0, octets.length);
    }

    /** A number that equal octets of an attribute have in common. */
    public int hash(int type) {
        return has(type) ? hash(bytes, from[type], to[type]) : 0;
    }

    /** As {@link #hash(int)} has it; not a polynomial, as whole families of ids share that. */
    public static int hash(byte[] bytes, int from, int to) {
        return (int) (mixed(MIX, bytes, from, to) >>> 32);
    }

    /** What it reports; {@link Status#OTHER} also when it does not say. */
    public Status status() {
        long code = integer(Attribute.ACCT_STATUS_TYPE);
        return code < 0 || code > 255 ? Status.OTHER : Status.of((int) code);
    }

    /**
     * The device by the name that it gives itself: NAS-Identifier, else NAS-IP-Address, else
     * NAS-IPv6-Address; empty when it gives none.
     */
    public String nas() {
        if (to[Attribute.NAS_IDENTIFIER] > from[Attribute.NAS_IDENTIFIER]) {
            return text(Attribute.NAS_IDENTIFIER);
        }
        int v4 = from[Attribute.NAS_IP_ADDRESS];
        if (has(Attribute.NAS_IP_ADDRESS) && to[Attribute.NAS_IP_ADDRESS] - v4 == 4) {
            return Addresses.text(0, Addresses.ofIpv4(int32(v4)));
        }
        int v6 = from[Attribute.NAS_IPV6_ADDRESS];
        return has(Attribute.NAS_IPV6_ADDRESS) && to[Attribute.NAS_IPV6_ADDRESS] - v6 == 16
                ? Addresses.text(int64(v6), int64(v6 + 8))
                : "";
    }

    /** The subscriber: User-Name, else Chargeable-User-Identity (RFC 4372), else empty. */
    public String subscriber() {
        return to[Attribute.USER_NAME] > from[Attribute.USER_NAME]
                ? text(Attribute.USER_NAME)
                : text(Attribute.CHARGEABLE_USER_IDENTITY);
    }

    /**
     * When what is reported happened, ms since 1970: Event-Timestamp (RFC 2869 §5.3), else arrival
     * less Acct-Delay-Time (RFC 2866 §5.2).
     *
     * @param arrivalMs when the packet came
     */
    public long eventMs(long arrivalMs) {
        long stamp = integer(Attribute.EVENT_TIMESTAMP);
        if (stamp > 0) {
            return stamp * 1000;
        }
        return arrivalMs - Math.max(0, integer(Attribute.ACCT_DELAY_TIME)) * 1000;
    }

    /** Addresses and prefixes that the subscriber was given, at most {@link #ADDRESSES_MAX}. */
    public int addresses() {
        return addresses;
    }

    /** High half of an address. */
    public long addressHigh(int number) {
        return highs[number];
    }

    /** Low half of an address, an IPv4 one in its IPv6 form. */
    public long addressLow(int number) {
        return lows[number];
    }

    /** How many bits of it count, 0 to 128; 128 for an IPv4 address. */
    public int addressBits(int number) {
        return bits[number];
    }

    /**
     * The same for a request and what is sent again of it: over all attributes but Acct-Delay-Time,
     * Proxy-State and Message-Authenticator (RFC 2866 §4.1: a new delay makes a new packet).
     */
    public long fingerprint() {
        return fingerprint;
    }

    private int int32(int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | bytes[at + 3] & 0xff;
    }

    private long int64(int at) {
        return (long) int32(at) << 32 | int32(at + 4) & 0xffff_ffffL;
    }
}
