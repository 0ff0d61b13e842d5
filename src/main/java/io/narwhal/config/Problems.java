package io.narwhal.config;

import io.narwhal.config.Yaml.Place;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Collects what is wrong with one file, so that a user mends all of it at once. */
final class Problems {
    private static final Comparator<Problem> FILE_ORDER =
            Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

    private final String file;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void error(Place at, String format, Object... values) {
        errors.add(
                new Problem(
                        file, at.line(), at.column(), String.format(Locale.ROOT, format, values)));
    }

    void warn(Place at, String format, Object... values) {
        warnings.add(
                new Problem(
                        file, at.line(), at.column(), String.format(Locale.ROOT, format, values)));
    }

    /** How many errors there are so far. */
    int count() {
        return errors.size();
    }

    /** The errors in file order. */
    List<Problem> errors() {
        return errors.stream().sorted(FILE_ORDER).toList();
    }

    /** The warnings in file order. */
    List<Problem> warnings() {
        return warnings.stream().sorted(FILE_ORDER).toList();
    }
}
