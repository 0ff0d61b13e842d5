package io.narwhal.wire;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The abstract data types (RFC 7012 §3.1, RFC 6313 §3, RFC 9740 §8.3), in the order of the codes by
 * which RFC 5610 §3.1 tells them.
 */
enum ElementType {
    OCTET_ARRAY("octetArray"),
    UNSIGNED8("unsigned8"),
    UNSIGNED16("unsigned16"),
    UNSIGNED32("unsigned32"),
    UNSIGNED64("unsigned64"),
    SIGNED8("signed8"),
    SIGNED16("signed16"),
    SIGNED32("signed32"),
    SIGNED64("signed64"),
    FLOAT32("float32"),
    FLOAT64("float64"),
    BOOLEAN("boolean"),
    MAC_ADDRESS("macAddress"),
    STRING("string"),
    DATE_TIME_SECONDS("dateTimeSeconds"),
    DATE_TIME_MILLISECONDS("dateTimeMilliseconds"),
    DATE_TIME_MICROSECONDS("dateTimeMicroseconds"),
    DATE_TIME_NANOSECONDS("dateTimeNanoseconds"),
    IPV4_ADDRESS("ipv4Address"),
    IPV6_ADDRESS("ipv6Address"),
    BASIC_LIST("basicList"),
    SUB_TEMPLATE_LIST("subTemplateList"),
    SUB_TEMPLATE_MULTI_LIST("subTemplateMultiList"),
    UNSIGNED256("unsigned256");

    private static final ElementType[] BY_CODE = values();
    private static final Map<String, ElementType> BY_LABEL =
            Arrays.stream(BY_CODE)
                    .collect(Collectors.toUnmodifiableMap(ElementType::label, Function.identity()));

    private final String label;

    ElementType(String label) {
        this.label = label;
    }

    /** As the registry writes it. */
    String label() {
        return label;
    }

    static Optional<ElementType> of(String label) {
        return Optional.ofNullable(BY_LABEL.get(label));
    }

    /** The type of that code; octetArray for a code that we do not know. */
    static ElementType ofCode(long code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[(int) code] : OCTET_ARRAY;
    }

    /** All labels, for messages. */
    static String labels() {
        return Arrays.stream(BY_CODE).map(ElementType::label).collect(Collectors.joining(", "));
    }
}
