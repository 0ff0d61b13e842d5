package io.narwhal.cli;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Writes maps (in their order), lists, texts, numbers, truth values, {@code Instant}s (ISO-8601)
 * and null as JSON. Generates tokens and binds nothing, as loading a binder takes longer than most
 * commands run.
 */
final class Json {
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
                    .build();

    private Json() {}

    /** Writes a value over several lines, ends the last one, and flushes. */
    static void write(Writer out, @Nullable Object value) throws IOException {
        try (var json = FACTORY.createGenerator(new Pretty(), out)) {
            put(json, value);
        }
        out.write('\n');
        out.flush();
    }

    /** Writes one object on one line, without ending it. */
    static void writeObject(Writer out, List<Column> names, @Nullable Object[] values)
            throws IOException {
        try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            for (int i = 0; i < values.length; i++) {
                json.writeName(names.get(i).name());
                put(json, values[i]);
            }
            json.writeEndObject();
        }
    }

    /** As {@link #writeObject(Writer, List, Object[])}, with the names and values of a map. */
    static void writeObject(Writer out, Map<String, ? extends @Nullable Object> object)
            throws IOException {
        try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            put(json, object);
        }
    }

    /** Two spaces a level, and a new one for each value, as a pretty printer counts levels. */
    private static final class Pretty extends ObjectWriteContext.Base {
        private final PrettyPrinter printer = new DefaultPrettyPrinter();

        @Override
        public PrettyPrinter getPrettyPrinter() {
            return printer;
        }

        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }
    }

    private static void put(JsonGenerator json, @Nullable Object value) {
        switch (value) {
            case null -> json.writeNull();
            case String text -> json.writeString(text);
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case BigInteger number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case Boolean truth -> json.writeBoolean(truth);
            case Instant time -> json.writeString(time.toString());
            case Map<?, ?> map -> {
                json.writeStartObject();
                map.forEach(
                        (key, inner) -> {
                            json.writeName(String.valueOf(key));
                            put(json, inner);
                        });
                json.writeEndObject();
            }
            case Iterable<?> list -> {
                json.writeStartArray();
                list.forEach(inner -> put(json, inner));
                json.writeEndArray();
            }
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }
}
