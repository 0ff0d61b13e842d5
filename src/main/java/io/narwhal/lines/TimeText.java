package io.narwhal.lines;

import io.narwhal.record.LineMapping;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/** Reads the times of one column. */
final class TimeText {
    private static final DateTimeFormatter ISO =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .appendLiteral('T')
                    .append(DateTimeFormatter.ISO_LOCAL_TIME)
                    .optionalStart()
                    .appendOffset("+HH:MM", "Z")
                    .optionalEnd()
                    .optionalStart()
                    .appendOffset("+HHMM", "Z")
                    .optionalEnd()
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT);

    private static final int DATE_CHARS = 10;
    private static final int NUMBER_CHARS_MAX = 30;

    private final LineMapping.Time form;
    private final @Nullable DateTimeFormatter formatter;
    // Neighbouring lines often have the same time.
    private String last = "";
    private long lastMs;

    TimeText(LineMapping.Time form) {
        this.form = form;
        this.formatter =
                switch (form.form()) {
                    case ISO -> ISO;
                    case PATTERN -> form.formatter();
                    case S, MS, US, NS -> null;
                };
    }

    /** Milliseconds since 1970. */
    long ms(String text) throws BadLine {
        if (text.equals(last)) {
            return lastMs;
        }
        long ms = formatter == null ? number(text) : parse(formatter, text);
        last = text;
        lastMs = ms;
        return ms;
    }

    private long parse(DateTimeFormatter by, String text) throws BadLine {
        try {
            boolean hasBlank =
                    form.form() == LineMapping.Time.Form.ISO
                            && text.length() > DATE_CHARS
                            && text.charAt(DATE_CHARS) == ' ';
            String plain =
                    hasBlank
                            ? text.substring(0, DATE_CHARS) + 'T' + text.substring(DATE_CHARS + 1)
                            : text;
            TemporalAccessor parsed = by.parse(plain);
            Instant instant =
                    parsed.isSupported(ChronoField.INSTANT_SECONDS)
                            ? Instant.from(parsed)
                            : LocalDateTime.from(parsed).atZone(form.zone()).toInstant();
            return instant.toEpochMilli();
        } catch (DateTimeException | ArithmeticException _) {
            String expected =
                    form.form() == LineMapping.Time.Form.ISO ? "ISO-8601" : form.pattern();
            throw new BadLine("is no time written as " + expected);
        }
    }

    private long number(String text) throws BadLine {
        boolean may =
                !text.isEmpty()
                        && text.length() <= NUMBER_CHARS_MAX
                        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.');
        if (!may) {
            throw new BadLine("is no number of seconds or the like since 1970");
        }
        try {
            return new BigDecimal(text)
                    .movePointRight(3 - decimals())
                    .setScale(0, RoundingMode.FLOOR)
                    .longValueExact();
        } catch (NumberFormatException | ArithmeticException _) {
            throw new BadLine("is no number of seconds or the like since 1970");
        }
    }

    private int decimals() {
        return switch (form.form()) {
            case S, ISO, PATTERN -> 0;
            case MS -> 3;
            case US -> 6;
            case NS -> 9;
        };
    }
}
