package io.narwhal.record;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How the lines of usage files become records, as the configuration declares it.
 *
 * @param format how a line is written
 * @param separator what stands between the columns of a CSV line
 * @param quote what values may be enclosed in; 0: nothing
 * @param header whether the first line of a CSV file names its columns
 * @param columns what fills what, in the order of the configuration; a target once
 */
public record LineMapping(
        Format format, char separator, char quote, boolean header, List<Column> columns) {
    /** How a line is written. */
    public enum Format {
        /** RFC 4180, a record a line. */
        CSV,
        /** A JSON object in each line. */
        JSON
    }

    /**
     * What fills a target.
     *
     * @param sources names of columns, or their numbers from 1; several are joined by a blank;
     *     none: the value is the same in every line
     * @param value what stands for an empty column; null when an empty column says nothing
     * @param unit octets that a counter's unit has, or ms that a duration's has; 0: h:mm:ss
     * @param time how a time is written; null for what is none
     */
    public record Column(
            LineTarget target,
            List<String> sources,
            @Nullable String value,
            long unit,
            @Nullable Time time) {
        /** Copies the list. */
        public Column {
            sources = List.copyOf(sources);
        }
    }

    /**
     * How a time is written.
     *
     * @param form see there
     * @param pattern of {@link DateTimeFormatter}; empty unless the form is one
     * @param zone of times that name none
     */
    public record Time(Form form, String pattern, ZoneId zone) {
        /** What a time looks like. */
        public enum Form {
            /** ISO-8601, a blank for the T if need be. */
            ISO,
            /** Seconds since 1970, with or without a fraction. */
            S,
            /** Milliseconds since 1970. */
            MS,
            /** Microseconds since 1970. */
            US,
            /** Nanoseconds since 1970. */
            NS,
            /** A pattern. */
            PATTERN
        }

        private static final LocalDateTime SOME = LocalDateTime.of(2026, 11, 22, 10, 5, 1);

        /**
         * What reads times of the pattern.
         *
         * @throws IllegalArgumentException when it is none
         */
        public DateTimeFormatter formatter() {
            return new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern(pattern)
                    // yyyy is the year of an era, and nobody writes which.
                    .parseDefaulting(ChronoField.ERA, 1)
                    .toFormatter(Locale.ENGLISH)
                    .withResolverStyle(ResolverStyle.STRICT);
        }

        /** Why no point in time can be read by the pattern; empty when one can. */
        public Optional<String> problem() {
            try {
                var formatter = formatter();
                LocalDateTime.from(formatter.parse(formatter.format(SOME.atZone(zone))));
                return Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            } catch (DateTimeException _) {
                return Optional.of("a day and a time of day are needed");
            }
        }
    }

    /** Copies the list. */
    public LineMapping {
        columns = List.copyOf(columns);
    }

    /**
     * Whether records say themselves whom they are charged to, as sessions do; otherwise they are
     * flows, charged by their addresses.
     */
    public boolean isCharged() {
        return columns.stream().anyMatch(column -> column.target().isCharged());
    }

    /** Whether lines tell this field. */
    public boolean tells(Field field) {
        return columns.stream()
                .anyMatch(column -> column.target().field().filter(field::equals).isPresent());
    }

    /** Whether the file has to have a header line. */
    public boolean hasHeader() {
        return format == Format.CSV && header;
    }
}
