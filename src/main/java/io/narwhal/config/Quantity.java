package io.narwhal.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/** Durations and sizes as they are written: digits and a unit, without a space. */
public final class Quantity {
    static final String DURATION_UNITS = "ms, s, m, h, d";
    static final String SIZE_UNITS = "B, KiB, MiB, GiB, TiB";

    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> BYTES =
            Map.of(
                    "", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB",
                    1L << 40);

    private Quantity() {}

    /** Milliseconds; empty when the text is no duration, or one of more than 2⁶³ ms. */
    public static OptionalLong durationMs(String text) {
        return parse(text, MILLIS);
    }

    /** Bytes; a bare number is bytes; empty when the text is no size, or one of 2⁶³ or more. */
    public static OptionalLong sizeBytes(String text) {
        return parse(text, BYTES);
    }

    /** As it would be written, in the largest unit that loses nothing: 90000 ms is 90s. */
    public static String durationText(long ms) {
        for (String unit : List.of("d", "h", "m", "s")) {
            long unitMs = Objects.requireNonNull(MILLIS.get(unit));
            if (ms != 0 && ms % unitMs == 0) {
                return ms / unitMs + unit;
            }
        }
        return ms + "ms";
    }

    /** A number of things; empty when the text is not digits, or too many of them. */
    static OptionalLong count(String text) {
        return parse(text, Map.of("", 1L));
    }

    /** Parts of a hundred, with the sign; empty when the text is none. */
    static OptionalLong percent(String text) {
        return parse(text, Map.of("%", 1L));
    }

    private static OptionalLong parse(String text, Map<String, Long> units) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        Long unit = units.get(text.substring(digits));
        if (digits == 0 || digits > 18 || unit == null) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(text.substring(0, digits));
        return number > Long.MAX_VALUE / unit
                ? OptionalLong.empty()
                : OptionalLong.of(number * unit);
    }
}
