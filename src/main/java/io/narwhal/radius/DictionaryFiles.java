package io.narwhal.radius;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.radius.Dictionaries.Outcome;
import io.narwhal.radius.Dictionaries.Problem;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads files of dictionaries and gathers all that is wrong with them. What the lines of one file
 * mean is {@link DictionaryText}'s to say; here is what all files share: names, limits, problems.
 * Used once.
 */
final class DictionaryFiles {
    private final Disk disk;
    private final Dictionaries made;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final List<Path> open = new ArrayList<>();
    private final Map<String, Definition> names = new HashMap<>();
    private final Map<String, Defined> definedNames = new HashMap<>();
    private final Map<String, Vendor> vendors = new HashMap<>();
    private final Map<String, Defined> definedVendors = new HashMap<>();
    private final List<NamedValue> later = new ArrayList<>();
    private int files;
    private int lines;
    private int attributes;

    /** A line of a file. */
    record Place(String file, long line) {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** Where a name was given, and to what. */
    private record Defined(Place place, String number) {}

    /** A VALUE line whose attribute was not known yet. */
    private record NamedValue(Place place, String attribute, String name, long value) {}

    DictionaryFiles(Disk disk, Dictionaries shipped) {
        this.disk = disk;
        this.made = shipped;
        shipped.eachStandard(one -> names.put(key(one.name), one));
    }

    Outcome read(List<Path> paths) {
        for (Path path : paths) {
            include(path, new Place(path.toString(), 1));
        }
        for (NamedValue value : later) {
            Definition attribute = names.get(key(value.attribute()));
            if (attribute != null) {
                nameValue(value.place(), attribute, value.name(), value.value());
            } else {
                error(
                        value.place(),
                        "no ATTRIBUTE line has the name '%s'; add it, or correct this one"
                                .formatted(shown(value.attribute())));
            }
        }
        return errors.isEmpty()
                ? new Outcome.Loaded(made, List.copyOf(warnings))
                : new Outcome.Refused(List.copyOf(errors));
    }

    /** Reads what an {@code $INCLUDE} line names. */
    void include(Path from, String name, Place at) {
        try {
            include(from.resolveSibling(name), at);
        } catch (InvalidPathException _) {
            error(at, "'" + shown(name) + "' cannot be the name of a file");
        }
    }

    private void include(Path path, Place at) {
        Path file = path.toAbsolutePath().normalize();
        if (open.contains(file)) {
            error(at, path + " includes itself by way of this line; take the line out");
        } else if (open.size() >= Dictionaries.INCLUDE_DEPTH_MAX) {
            error(
                    at,
                    "files include each other more than %d deep here"
                            .formatted(Dictionaries.INCLUDE_DEPTH_MAX));
        } else if (++files > Dictionaries.FILES_MAX) {
            if (files == Dictionaries.FILES_MAX + 1) {
                error(at, "more than " + Dictionaries.FILES_MAX + " files are included");
            }
        } else {
            byte[] bytes = bytes(path, at);
            if (bytes != null) {
                open.add(file);
                new DictionaryText(this, path).read(new String(bytes, StandardCharsets.UTF_8));
                open.removeLast();
            }
        }
    }

    private byte @Nullable [] bytes(Path path, Place at) {
        try (var in = disk.open(path, Disk.Mode.READ)) {
            if (in.size() > Dictionaries.FILE_BYTES_MAX) {
                error(
                        at,
                        "%s has %d bytes; a dictionary has at most %d"
                                .formatted(path, in.size(), Dictionaries.FILE_BYTES_MAX));
                return null;
            }
            var bytes = ByteBuffer.allocate((int) in.size());
            in.read(bytes, 0);
            return bytes.array();
        } catch (DiskFailure e) {
            error(at, e.getMessage() + "; put the file there, or correct its name");
            return null;
        }
    }

