package io.narwhal.lines;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line of JSON, an object. Its columns are its members; those of an object within it are called
 * {@code outer.inner}.
 */
final class JsonLine implements Row {
    private static final int DEPTH_MAX = 32;
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                    .build();

    private final Map<String, Integer> numbers = new TreeMap<>();
    private final String[] values;

    /** Reads these columns. */
    JsonLine(List<String> columns) {
        for (int i = 0; i < columns.size(); i++) {
            numbers.put(columns.get(i), i);
        }
        values = new String[columns.size()];
    }

    void read(byte[] line, int offset, int length) throws BadLine {
        Arrays.fill(values, "");
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), line, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadLine("no JSON object");
            }
            object(parser, "");
            if (parser.nextToken() != null) {
                throw new BadLine("more than one JSON object in a line");
            }
        } catch (JacksonException e) {
            throw new BadLine("no JSON: " + e.getOriginalMessage());
        }
    }

    private void object(JsonParser parser, String path) throws BadLine {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = path + parser.currentName();
            Integer column = numbers.get(name);
            switch (parser.nextToken()) {
                case START_OBJECT -> object(parser, name + ".");
                case START_ARRAY -> {
                    if (column != null) {
                        throw new BadLine("'" + name + "' is a list");
                    }
                    parser.skipChildren();
                }
                case VALUE_NULL -> {}
                case null -> throw new BadLine("no JSON: it ends within an object");
                default -> put(column, name, parser.getString());
            }
        }
    }

    private void put(@Nullable Integer column, String name, String text) throws BadLine {
        if (column == null) {
            return;
        }
        if (!values[column].isEmpty()) {
            throw new BadLine("'" + name + "' is there twice");
        }
        values[column] = text;
    }

    @Override
    public String text(int column) {
        return values[column];
    }
}
