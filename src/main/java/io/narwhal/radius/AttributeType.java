package io.narwhal.radius;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What an attribute holds (RFC 8044 §3), under the names that dictionaries have for it. */
enum AttributeType {
    /** UTF-8. */
    TEXT("text", "string"),
    /** Octets of no known meaning. */
    OCTETS("octets", "abinary", "struct", "attribute"),
    /** Unsigned, 8 bits. */
    INTEGER8("byte", "uint8"),
    /** Unsigned, 16 bits. */
    INTEGER16("short", "uint16", "integer16"),
    /** Unsigned, 32 bits. */
    INTEGER("integer", "uint32", "enum"),
    /** Unsigned, 64 bits. */
    INTEGER64("integer64", "uint64"),
    /** Signed, 8 bits. */
    SIGNED8("int8"),
    /** Signed, 16 bits. */
    SIGNED16("int16"),
    /** Signed, 32 bits. */
    SIGNED("signed", "int32"),
    /** Signed, 64 bits. */
    SIGNED64("int64"),
    /** Seconds since 1970, unsigned, 32 bits. */
    TIME("time", "date"),
    /** An IPv4 address. */
    IPV4_ADDRESS("ipv4addr", "ipaddr"),
    /** An IPv6 address. */
    IPV6_ADDRESS("ipv6addr"),
    /** An address of either, told apart by its length. */
    ANY_ADDRESS("combo-ip", "combo-ipaddr"),
    /** An IPv4 prefix. */
    IPV4_PREFIX("ipv4prefix"),
    /** An IPv6 prefix. */
    IPV6_PREFIX("ipv6prefix"),
    /** An interface's half of an IPv6 address. */
    INTERFACE_ID("ifid"),
    /** A MAC address. */
    ETHER("ether"),
    /** Attributes of type, length and value. */
    TLV("tlv"),
    /** A vendor's number, then attributes in the vendor's format (RFC 2865 §5.26). */
    VSA("vsa"),
    /** A second type octet, then the value (RFC 6929 §2.1). */
    EXTENDED("extended"),
    /** A second type octet, flags, then the value (RFC 6929 §2.2). */
    LONG_EXTENDED("long-extended", "long_extended"),
    /** A vendor's number, a type, then the value (RFC 6929 §2.4). */
    EVS("evs");

    private static final Map<String, AttributeType> BY_LABEL =
            Arrays.stream(values())
                    .flatMap(type -> type.labels.stream().map(label -> Map.entry(label, type)))
                    .collect(
                            Collectors.toMap(
                                    Map.Entry::getKey,
                                    Map.Entry::getValue,
                                    (one, _) -> one,
                                    TreeMap::new));

    private final List<String> labels;

    AttributeType(String... labels) {
        this.labels = List.of(labels);
    }

    /** The type of that name; {@code octets[16]} is octets. */
    static Optional<AttributeType> of(String label) {
        String lower = label.toLowerCase(Locale.ROOT);
        int bracket = lower.indexOf('[');
        return Optional.ofNullable(BY_LABEL.get(bracket > 0 ? lower.substring(0, bracket) : lower));
    }

    /** The name that messages and documents have for it. */
    String label() {
        return labels.getFirst();
    }

    /** All names, sorted. */
    static String labels() {
        return String.join(", ", BY_LABEL.keySet());
    }

    /** Whether other attributes lie within. */
    boolean isContainer() {
        return switch (this) {
            case TLV, VSA, EXTENDED, LONG_EXTENDED, EVS -> true;
            default -> false;
        };
    }

    /** Whether its values may have names. */
    boolean isNumber() {
        return switch (this) {
            case INTEGER8,
                    INTEGER16,
                    INTEGER,
                    INTEGER64,
                    SIGNED8,
                    SIGNED16,
                    SIGNED,
                    SIGNED64,
                    TIME ->
                    true;
            default -> false;
        };
    }
}
