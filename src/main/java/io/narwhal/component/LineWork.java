package io.narwhal.component;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.record.Field;
import io.narwhal.record.LineMapping;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a lane makes of lines of files.
 *
 * @param mapping what they mean; null: they mean nothing, as the collector is none of files
 * @param heldMax how many are held that cannot be read
 * @param heldBytesMax bytes of these
 * @param waiting lines that are held even if they can be read, by number of their file: somebody
 *     else holds them, and will recycle them
 */
public record LineWork(
        @Nullable LineMapping mapping,
        int heldMax,
        long heldBytesMax,
        Map<Long, Set<Long>> waiting) {
    /** Of lines for which nobody waits. */
    public LineWork(@Nullable LineMapping mapping, int heldMax, long heldBytesMax) {
        this(mapping, heldMax, heldBytesMax, Map.of());
    }

    /** Of a lane without files. */
    public static final LineWork NONE = new LineWork(null, 10_000, 64 << 20);

    /** Of the lane of that name. */
    static LineWork of(NodeConfig config, String lane) {
        LineMapping mapping =
                config.collectors().stream()
                        .filter(one -> one.name().equals(lane))
                        .map(CollectorConfig::files)
                        .filter(files -> files != null)
                        .map(FilesConfig::mapping)
                        .findFirst()
                        .orElse(null);
        return new LineWork(mapping, config.limits().heldLines(), config.held().memoryBytes());
    }

    /** The same, with these lines waiting. */
    LineWork waitingFor(Stream<HeldLine> held) {
        Map<Long, Set<Long>> waiting =
                held.collect(
                        Collectors.groupingBy(
                                HeldLine::file,
                                Collectors.mapping(HeldLine::line, Collectors.toSet())));
        return new LineWork(mapping, heldMax, heldBytesMax, waiting);
    }

    /** Whether that line of that file is held, whatever it says. */
    boolean isWaiting(long file, long line) {
        return waiting.getOrDefault(file, Set.of()).contains(line);
    }

    /** Whether lines say themselves whom they are charged to, as sessions do. */
    boolean isCharged() {
        return mapping != null && mapping.isCharged();
    }

    /** Whether lines tell this. */
    boolean tells(Field field) {
        return mapping != null && mapping.tells(field);
    }
}
