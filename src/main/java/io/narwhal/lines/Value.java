package io.narwhal.lines;

import io.narwhal.record.Addresses;
import io.narwhal.record.Field;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;

/** Texts of values, read. */
final class Value {
    private static final int DIGITS_MAX = 40;
    private static final int ADDRESS_CHARS_MAX = 45;
    private static final BigDecimal COUNTER_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final Map<String, Long> PROTOCOLS =
            Map.of(
                    "icmp", 1L, "tcp", 6L, "udp", 17L, "gre", 47L, "esp", 50L, "icmpv6", 58L,
                    "sctp", 132L);

    private Value() {}

    /** A counter times its unit, to the nearest. */
    static long counter(String text, long unit) throws BadLine {
        if (unit == 1 && text.length() <= 18 && isDigits(text)) {
            return Long.parseLong(text);
        }
        if (!isDecimal(text)) {
            throw new BadLine("is no number");
        }
        BigDecimal value =
                new BigDecimal(text)
                        .multiply(BigDecimal.valueOf(unit))
                        .setScale(0, RoundingMode.HALF_UP);
        if (value.compareTo(COUNTER_MAX) > 0) {
            throw new BadLine("is larger than any counter");
        }
        return value.longValueExact();
    }

    /** A length of time in ms, by its unit; without one as h:mm:ss or mm:ss. */
    static long durationMs(String text, long unitMs) throws BadLine {
        if (unitMs > 0) {
            return counter(text, unitMs);
        }
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new BadLine("is no h:mm:ss");
        }
        long seconds = 0;
        for (int i = 0; i < parts.length; i++) {
            if (!isDigits(parts[i]) || parts[i].length() > (i == 0 ? 9 : 2)) {
                throw new BadLine("is no h:mm:ss");
            }
            long part = Long.parseLong(parts[i]);
            if (i > 0 && part > 59) {
                throw new BadLine("is no h:mm:ss");
            }
            seconds = 60 * seconds + part;
        }
        return 1_000 * seconds;
    }

    /** A number of as many bits as its field has. */
    static long integer(String text, Field field) throws BadLine {
        Long named = field == Field.PROTOCOL ? PROTOCOLS.get(text.toLowerCase(Locale.ROOT)) : null;
        if (named != null) {
            return named;
        }
        boolean isHex = text.startsWith("0x");
        long value;
        try {
            String digits = isHex ? text.substring(2) : text;
            if (digits.startsWith("+") || digits.startsWith("-")) {
                throw new BadLine("is no number");
            }
            value = Long.parseLong(digits, isHex ? 16 : 10);
        } catch (NumberFormatException _) {
            throw new BadLine("is no number");
        }
        if (field.bits() < Long.SIZE && value >>> field.bits() != 0) {
            throw new BadLine("is above " + ((1L << field.bits()) - 1));
        }
        return value;
    }

    /** 1 up, 2 down. */
    static long direction(String text) throws BadLine {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "up", "1" -> Field.UP;
            case "down", "2" -> Field.DOWN;
            case "0" -> 0;
            default -> throw new BadLine("is neither up nor down");
        };
    }

    /** An address; puts its halves, the high one first. */
    static void address(String text, long[] halves) throws BadLine {
        int bits = 0;
        int at = 0;
        int part = 0;
        int digits = 0;
        int dots = 0;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c >= '0' && c <= '9' && digits < 3) {
                part = 10 * part + c - '0';
                digits++;
            } else if (c == '.' && digits > 0 && part <= 255 && dots < 3) {
                bits = bits << 8 | part;
                part = 0;
                digits = 0;
                dots++;
            } else {
                address6(text, halves);
                return;
            }
        }
        if (dots != 3 || digits == 0 || part > 255) {
            address6(text, halves);
            return;
        }
        halves[0] = 0;
        halves[1] = Addresses.ofIpv4(bits << 8 | part);
    }

    private static void address6(String text, long[] halves) throws BadLine {
        boolean may =
                text.indexOf(':') >= 0
                        && text.length() <= ADDRESS_CHARS_MAX
                        && text.chars()
                                .allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0);
        if (!may) {
            throw new BadLine("is no address");
        }
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            halves[0] = Addresses.high(address);
            halves[1] = Addresses.low(address);
        } catch (IllegalArgumentException _) {
            throw new BadLine("is no address");
        }
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isDecimal(String text) {
        int dot = text.indexOf('.');
        if (text.length() > DIGITS_MAX) {
            return false;
        }
        return dot < 0
                ? isDigits(text)
                : isDigits(text.substring(0, dot)) && isDigits(text.substring(dot + 1));
    }
}
