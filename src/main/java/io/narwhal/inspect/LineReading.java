package io.narwhal.inspect;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.lines.LineDecoder;
import io.narwhal.record.Dictionary;
import io.narwhal.record.LineMapping;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Lines of files as records: those that can be read by the mapping of their collector. */
final class LineReading {
    private final @Nullable LineDecoder decoder;
    private final Map<Long, String> names = new TreeMap<>();
    private final Map<Long, LineDecoder.Layout> layouts = new TreeMap<>();

    /**
     * Reads lines into a block, which is the caller's to hand on.
     *
     * @param block with columns for all fields
     * @param texts numbers the texts of its columns
     */
    LineReading(NodeConfig config, String collector, RecordBlock block, Dictionary texts) {
        LineMapping mapping =
                config.collectors().stream()
                        .filter(one -> one.name().equals(collector))
                        .map(CollectorConfig::files)
                        .filter(files -> files != null)
                        .map(FilesConfig::mapping)
                        .findFirst()
                        .orElse(null);
        decoder = mapping == null ? null : new LineDecoder(mapping, block, texts, _ -> {});
    }

    /**
     * Appends the line that the received block points at, for which there is room.
     *
     * @return false when it is none, or cannot be read
     */
    boolean append(ReceivedBlock received) {
        long file = received.source().high();
        if (decoder == null) {
            return false;
        }
        return switch (received.lineEntry()) {
            case FILE -> {
                names.put(file, new String(bytes(received), StandardCharsets.UTF_8));
                layouts.computeIfAbsent(file, _ -> decoder.layout(new byte[0]));
                yield false;
            }
            case HEADER -> {
                layouts.put(file, decoder.layout(bytes(received)));
                yield false;
            }
            case LONG_LINE -> false;
            case END -> {
                names.remove(file);
                layouts.remove(file);
                yield false;
            }
            case LINE -> decode(decoder, file, received);
        };
    }

    // Of a file whose beginning was deleted the header may be lost.
    private boolean decode(LineDecoder by, long file, ReceivedBlock received) {
        var layout = layouts.computeIfAbsent(file, _ -> by.layout(new byte[0]));
        return by.decode(
                        layout,
                        received.bytes(),
                        received.offset(),
                        received.length(),
                        received.arrivalMicros() / 1_000)
                instanceof LineDecoder.Outcome.Read;
    }

    private static byte[] bytes(ReceivedBlock received) {
        int from = received.offset();
        return Arrays.copyOfRange(received.bytes(), from, from + received.length());
    }

    /** Where the line is from, and the line itself. */
    Supplier<Map<String, Object>> whole(ReceivedBlock received) {
        long file = received.source().high();
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("file", names.getOrDefault(file, ""));
        whole.put("line", received.source().low());
        whole.put("text", new String(bytes(received), StandardCharsets.UTF_8));
        return () -> whole;
    }
}
