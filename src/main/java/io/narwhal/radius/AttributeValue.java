package io.narwhal.radius;

import io.narwhal.record.Addresses;
import io.narwhal.record.OctetText;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The octets of an attribute as a value that people read: a number or a text. Octets that cannot be
 * of the type are shown in hexadecimal; none is an error.
 */
final class AttributeValue {
    private static final HexFormat HEX = HexFormat.of();
    private static final HexFormat MAC = HexFormat.ofDelimiter(":");

    private AttributeValue() {}

    /**
     * The value {@code bytes[at, end)} of an attribute: String, Long or BigInteger.
     *
     * @param definition of a type that holds no others
     */
    static Object of(Definition definition, byte[] bytes, int at, int end) {
        if (definition.isHidden) {
            return hex(bytes, at, end);
        }
        Object value = of(definition.type, bytes, at, end);
        if (value instanceof Number number && definition.type.isNumber()) {
            String name = definition.valueName(number.longValue());
            return name == null ? value : name;
        }
        return value;
    }

    private static Object of(AttributeType type, byte[] bytes, int at, int end) {
        return switch (type) {
            case TEXT -> text(bytes, at, end);
            case INTEGER8 -> unsigned(bytes, at, end, 1);
            case INTEGER16 -> unsigned(bytes, at, end, 2);
            case INTEGER -> unsigned(bytes, at, end, 4);
            case INTEGER64 -> unsigned(bytes, at, end, 8);
            case SIGNED8 -> signed(bytes, at, end, 1);
            case SIGNED16 -> signed(bytes, at, end, 2);
            case SIGNED -> signed(bytes, at, end, 4);
            case SIGNED64 -> signed(bytes, at, end, 8);
            case TIME ->
                    end - at == 4
                            ? Instant.ofEpochSecond(number(bytes, at, 4)).toString()
                            : hex(bytes, at, end);
            case IPV4_ADDRESS -> end - at == 4 ? ipv4(bytes, at) : hex(bytes, at, end);
            case IPV6_ADDRESS -> end - at == 16 ? ipv6(bytes, at) : hex(bytes, at, end);
            case ANY_ADDRESS ->
                    switch (end - at) {
                        case 4 -> ipv4(bytes, at);
                        case 16 -> ipv6(bytes, at);
                        default -> hex(bytes, at, end);
                    };
            case IPV4_PREFIX -> prefix(bytes, at, end, 4);
            case IPV6_PREFIX -> prefix(bytes, at, end, 16);
            case INTERFACE_ID -> interfaceId(bytes, at, end);
            case ETHER -> end - at == 6 ? MAC.formatHex(bytes, at, end) : hex(bytes, at, end);
            case OCTETS, TLV, VSA, EXTENDED, LONG_EXTENDED, EVS -> hex(bytes, at, end);
        };
    }

    static String hex(byte[] bytes, int at, int end) {
        return HEX.formatHex(bytes, at, end);
    }

    private static Object unsigned(byte[] bytes, int at, int end, int octets) {
        if (end - at != octets) {
            return hex(bytes, at, end);
        }
        long value = number(bytes, at, octets);
        return value >= 0 ? (Object) value : new BigInteger(1, bytes, at, octets);
    }

    private static Object signed(byte[] bytes, int at, int end, int octets) {
        int unused = 64 - 8 * octets;
        return end - at == octets
                ? (Object) (number(bytes, at, octets) << unused >> unused)
                : hex(bytes, at, end);
    }

    static long number(byte[] bytes, int at, int octets) {
        long number = 0;
        for (int i = 0; i < octets; i++) {
            number = number << 8 | bytes[at + i] & 0xff;
        }
        return number;
    }

    private static String ipv4(byte[] bytes, int at) {
        return Addresses.text(0, Addresses.ofIpv4((int) number(bytes, at, 4)));
    }

    private static String ipv6(byte[] bytes, int at) {
        long high = number(bytes, at, 8);
        long low = number(bytes, at + 8, 8);
        String text = Addresses.text(high, low);
        // What was sent is an IPv6 address, also one that carries an IPv4 address.
        return Addresses.isIpv4(high, low) ? "::ffff:" + text : text.isEmpty() ? "::" : text;
    }

    // Reserved octet, prefix length, then the octets that are needed or all (RFC 8044 §3.10,
    // §3.11).
    private static String prefix(byte[] bytes, int at, int end, int octets) {
        int bits = end - at < 2 ? 255 : bytes[at + 1] & (octets == 4 ? 0x3f : 0xff);
        int given = end - at - 2;
        if (bits > 8 * octets || given > octets || given * 8 < bits) {
            return hex(bytes, at, end);
        }
        byte[] address = Arrays.copyOf(Arrays.copyOfRange(bytes, at + 2, end), octets);
        return (octets == 4 ? ipv4(address, 0) : ipv6(address, 0)) + "/" + bits;
    }

    // RFC 3162 §2.2, in groups as in an IPv6 address.
    private static String interfaceId(byte[] bytes, int at, int end) {
        if (end - at != 8) {
            return hex(bytes, at, end);
        }
        var text = new StringBuilder();
        for (int i = at; i < end; i += 2) {
            text.append(i > at ? ":" : "").append(Long.toHexString(number(bytes, i, 2)));
        }
        return text.toString();
    }

    /** UTF-8; octets that are none of it, and control characters, as {@code \xNN}. */
    static String text(byte[] bytes, int at, int end) {
        String text = OctetText.of(bytes, at, end);
        return text.chars().anyMatch(Character::isISOControl) ? escaped(text) : text;
    }

    private static String escaped(String text) {
        var escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            if (!Character.isISOControl(c)) {
                escaped.append(c);
            } else if (c < 0x80) {
                escaped.append("\\x").append(HEX.toHexDigits((byte) c));
            } else { // U+0080 to U+009F, in UTF-8
                escaped.append("\\xc2\\x").append(HEX.toHexDigits((byte) c));
            }
        }
        return escaped.toString();
    }
}
