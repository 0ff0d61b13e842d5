package io.narwhal.config;

import java.util.List;

/** A value of the file with the place where it begins. */
sealed interface Yaml {
    /** Where it begins. */
    Place at();

    /** As a message calls it: "the text 'x'", "a list". */
    String describe();

    /** Line and column, both from 1. */
    record Place(int line, int column) {
        static final Place TOP = new Place(1, 1);
    }

    /** A single value, its text as written. */
    record Scalar(Place at, Kind kind, String text) implements Yaml {
        enum Kind {
            TEXT,
            NUMBER,
            BOOLEAN,
            NULL
        }

        @Override
        public String describe() {
            return switch (kind) {
                case TEXT -> "'" + text + "'";
                case NUMBER -> "the number " + text;
                case BOOLEAN -> "the truth value " + text;
                case NULL -> "an empty value";
            };
        }
    }

    /** A list. */
    record Sequence(Place at, List<Yaml> items) implements Yaml {
        @Override
        public String describe() {
            return "a list";
        }
    }

    /** Keys and values in file order; a key may stand twice. */
    record Mapping(Place at, List<Entry> entries) implements Yaml {
        @Override
        public String describe() {
            return "a mapping";
        }
    }

    /** A key, where it stands, and its value. */
    record Entry(Place at, String key, Yaml value) {}
}
