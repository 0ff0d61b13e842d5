package io.narwhal.config;

import io.narwhal.base.Check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The configuration that is built in, for a first look without a file. Its data directory is {@code
 * narwhal-data} in the working directory.
 */
public final class DefaultConfig {
    /** Stands for the file in problems; no file of that name is read. */
    public static final Path FILE = Path.of("built-in.yaml");

    private DefaultConfig() {}

    /** The text, with comments: a good start for a file of one's own. */
    public static String text() {
        try (var resource = DefaultConfig.class.getResourceAsStream("/io/narwhal/default.yaml")) {
            Check.that(resource != null, "default.yaml is on the class path");
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in configuration", e);
        }
    }

    /** The configuration. */
    public static Loaded.Valid load() {
        return switch (ConfigLoader.load(FILE, text())) {
            case Loaded.Valid valid -> valid;
            case Loaded.Invalid(var problems) ->
                    throw new IllegalStateException("built-in configuration: " + problems);
        };
    }
}
