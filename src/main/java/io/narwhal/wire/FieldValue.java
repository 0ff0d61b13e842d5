package io.narwhal.wire;

import io.narwhal.record.Addresses;
import io.narwhal.record.OctetText;

import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;

/**
 * The bytes of a field as a value that people read (RFC 7011 §6): a number, a truth value or a
 * text. Bytes that cannot be of the type are shown in hexadecimal; none is an error.
 */
final class FieldValue {
    private static final HexFormat HEX = HexFormat.of();
    private static final HexFormat MAC = HexFormat.ofDelimiter(":");
    private static final long SECONDS_1900_TO_1970 = 2_208_988_800L;
    private static final long ERA_SECONDS = 1L << 32;
    private static final int APPLICATION_BYTES_MAX = 9;

    /** Engine PANA-L7-PEN: an enterprise number stands before the selector (RFC 6759 §4.1). */
    private static final int ENGINE_WITH_ENTERPRISE = 20;

    private FieldValue() {}

    /**
     * The value of {@code bytes[at, at + width)}; of a list only the hexadecimal form.
     *
     * @param arrivalMs when it arrived; of a time of 32 bits, whose era is not sent, the era
     *     nearest to this counts (RFC 7011 §5.2, §6.1.9)
     */
    static Object of(ElementType type, byte[] bytes, int at, int width, long arrivalMs) {
        return switch (type) {
            case UNSIGNED8, UNSIGNED16, UNSIGNED32, UNSIGNED64 -> unsigned(bytes, at, width, 8);
            case UNSIGNED256 -> unsigned(bytes, at, width, 32);
            case SIGNED8, SIGNED16, SIGNED32, SIGNED64 -> signed(bytes, at, width);
            case FLOAT32, FLOAT64 -> real(bytes, at, width);
            case BOOLEAN -> truth(bytes, at, width);
            case MAC_ADDRESS ->
                    width == 6 ? MAC.formatHex(bytes, at, at + width) : hex(bytes, at, width);
            case STRING -> text(bytes, at, width);
            case DATE_TIME_SECONDS,
                    DATE_TIME_MILLISECONDS,
                    DATE_TIME_MICROSECONDS,
                    DATE_TIME_NANOSECONDS ->
                    time(type, bytes, at, width, arrivalMs);
            case IPV4_ADDRESS, IPV6_ADDRESS -> address(type, bytes, at, width);
            case OCTET_ARRAY, BASIC_LIST, SUB_TEMPLATE_LIST, SUB_TEMPLATE_MULTI_LIST ->
                    hex(bytes, at, width);
        };
    }

    static String hex(byte[] bytes, int at, int width) {
        return HEX.formatHex(bytes, at, at + width);
    }

    // Fewer bytes than the type has are as good (RFC 7011 §6.2), and NetFlow v9 knows no widths.
    private static Object unsigned(byte[] bytes, int at, int width, int widthMax) {
        if (width < 1 || width > widthMax) {
            return hex(bytes, at, width);
        }
        long low = width <= 8 ? Wire.number(bytes, at, width) : -1;
        return low >= 0 ? (Object) low : new BigInteger(1, bytes, at, width);
    }

    private static Object signed(byte[] bytes, int at, int width) {
        if (width < 1 || width > 8) {
            return hex(bytes, at, width);
        }
        int unused = 64 - 8 * width;
        return Wire.number(bytes, at, width) << unused >> unused;
    }

    private static Object real(byte[] bytes, int at, int width) {
        if (width != 4 && width != 8) {
            return hex(bytes, at, width);
        }
        // By way of its text, so that 0.1 in 32 bits is 0.1 and not 0.10000000149.
        double value =
                width == 8
                        ? Double.longBitsToDouble(Wire.i64(bytes, at))
                        : Double.parseDouble(
                                Float.toString(Float.intBitsToFloat(Wire.i32(bytes, at))));
        return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }

    private static Object truth(byte[] bytes, int at, int width) {
        if (width == 1 && (bytes[at] == 1 || bytes[at] == 2)) {
            return bytes[at] == 1;
        }
        return hex(bytes, at, width);
    }

    /** UTF-8 without the zeros that fill it up; what is none of it is shown as {@code \xNN}. */
    private static String text(byte[] bytes, int at, int width) {
        int end = at + width;
        while (end > at && bytes[end - 1] == 0) {
            end--;
        }
        return OctetText.of(bytes, at, end);
    }

    private static String time(ElementType type, byte[] bytes, int at, int width, long arrivalMs) {
        boolean isSeconds = type == ElementType.DATE_TIME_SECONDS;
        if (width != (isSeconds ? 4 : 8)) {
            return hex(bytes, at, width);
        }
        long arrival = Math.floorDiv(arrivalMs, 1000L);
        if (isSeconds) {
            return Instant.ofEpochSecond(inEra(Wire.u32(bytes, at), arrival)).toString();
        }
        if (type == ElementType.DATE_TIME_MILLISECONDS) {
            return Instant.ofEpochMilli(Wire.i64(bytes, at)).toString();
        }
        long seconds = inEra(Wire.u32(bytes, at) - SECONDS_1900_TO_1970, arrival);
        // Rounded, as exporters cut off what does not fit the fraction.
        long units = type == ElementType.DATE_TIME_MICROSECONDS ? 1_000_000 : 1_000_000_000;
        long part = Wire.u32(bytes, at + 4) * units + (1L << 31) >>> 32;
        return Instant.ofEpochSecond(seconds, part * (1_000_000_000 / units)).toString();
    }

    /** The time in the era, none before 1970, in which it is nearest to the arrival. */
    private static long inEra(long seconds, long arrival) {
        long least = seconds < 0 ? seconds + ERA_SECONDS : seconds;
        long eras = Math.floorDiv(arrival - least + ERA_SECONDS / 2, ERA_SECONDS);
        return least + Math.max(0, eras) * ERA_SECONDS;
    }

    private static String address(ElementType type, byte[] bytes, int at, int width) {
        if (type == ElementType.IPV4_ADDRESS && width == 4) {
            return Addresses.text(0, Addresses.ofIpv4(Wire.i32(bytes, at)));
        }
        if (type == ElementType.IPV6_ADDRESS && width == 16) {
            long high = Wire.i64(bytes, at);
            long low = Wire.i64(bytes, at + 8);
            String text = Addresses.text(high, low);
            // What the exporter sent is an IPv6 address, also one that carries an IPv4 address.
            return Addresses.isIpv4(high, low) ? "::ffff:" + text : text.isEmpty() ? "::" : text;
        }
        return hex(bytes, at, width);
    }

    /**
     * An applicationId: {@code engine:selector}, or {@code 20:enterprise:selector} (RFC 6759 §4).
     */
    static String application(byte[] bytes, int at, int width) {
        int engine = width < 1 ? 0 : bytes[at] & 0xff;
        if (engine == ENGINE_WITH_ENTERPRISE && width > 5 && width <= 4 + APPLICATION_BYTES_MAX) {
            return engine
                    + ":"
                    + Wire.u32(bytes, at + 1)
                    + ":"
                    + unsigned(bytes, at + 5, width - 5, 8);
        }
        return width > 1 && width <= APPLICATION_BYTES_MAX
                ? engine + ":" + unsigned(bytes, at + 1, width - 1, 8)
                : hex(bytes, at, width);
    }
}