    /** Whether one more line may be read; says so once when not. */
    boolean admitsLine(Place at) {
        if (isFull()) {
            return false;
        }
        if (++lines == Dictionaries.LINES_MAX + 1) {
            error(at, "more than " + Dictionaries.LINES_MAX + " lines; the rest was not read");
        }
        return lines <= Dictionaries.LINES_MAX;
    }

    /** Whether one more attribute may be defined; says so once when not. */
    boolean admitsAttribute(Place at) {
        if (++attributes == Dictionaries.ATTRIBUTES_MAX + 1) {
            error(at, "more than " + Dictionaries.ATTRIBUTES_MAX + " attributes");
        }
        return attributes <= Dictionaries.ATTRIBUTES_MAX;
    }

    private boolean isFull() {
        return errors.size() > Dictionaries.PROBLEMS_MAX;
    }

    void error(Place at, String message) {
        if (errors.size() == Dictionaries.PROBLEMS_MAX) {
            errors.add(new Problem(at.file(), at.line(), "too many errors; the rest was not read"));
        } else if (!isFull()) {
            errors.add(new Problem(at.file(), at.line(), message));
        }
    }

    void warn(Place at, String message) {
        if (warnings.size() < Dictionaries.PROBLEMS_MAX) {
            warnings.add(new Problem(at.file(), at.line(), message));
        }
    }

    /** The dictionaries as far as they are read. */
    Dictionaries made() {
        return made;
    }

    /** The attribute of that name; null when there is none yet. */
    @Nullable Definition attribute(String name) {
        return names.get(key(name));
    }

    /**
     * Gives an attribute its name.
     *
     * @param number which attribute it is, in words
     * @param before what was known of that number
     * @return whether the name is not another's
     */
    boolean name(Place at, Definition one, String number, @Nullable Definition before) {
        Defined first = definedNames.putIfAbsent(key(one.name), new Defined(at, number));
        if (first != null && !first.number().equals(number)) {
            error(
                    at,
                    "the name '%s' is that of %s in %s; attributes have names of their own"
                            .formatted(shown(one.name), first.number(), first.place()));
            return false;
        }
        names.put(key(one.name), one);
        if (before != null) {
            names.replace(key(before.name), before, one);
        }
        return true;
    }

    /** Names a value, now or when its attribute comes. */
    void value(Place at, String attribute, String name, long value) {
        Definition known = names.get(key(attribute));
        if (known == null) {
            later.add(new NamedValue(at, attribute, name, value));
        } else {
            nameValue(at, known, name, value);
        }
    }

    private void nameValue(Place at, Definition attribute, String name, long value) {
        if (attribute.type.isNumber()) {
            attribute.nameValue(value, name);
        } else {
            warn(
                    at,
                    "'%s' is of type %s, whose values have no names; the line was passed over"
                            .formatted(shown(attribute.name), attribute.type.label()));
        }
    }

    /** The vendor of that name; null when there is none. */
    @Nullable Vendor vendor(String name) {
        return vendors.get(key(name));
    }

    /** Adds a vendor, or says anew how its attributes are laid out. */
    void vendor(Place at, String name, long number, Vendor.Format format) {
        Defined first = definedVendors.putIfAbsent(key(name), new Defined(at, "vendor " + number));
        if (first != null && !first.number().equals("vendor " + number)) {
            error(
                    at,
                    "the name '%s' is that of %s in %s; vendors have names of their own"
                            .formatted(shown(name), first.number(), first.place()));
            return;
        }
        Vendor known = made.vendor(number);
        if (known == null) {
            known = new Vendor(name, number);
            made.putVendor(known);
        }
        known.format = format;
        vendors.put(key(name), known);
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** A word of a file as it can stand in a message. */
    static String shown(String word) {
        var shown = new StringBuilder();
        word.codePoints()
                .limit(60)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(shown::appendCodePoint);
        return word.length() > 60 ? shown + "…" : shown.toString();
    }
}
