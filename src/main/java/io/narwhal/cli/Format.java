package io.narwhal.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** How results are printed: {@code --format}. */
enum Format {
    /** Aligned columns, for people. */
    TABLE,
    /** Comma-separated values with a header row (RFC 4180, but lines end in LF). */
    CSV,
    /** JSON. */
    JSON;

    private static Format parse(String text, Iterable<String> choices) {
        for (String choice : choices) {
            if (choice.equals(text)) {
                return valueOf(choice.toUpperCase(Locale.ROOT));
            }
        }
        throw new TypeConversionException("'" + text + "' is not " + String.join(" or ", choices));
    }

    /** Choices of a command that prints no plain rows. */
    static final class TableOrJson implements Iterable<String>, ITypeConverter<Format> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "json").iterator();
        }

        @Override
        public Format convert(String text) {
            return parse(text, this);
        }
    }

    /** Choices of a command that prints rows. */
    static final class TableCsvOrJson implements Iterable<String>, ITypeConverter<Format> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "csv", "json").iterator();
        }

        @Override
        public Format convert(String text) {
            return parse(text, this);
        }
    }
}
