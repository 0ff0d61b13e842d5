package io.narwhal.radius;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Names and types of attributes: those of the RFCs, which come with Narwhal, and those of files in
 * FreeRADIUS's format, which count more. docs/protocols/radius.md has the format and the limits.
 * Immutable once read.
 */
public final class Dictionaries {
    /** Octets of one file. */
    public static final int FILE_BYTES_MAX = 10_000_000;

    /** Files that one reading opens, each as often as it is included. */
    public static final int FILES_MAX = 2_000;

    /** Lines of all files together. */
    public static final int LINES_MAX = 1_000_000;

    /** Attributes of all files together. */
    public static final int ATTRIBUTES_MAX = 200_000;

    /** Files that include each other, one within the other. */
    public static final int INCLUDE_DEPTH_MAX = 20;

    /** After so many errors the rest is not worth reading. */
    public static final int PROBLEMS_MAX = 100;

    private static final String FOLDER = "/io/narwhal/radius/";

    private final Map<Long, Definition> standard = new HashMap<>();

    /** By enterprise number: within attribute 26, and within those of RFC 6929. */
    private final Map<Long, Vendor> vendors = new HashMap<>();

    private final Map<Integer, Map<Long, Vendor>> extendedVendors = new HashMap<>();

    /** What the files turned out to be. */
    public sealed interface Outcome {
        /**
         * Dictionaries that can be used.
         *
         * @param warnings lines of which nothing was taken
         */
        record Loaded(Dictionaries dictionaries, List<Problem> warnings) implements Outcome {}

        /**
         * Files with errors, of which nothing may be used.
         *
         * @param problems at least one, in the order of reading
         */
        record Refused(List<Problem> problems) implements Outcome {}
    }

    /**
     * What is wrong at a place and what is expected.
     *
     * @param line the first is 1
     */
    public record Problem(String file, long line, String message) {
        /** {@code FILE:LINE: message}. */
        @Override
        public String toString() {
            return file + ":" + line + ": " + message;
        }
    }

    /** Those of the RFCs that come with Narwhal. */
    private static final class Shipped {
        static final List<String[]> ATTRIBUTES = rows("attributes.csv", "number,name,type,flags");
        static final List<String[]> VALUES = rows("values.csv", "attribute,value,name");
        static final Dictionaries ALL = make();
    }

    Dictionaries() {}

    /** The dictionary that comes with Narwhal. */
    public static Dictionaries shipped() {
        return Shipped.ALL;
    }

    /**
     * The dictionary that comes with Narwhal and those of files, of which the later counts more.
     *
     * @param files in FreeRADIUS's format, and what they include
     */
    public static Outcome read(List<Path> files, Disk disk) {
        return files.isEmpty()
                ? new Outcome.Loaded(shipped(), List.of())
                : new DictionaryFiles(disk, make()).read(files);
    }

    /**
     * The name of a value of a standard attribute.
     *
     * @param type the attribute's number
     */
    public Optional<String> valueName(int type, long value) {
        Definition definition = standard(type);
        return Optional.ofNullable(definition == null ? null : definition.valueName(value));
    }

    /** Of a number among the standard attributes; null when none is known. */
    @Nullable Definition standard(long type) {
        return standard.get(type);
    }

    /** The vendor of an enterprise number; null when none is known. */
    @Nullable Vendor vendor(long enterprise) {
        return vendors.get(enterprise);
    }

    /**
     * The vendor within an attribute of RFC 6929.
     *
     * @param extended 241 to 246
     */
    @Nullable Vendor vendor(int extended, long enterprise) {
        return extendedVendors.getOrDefault(extended, Map.of()).get(enterprise);
    }

    /** Tells every attribute that is not a vendor's, also those within others. */
    void eachStandard(Consumer<Definition> sink) {
        standard.values().forEach(one -> one.each(sink));
    }

    void putStandard(long type, Definition one) {
        standard.put(type, one);
    }

    void putVendor(Vendor vendor) {
        vendors.put(vendor.number, vendor);
    }

    void putVendor(int extended, Vendor vendor) {
        extendedVendors.computeIfAbsent(extended, _ -> new HashMap<>()).put(vendor.number, vendor);
    }

    private static Dictionaries make() {
        var made = new Dictionaries();
        Map<String, Definition> byName = new HashMap<>();
        for (String[] cells : Shipped.ATTRIBUTES) {
            AttributeType type = AttributeType.of(cells[2]).orElseThrow();
            var one =
                    new Definition(
                            cells[1], type, cells[3].equals("tagged"), cells[3].equals("hidden"));
            byName.put(one.name, one);
            String[] path = cells[0].split("\\.", -1);
            if (path.length == 1) {
                made.putStandard(Long.parseLong(path[0]), one);
                continue;
            }
            Definition parent = Objects.requireNonNull(made.standard(Long.parseLong(path[0])));
            for (int i = 1; i < path.length - 1; i++) {
                parent = Objects.requireNonNull(parent.within(Long.parseLong(path[i])));
            }
            parent.putWithin(Long.parseLong(path[path.length - 1]), one);
        }
        for (String[] cells : Shipped.VALUES) {
            Objects.requireNonNull(byName.get(cells[0]), cells[0])
                    .nameValue(Long.parseLong(cells[1]), cells[2]);
        }
        return made;
    }

    private static List<String[]> rows(String name, String header) {
        try (InputStream in = Dictionaries.class.getResourceAsStream(FOLDER + name)) {
            byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
            List<String> rows =
                    new String(bytes, StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .toList();
            Check.that(rows.getFirst().equals(header), "%s has its header row", name);
            return rows.stream().skip(1).map(row -> row.split(",", -1)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("a damaged release: " + name, e);
        }
    }
}
