package io.narwhal.component;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.record.Field;
import io.narwhal.record.LineMapping;

import org.jspecify.annotations.Nullable;

/**
 * What a lane makes of lines of files.
 *
 * @param mapping what they mean; null: they mean nothing, as the collector is none of files
 * @param heldMax how many are held that cannot be read
 * @param heldBytesMax bytes of these
 */
public record LineWork(@Nullable LineMapping mapping, int heldMax, long heldBytesMax) {
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

    /** Whether lines say themselves whom they are charged to, as sessions do. */
    boolean isCharged() {
        return mapping != null && mapping.isCharged();
    }

    /** Whether lines tell this. */
    boolean tells(Field field) {
        return mapping != null && mapping.tells(field);
    }
}
