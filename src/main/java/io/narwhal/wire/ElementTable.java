package io.narwhal.wire;

import java.util.List;
import java.util.Map;

/**
 * Elements that a file defines, for {@link Registry#with}: a vendor's, or other names and types for
 * IANA's. Immutable.
 */
public final class ElementTable {
    private final Map<Long, Registry.Named> elements;

    ElementTable(Map<Long, Registry.Named> elements) {
        this.elements = Map.copyOf(elements);
    }

    /** What a text turned out to be. */
    public sealed interface Outcome {
        /**
         * A table that can be used.
         *
         * @param warnings lines that say nothing new
         */
        record Loaded(ElementTable table, List<Problem> warnings) implements Outcome {}

        /**
         * A text with errors, of which nothing may be used.
         *
         * @param problems at least one, in the order of the lines
         */
        record Refused(List<Problem> problems) implements Outcome {}
    }

    /**
     * What is wrong at a place and what is expected.
     *
     * @param line the first is 1
     * @param column the first is 1
     */
    public record Problem(String file, long line, int column, String message) {
        /** {@code FILE:LINE:COLUMN: message}. */
        @Override
        public String toString() {
            return file + ":" + line + ":" + column + ": " + message;
        }
    }

    /**
     * Reads a table: CSV (RFC 4180) in UTF-8 with the header row {@code
     * enterprise,element,name,type}; lines that begin with {@code #} and blank lines say nothing.
     *
     * @param file its name, for messages
     * @param csv its bytes
     */
    public static Outcome read(String file, byte[] csv) {
        return new ElementCsv(file).read(csv);
    }

    /** How many elements it defines. */
    public int size() {
        return elements.size();
    }

    /** By {@link Registry#key}. */
    Map<Long, Registry.Named> elements() {
        return elements;
    }
}
