package io.narwhal.radius;

import io.narwhal.base.Check;

import java.nio.charset.StandardCharsets;

/**
 * Writes signed requests, as a device would: begin, attributes, end. Nothing is allocated for a
 * packet, but for texts that are given as {@code String}. One thread at a time.
 *
 * <p>Attributes longer than 253 octets, packets longer than {@link Attribute#PACKET_BYTES_MAX} and
 * calls out of order are defects of the caller, never of any input.
 */
public final class RequestWriter {
    /** Octets of an attribute's value at the most (RFC 2865 §5). */
    public static final int VALUE_BYTES_MAX = 253;

    /** Octets of a vendor attribute's value at the most (RFC 2865 §5.26). */
    public static final int VENDOR_VALUE_BYTES_MAX = 247;

    private static final int AUTHENTICATOR_AT = 4;
    private static final int NONE = -1;

    private final Signing signing = new Signing();
    private byte[] bytes = new byte[0];
    private int begin = NONE;
    private int to;
    private int signature;

    /** One that has written nothing. */
    public RequestWriter() {}

    /**
     * Begins an Accounting-Request (RFC 2866 §4.1).
     *
     * @param into has {@link Attribute#PACKET_BYTES_MAX} bytes behind {@code at}, or as many as the
     *     packet will have
     * @param identifier 0 to 255
     */
    public RequestWriter begin(byte[] into, int at, int identifier) {
        return begin(into, at, Attribute.ACCOUNTING_REQUEST, identifier);
    }

    /**
     * Begins a Status-Server (RFC 5997 §3), whose authenticator is chosen at random by the caller,
     * here given as two halves. It is signed by a Message-Authenticator.
     */
    public RequestWriter beginStatus(byte[] into, int at, int identifier, long high, long low) {
        begin(into, at, Attribute.STATUS_SERVER, identifier);
        put64(at + AUTHENTICATOR_AT, high);
        put64(at + AUTHENTICATOR_AT + 8, low);
        return messageAuthenticator();
    }

    /**
     * Begins a packet of any code; its authenticator is zeros until the end.
     *
     * @param code 0 to 255, see {@link Attribute}
     */
    public RequestWriter begin(byte[] into, int at, int code, int identifier) {
        bytes = into;
        begin = at;
        to = at + Attribute.HEADER_BYTES;
        signature = NONE;
        Check.that(to <= into.length, "room for a header");
        bytes[at] = (byte) code;
        bytes[at + 1] = (byte) identifier;
        put64(at + AUTHENTICATOR_AT, 0);
        put64(at + AUTHENTICATOR_AT + 8, 0);
        return this;
    }

    private int attribute(int type, int valueBytes) {
        Check.that(begin != NONE, "a packet was begun");
        Check.that(valueBytes <= VALUE_BYTES_MAX, "a value of 253 octets at most");
        int end = to + 2 + valueBytes;
        Check.that(
                end <= bytes.length && end - begin <= Attribute.PACKET_BYTES_MAX,
                "the attribute fits into the packet");
        bytes[to] = (byte) type;
        bytes[to + 1] = (byte) (2 + valueBytes);
        int at = to + 2;
        to = end;
        return at;
    }

    /** An attribute of type integer, enum or time: 32 bits (RFC 8044 §3.1 to §3.3). */
    public RequestWriter integer(int type, long value) {
        put32(attribute(type, 4), (int) value);
        return this;
    }

    /** An attribute of type integer64 (RFC 8044 §3.14). */
    public RequestWriter integer64(int type, long value) {
        put64(attribute(type, 8), value);
        return this;
    }

    /** An attribute of type text, in UTF-8. */
    public RequestWriter text(int type, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return octets(type, utf8, 0, utf8.length);
    }

    /** An attribute of type text or string, of the octets {@code value[at, at + length)}. */
    public RequestWriter octets(int type, byte[] value, int at, int length) {
        System.arraycopy(value, at, bytes, attribute(type, length), length);
        return this;
    }

    /** An attribute of type ipv4addr. */
    public RequestWriter ipv4(int type, int address) {
        put32(attribute(type, 4), address);
        return this;
    }

    /** An attribute of type ipv6addr. */
    public RequestWriter ipv6(int type, long high, long low) {
        int at = attribute(type, 16);
        put64(at, high);
        put64(at + 8, low);
        return this;
    }

    /**
     * An attribute of type ipv6prefix, with as many octets as the prefix needs (RFC 8044 §3.10).
     *
     * @param bits 0 to 128; those of the address behind them are not sent
     */
    public RequestWriter ipv6Prefix(int type, long high, long low, int bits) {
        Check.that(bits >= 0 && bits <= 128, "a prefix of 0 to 128 bits");
        int octets = (bits + 7) / 8;
        int at = attribute(type, 2 + octets);
        bytes[at] = 0;
        bytes[at + 1] = (byte) bits;
        for (int i = 0; i < octets; i++) {
            long half = i < 8 ? high : low;
            int spare = Math.max(0, 8 * (i + 1) - bits);
            bytes[at + 2 + i] = (byte) (half >>> 56 - 8 * (i & 7) & 0xff << spare);
        }
        return this;
    }

    /** A vendor's attribute with the usual format of one octet each for type and length. */
    public RequestWriter vendorInteger(int vendor, int type, long value) {
        put32(vendorAttribute(vendor, type, 4), (int) value);
        return this;
    }

    /** A vendor's attribute, in UTF-8. */
    public RequestWriter vendorText(int vendor, int type, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return vendorOctets(vendor, type, utf8, 0, utf8.length);
    }

    /** A vendor's attribute, of the octets {@code value[at, at + length)}. */
    public RequestWriter vendorOctets(int vendor, int type, byte[] value, int at, int length) {
        System.arraycopy(value, at, bytes, vendorAttribute(vendor, type, length), length);
        return this;
    }

    private int vendorAttribute(int vendor, int type, int valueBytes) {
        int at = attribute(Attribute.VENDOR_SPECIFIC, 6 + valueBytes);
        put32(at, vendor);
        bytes[at + 4] = (byte) type;
        bytes[at + 5] = (byte) (2 + valueBytes);
        return at + 6;
    }

    /** Has the packet signed by a Message-Authenticator too (RFC 2869 §5.14), at this place. */
    public RequestWriter messageAuthenticator() {
        Check.that(signature == NONE, "one Message-Authenticator in a packet");
        int at = attribute(Attribute.MESSAGE_AUTHENTICATOR, Signing.BYTES);
        put64(at, 0);
        put64(at + 8, 0);
        signature = at;
        return this;
    }

    /**
     * Ends the packet: writes its length and signs it. Unless it is a Status-Server, its
     * authenticator is the digest over it and the secret (RFC 2866 §3).
     *
     * @return octets of the packet
     */
    public int end(byte[] secret) {
        Check.that(begin != NONE, "a packet was begun");
        int length = to - begin;
        bytes[begin + 2] = (byte) (length >>> 8);
        bytes[begin + 3] = (byte) length;
        if (signature != NONE) {
            signing.beginHmac(secret).add(bytes, begin, length).endHmac(secret, bytes, signature);
        }
        if ((bytes[begin] & 0xff) != Attribute.STATUS_SERVER) {
            // As the authenticator is zeros up to here, the packet is digested as it stands.
            signing.add(bytes, begin, length)
                    .endWithSecret(secret, bytes, begin + AUTHENTICATOR_AT);
        }
        begin = NONE;
        return length;
    }

    private void put32(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    private void put64(int at, long value) {
        put32(at, (int) (value >>> 32));
        put32(at + 4, (int) value);
    }
}
