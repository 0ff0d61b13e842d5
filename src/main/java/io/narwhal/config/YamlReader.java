package io.narwhal.config;

import io.narwhal.config.Yaml.Place;
import io.narwhal.config.Yaml.Scalar.Kind;

import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Text to {@link Yaml}. Reads tokens, not trees, as only tokens know where they stand, and as the
 * tree reader would drop the first of two equal keys.
 */
final class YamlReader {
    /** Deeper files are refused; ours needs four levels. */
    static final int DEPTH_MAX = 20;

    private final YAMLParser parser;
    private final Problems problems;

    private YamlReader(YAMLParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** The document; empty when there is none, or after a syntax error, which is reported. */
    static Optional<Yaml> read(String text, Problems problems) {
        YAMLFactory factory =
                YAMLFactory.builder()
                        .streamReadConstraints(
                                StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                        .build();
        try (var parser = (YAMLParser) factory.createParser(ObjectReadContext.empty(), text)) {
            return new YamlReader(parser, problems).document();
        } catch (JacksonException e) {
            report(e, text, problems);
            return Optional.empty();
        }
    }

    private Optional<Yaml> document() {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return Optional.empty();
        }
        Yaml root = value(first);
        if (parser.nextToken() != null) {
            problems.error(place(), "a second document begins here; a configuration is one");
        }
        return Optional.of(root);
    }

    private Yaml value(JsonToken token) {
        Place at = place();
        if (parser.isCurrentAlias()) {
            problems.error(at, "aliases (*name) are not supported; write the value out");
        }
        return switch (token) {
            case START_OBJECT -> mapping(at);
            case START_ARRAY -> sequence(at);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> scalar(at, Kind.NUMBER);
            case VALUE_TRUE, VALUE_FALSE -> scalar(at, Kind.BOOLEAN);
            case VALUE_NULL -> scalar(at, Kind.NULL);
            default -> scalar(at, Kind.TEXT);
        };
    }

    private Yaml scalar(Place at, Kind kind) {
        return new Yaml.Scalar(at, kind, String.valueOf(parser.getString()));
    }

    private Yaml mapping(Place at) {
        List<Yaml.Entry> entries = new ArrayList<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            Place keyAt = place();
            String key = parser.currentName();
            entries.add(new Yaml.Entry(keyAt, key, value(parser.nextToken())));
        }
        return new Yaml.Mapping(at, entries);
    }

    private Yaml sequence(Place at) {
        List<Yaml> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            items.add(value(token));
        }
        return new Yaml.Sequence(at, items);
    }

    private Place place() {
        return place(parser.currentTokenLocation());
    }

    private static Place place(TokenStreamLocation location) {
        return new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    private static void report(JacksonException e, String text, Problems problems) {
        if (e instanceof StreamConstraintsException) {
            problems.error(Place.TOP, "is nested deeper than %d levels", DEPTH_MAX);
            return;
        }
        switch (e.getCause()) {
            case MarkedYamlEngineException marked when marked.getProblemMark().isPresent() -> {
                var mark = marked.getProblemMark().get();
                Place at = new Place(mark.getLine() + 1, mark.getColumn() + 1);
                problems.error(at, "%s%s", marked.getProblem(), hint(text, at));
            }
            case ReaderException reader ->
                    problems.error(
                            placeOf(text, reader.getPosition()),
                            "the character U+%04X is not allowed here; remove it",
                            reader.getCodePoint());
            case null, default ->
                    problems.error(
                            e.getLocation() == null ? Place.TOP : place(e.getLocation()),
                            "%s",
                            e.getOriginalMessage());
        }
    }

    /** The mistake that everyone makes once, and that the parser words for parser writers. */
    private static String hint(String text, Place at) {
        String line = text.lines().skip(at.line() - 1L).findFirst().orElse("");
        if (line.matches("[^\"'#]*\\[[0-9a-fA-F]*:.*")) {
            return "; an address in brackets needs quotes, as in listen: \"[::]:2055\"";
        }
        return "";
    }

    private static Place placeOf(String text, int position) {
        String before = text.substring(0, Math.min(position, text.length()));
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new Place(line, before.length() - before.lastIndexOf('\n'));
    }
}
