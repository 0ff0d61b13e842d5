package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.config.Yaml.Place;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a configuration and says everything that is wrong with it. */
public final class ConfigLoader {
    /** Size of a file that is still read, in bytes. */
    public static final int FILE_BYTES_MAX = 1 << 20;

    /** The shortest configuration that works, for messages and documents. */
    static final String MINIMAL =
            "{ collectors: { flows: { protocol: netflow, listen: \"[::]:2055\" } },"
                    + " usage: { by-pair: { keys: [src_addr, dst_addr] } } }";

    private ConfigLoader() {}

    /**
     * Reads and validates a file. A file that is missing, unreadable, too large or not UTF-8 is a
     * problem like any other.
     */
    public static Loaded load(Path file) {
        return load(Disk.system(), file);
    }

    /**
     * Validates a text.
     *
     * @param file where the text comes from: stands in every problem, and relative paths in the
     *     text are relative to its directory; it is not read
     */
    public static Loaded load(Path file, String text) {
        return load(Disk.system(), file, text);
    }

    /** As {@link #load(Path)}, on that disk. */
    public static Loaded load(Disk disk, Path file) {
        var problems = new Problems(file.toString());
        Optional<String> text = read(disk, file, problems);
        return text.isPresent()
                ? load(disk, file, text.get())
                : new Loaded.Invalid(problems.errors());
    }

    /** As {@link #load(Path, String)}, on that disk. */
    public static Loaded load(Disk disk, Path file, String text) {
        var problems = new Problems(file.toString());
        Optional<Yaml> document = YamlReader.read(text, problems);
        if (document.isEmpty()) {
            if (problems.errors().isEmpty()) {
                problems.error(Place.TOP, "is empty; a minimal configuration: %s", MINIMAL);
            }
            return new Loaded.Invalid(problems.errors());
        }
        var builder = new ConfigBuilder(disk, new ConfigSource(file, text), problems);
        NodeConfig config = builder.build(Section.root(problems, document.get()));
        return problems.errors().isEmpty()
                ? new Loaded.Valid(config, problems.warnings())
                : new Loaded.Invalid(problems.errors());
    }

    private static Optional<String> read(Disk disk, Path file, Problems problems) {
        try (DiskFile open = disk.open(file, Disk.Mode.READ)) {
            // One byte more than allowed, so that a file that is too large shows itself.
            ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES_MAX + 1);
            open.read(bytes, 0);
            if (!bytes.hasRemaining()) {
                problems.error(Place.TOP, "is larger than %d bytes", FILE_BYTES_MAX);
                return Optional.empty();
            }
            return decode(bytes.flip(), problems);
        } catch (DiskFailure e) {
            problems.error(
                    Place.TOP, "%s; name a file that can be read", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<String> decode(ByteBuffer bytes, Problems problems) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (CharacterCodingException _) {
            // The decoder stops at the bad byte.
            String before = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
            int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
            problems.error(
                    new Place(line, before.length() - before.lastIndexOf('\n')),
                    "is not UTF-8 here; save the file as UTF-8");
            return Optional.empty();
        }
    }
}
