package io.narwhal.cli;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/**
 * Prints rows in one of the formats. CSV and JSON are written as the rows come; a table waits for
 * the last one, as it must know the widest. Closing ends the output and flushes it, but leaves the
 * writer open.
 */
interface RowWriter extends Closeable {
    /**
     * One row.
     *
     * @param cells one for each column: a text, a number, a truth value, an {@code Instant}
     *     (printed in ISO-8601), or null for nothing
     */
    void row(@Nullable Object... cells) throws IOException;

    static RowWriter to(Writer out, Format format, Column... columns) throws IOException {
        return switch (format) {
            case TABLE -> new Table(out, List.of(columns));
            case CSV -> new CsvRows(out, List.of(columns));
            case JSON -> new JsonRows(out, List.of(columns));
        };
    }
}
