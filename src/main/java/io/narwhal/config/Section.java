package io.narwhal.config;

import io.narwhal.base.Check;
import io.narwhal.config.Yaml.Place;
import io.narwhal.config.Yaml.Scalar;
import io.narwhal.config.Yaml.Scalar.Kind;
import io.narwhal.record.Field;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One mapping of the file, read key by key. Every getter reports what is wrong with its key and
 * then answers with something harmless, so that reading goes on and finds the next problem; the
 * harmless answers are thrown away with the rest once there is a problem.
 */
final class Section {
    /** A value and where it stands. */
    record Placed<T>(T value, Place at) {}

    private final Problems problems;
    private final Place at;
    private final String path;
    private final String pattern;
    private final Map<String, Yaml.Entry> entries = new LinkedHashMap<>();
    private final boolean readable;

    /** Keys that are misspelt here, and so are not missing as well. */
    private final Set<String> meant = new HashSet<>();

    private Section(Problems problems, Place at, String path, String pattern, Yaml value) {
        this.problems = problems;
        this.at = at;
        this.path = path;
        this.pattern = pattern;
        this.readable = enter(value);
    }

    /** The whole file. */
    static Section root(Problems problems, Yaml document) {
        return new Section(problems, Place.TOP, "", "", document);
    }

    /** Where its key stands. */
    Place at() {
        return at;
    }

    /** The keys that lead to it, as a message calls it. */
    String path() {
        return path;
    }

    /** Its own key, as the user wrote it. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    boolean has(Key key) {
        return entries.containsKey(key.label());
    }

    /** Where the key stands, or this section when it is missing. */
    Place placeOf(Key key) {
        Yaml.Entry entry = entries.get(key.label());
        return entry == null ? at : entry.at();
    }

    /** A DURATION in ms, a SIZE in bytes or a COUNT. */
    long quantity(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return key.defaultValue();
        }
        OptionalLong parsed =
                value.get() instanceof Scalar scalar
                        ? key.parse(scalar.text())
                        : OptionalLong.empty();
        if (parsed.isEmpty()) {
            wrong(key, value.get(), notation(key));
            return key.defaultValue();
        }
        if (parsed.getAsLong() < key.min() || parsed.getAsLong() > key.max()) {
            wrong(key, value.get(), "from " + key.range());
            return key.defaultValue();
        }
        return parsed.getAsLong();
    }

    /** A name; empty when the key is missing or wrong. */
    Optional<String> name(Key key) {
        return text(key, "a name such as " + key.example())
                .filter(
                        name ->
                                isName(
                                        name,
                                        value(key).orElseThrow().at(),
                                        subject(key) + ": '" + name + "'"));
    }

    /** A path as written; empty when the key is missing or wrong. */
    Optional<Placed<String>> path(Key key) {
        return text(key, "a path such as " + key.example())
                .map(text -> new Placed<>(text, value(key).orElseThrow().at()));
    }

    /** An address or prefix; all addresses when the key is missing or wrong. */
    AddressPrefix prefix(Key key) {
        return placedPrefix(key).map(Placed::value).orElse(AddressPrefix.ALL);
    }

    /** An address or prefix and where it stands; empty when the key is missing or wrong. */
    Optional<Placed<AddressPrefix>> placedPrefix(Key key) {
        Optional<String> text = text(key, "an address or prefix such as " + key.example());
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Yaml value = value(key).orElseThrow();
        Optional<AddressPrefix> prefix = AddressPrefix.parse(text.get());
        if (prefix.isEmpty()) {
            wrong(key, value, "an address or prefix such as " + key.example());
        }
        return prefix.map(one -> new Placed<>(one, value.at()));
    }

    /** The paths of a FILES, as written; those that are wrong are left out. */
    List<Placed<String>> paths(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof Yaml.Sequence list)) {
            return path(key).stream().toList();
        }
        if (list.items().isEmpty()) {
            problems.error(
                    list.at(), "%s has no file; add one, as in [%s]", subject(key), key.example());
        }
        return list.items().stream().flatMap(item -> pathOf(key, item).stream()).toList();
    }

    private Optional<Placed<String>> pathOf(Key key, Yaml item) {
        if (item instanceof Scalar(_, Kind kind, String text)
                && (kind == Kind.TEXT || kind == Kind.NUMBER)
                && !text.isEmpty()) {
            return Optional.of(new Placed<>(text, item.at()));
        }
        String expected = key.type() == Key.Type.TEXTS ? "a text such as " : "a path such as ";
        wrong(key, item, expected + key.example());
        return Optional.empty();
    }

    /** One of the key's choices; the first when the key is missing or wrong. */
    String choice(Key key) {
        String first = key.choices().getFirst();
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return first;
        }
        if (value.get() instanceof Scalar scalar && key.choices().contains(scalar.text())) {
            return scalar.text();
        }
        wrong(key, value.get(), String.join(" or ", key.choices()));
        return first;
    }

    /** The addresses of a LISTEN or LISTENS; those that are wrong are left out. */
    List<Placed<Listen>> listens(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (key.type() == Key.Type.LISTENS && value.get() instanceof Yaml.Sequence list) {
            if (list.items().isEmpty()) {
                problems.error(
                        list.at(),
                        "%s has no address; add one, as in [%s]",
                        subject(key),
                        key.example());
            }
            return list.items().stream().flatMap(item -> listen(key, item).stream()).toList();
        }
        return listen(key, value.get()).stream().toList();
    }

    /** The key fields of a usage; those that are wrong are left out. */
    List<Field> fields(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof Yaml.Sequence list)) {
            wrong(key, value.get(), "a list of fields such as " + key.example());
            return List.of();
        }
        Set<Field> fields = new LinkedHashSet<>();
        for (Yaml item : list.items()) {
            field(key, item)
                    .ifPresent(
                            field -> {
                                if (!fields.add(field)) {
                                    problems.error(
                                            item.at(),
                                            "field '%s' is listed twice; remove one",
                                            field.label());
                                }
                            });
        }
        return new ArrayList<>(fields);
    }

    /** The address of a PEER and where it stands; empty when the key is missing or wrong. */
    Optional<Placed<PeerAddress>> peer(Key key) {
        Optional<String> text = text(key, "an address such as " + key.example());
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Place place = value(key).orElseThrow().at();
        return switch (PeerText.parse(text.get())) {
            case PeerText.Parsed.Good(PeerAddress address) ->
                    Optional.of(new Placed<>(address, place));
            case PeerText.Parsed.Bad(String complaint) -> {
                problems.error(place, "%s: '%s' %s", subject(key), text.get(), complaint);
                yield Optional.empty();
            }
        };
    }

    /** The names of a NAMES; those that are wrong or come twice are reported and left out. */
    List<Placed<String>> names(Key key) {
        return value(key).map(value -> names(subject(key), value, key.example())).orElse(List.of());
    }

    /** The names of each name of a GROUPS, in file order. */
    Map<Placed<String>, List<Placed<String>>> groups(Key key) {
        Map<Placed<String>, List<Placed<String>>> groups = new LinkedHashMap<>();
        Optional<Yaml> value = value(key);
        if (value.isPresent() && !(value.get() instanceof Yaml.Mapping)) {
            wrong(key, value.get(), "names and lists of names, such as " + key.example());
        } else if (value.isPresent()) {
            for (Yaml.Entry entry : firsts((Yaml.Mapping) value.get())) {
                String subject = subject(key) + "." + entry.key();
                if (isName(entry.key(), entry.at(), subject)) {
                    groups.put(
                            new Placed<>(entry.key(), entry.at()),
                            names(subject, entry.value(), "[m1, m2]"));
                }
            }
        }
        return groups;
    }

    private List<Placed<String>> names(String subject, Yaml value, String example) {
        List<Yaml> items = value instanceof Yaml.Sequence list ? list.items() : List.of(value);
        if (items.isEmpty()) {
            problems.error(value.at(), "%s has no name; add one, as in %s", subject, example);
        }
        Map<String, Placed<String>> names = new LinkedHashMap<>();
        for (Yaml item : items) {
            if (!(item instanceof Scalar(_, Kind kind, String text))
                    || kind == Kind.NULL
                    || text.isEmpty()) {
                problems.error(
                        item.at(),
                        "%s must be a list of names such as %s, not %s",
                        subject,
                        example,
                        item.describe());
            } else if (isName(text, item.at(), subject + ": '" + text + "'")
                    && names.putIfAbsent(text, new Placed<>(text, item.at())) != null) {
                problems.error(item.at(), "'%s' is listed twice; remove one", text);
            }
        }
        return List.copyOf(names.values());
    }

    /** What stands for a section: a text; empty when it is something else, or missing. */
    Optional<Placed<String>> word(Key key) {
        return value(key)
                .filter(Scalar.class::isInstance)
                .map(Scalar.class::cast)
                .filter(scalar -> scalar.kind() == Kind.TEXT && !scalar.text().isEmpty())
                .map(scalar -> new Placed<>(scalar.text(), scalar.at()));
    }

    /** Whether a NAMED is there and names nothing. */
    boolean isEmpty(Key key) {
        Yaml.Entry entry = entries.get(key.label());
        return entry != null
                && entry.value() instanceof Yaml.Mapping(_, List<Yaml.Entry> inside)
                && inside.isEmpty();
    }

    /** The text of a TEXT and where it stands; empty when the key is missing or wrong. */
    Optional<Placed<String>> placedText(Key key) {
        return text(key, "a text such as " + key.example())
                .map(text -> new Placed<>(text, value(key).orElseThrow().at()));
    }

    /** The texts of a TEXTS; none when the key is missing, those that are wrong are left out. */
    List<Placed<String>> placedTexts(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty() || !(value.get() instanceof Yaml.Sequence list)) {
            return placedText(key).stream().toList();
        }
        if (list.items().isEmpty()) {
            wrong(key, list, "a text such as " + key.example());
        }
        return list.items().stream().flatMap(item -> pathOf(key, item).stream()).toList();
    }

    /**
     * The sections of a COLUMNS key, in file order; where a text or a list stands for a section, it
     * is that of this key in it.
     *
     * @param pattern path of the sections, as keys have it
     */
    List<Section> columns(Key key, String pattern, Key shorthand) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof Yaml.Mapping mapping)) {
            wrong(key, value.get(), "fields and their columns, such as " + key.example());
            return List.of();
        }
        if (mapping.entries().isEmpty()) {
            problems.error(mapping.at(), "%s is empty; add %s", subject(key), key.example());
        }
        List<Section> sections = new ArrayList<>();
        for (Yaml.Entry entry : firsts(mapping)) {
            Yaml one = entry.value();
            if (!(one instanceof Yaml.Mapping)) {
                var inside = new Yaml.Entry(one.at(), shorthand.label(), one);
                one = new Yaml.Mapping(one.at(), List.of(inside));
            }
            String subject = subject(key) + "." + entry.key();
            sections.add(new Section(problems, entry.at(), subject, pattern, one));
        }
        return sections;
    }

    /** A section inside; an empty one when the key is missing. */
    Section section(Key key) {
        Yaml.Entry entry = entries.get(key.label());
        return new Section(
                problems,
                entry == null ? at : entry.at(),
                subject(key),
                key.path(),
                entry == null ? new Scalar(at, Kind.NULL, "") : entry.value());
    }

    /** The sections of a NAMED key, in file order; a missing or empty mapping gives none. */
    List<Section> named(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof Yaml.Mapping mapping)) {
            wrong(key, value.get(), "names and their settings, such as " + key.example());
            return List.of();
        }
        if (mapping.entries().isEmpty()) {
            problems.error(mapping.at(), "%s is empty; add %s", subject(key), key.example());
        }
        return firsts(mapping).stream()
                .filter(entry -> isName(entry.key(), entry.at(), "'" + entry.key() + "'"))
                .map(
                        entry ->
                                new Section(
                                        problems,
                                        entry.at(),
                                        subject(key) + "." + entry.key(),
                                        key.path() + ".NAME",
                                        entry.value()))
                .toList();
    }

    /** The sections of a SECTIONS key, in file order; a missing or empty list gives none. */
    List<Section> listed(Key key) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof Yaml.Sequence list)) {
            wrong(key, value.get(), "a list such as " + key.example());
            return List.of();
        }
        if (list.items().isEmpty()) {
            problems.error(list.at(), "%s is empty; add %s", subject(key), key.example());
        }
        List<Section> sections = new ArrayList<>();
        for (Yaml item : list.items()) {
            String subject = subject(key) + "[" + (sections.size() + 1) + "]";
            sections.add(new Section(problems, item.at(), subject, key.path(), item));
        }
        return sections;
    }

    private boolean enter(Yaml value) {
        if (value instanceof Scalar scalar && scalar.kind() == Kind.NULL) {
            return true;
        }
        List<String> known = Key.inside(pattern).stream().map(Key::label).toList();
        if (!(value instanceof Yaml.Mapping mapping)) {
            problems.error(
                    value.at(),
                    "%s must be a mapping with keys such as '%s', not %s",
                    path.isEmpty() ? "the file" : path,
                    known.getFirst(),
                    value.describe());
            return false;
        }
        for (Yaml.Entry entry : firsts(mapping)) {
            if (known.contains(entry.key())) {
                entries.put(entry.key(), entry);
            } else {
                problems.error(entry.at(), "%s", unknown("key", entry.key(), known));
                Nearest.to(entry.key(), known).ifPresent(meant::add);
            }
        }
        return true;
    }

    private List<Yaml.Entry> firsts(Yaml.Mapping mapping) {
        Map<String, Yaml.Entry> firsts = new LinkedHashMap<>();
        for (Yaml.Entry entry : mapping.entries()) {
            Yaml.Entry first = firsts.putIfAbsent(entry.key(), entry);
            if (first != null) {
                problems.error(
                        entry.at(),
                        "duplicate key '%s'; it stands at line %d already",
                        entry.key(),
                        first.at().line());
            }
        }
        return List.copyOf(firsts.values());
    }

    private static String unknown(String what, String word, List<String> known) {
        return Nearest.to(word, known)
                .map(near -> "unknown %s '%s'; did you mean '%s'?".formatted(what, word, near))
                .orElseGet(
                        () ->
                                "unknown %s '%s'; valid %ss here: %s"
                                        .formatted(what, word, what, String.join(", ", known)));
    }

    /** The value of a key; empty when it is missing, or reported because it must not be. */
    private Optional<Yaml> value(Key key) {
        Check.that(Key.inside(pattern).contains(key), "%s is a key of %s", key.path(), pattern);
        Yaml.Entry entry = entries.get(key.label());
        if (entry == null && key.isRequired() && readable && !meant.contains(key.label())) {
            problems.error(
                    at,
                    "%s has no '%s'; add %s: %s",
                    path.isEmpty() ? "the file" : path,
                    key.label(),
                    key.label(),
                    key.example());
        }
        return Optional.ofNullable(entry).map(Yaml.Entry::value);
    }

    private Optional<String> text(Key key, String expected) {
        Optional<Yaml> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Scalar(_, Kind kind, String text)
                && (kind == Kind.TEXT || kind == Kind.NUMBER)
                && !text.isEmpty()) {
            return Optional.of(text);
        }
        wrong(key, value.get(), expected);
        return Optional.empty();
    }

    private Optional<Placed<Listen>> listen(Key key, Yaml item) {
        if (!(item instanceof Scalar scalar) || scalar.kind() == Kind.NULL) {
            wrong(key, item, "an address such as " + key.example());
            return Optional.empty();
        }
        return switch (ListenText.parse(scalar.text())) {
            case ListenText.Parsed.Good(Listen listen) ->
                    Optional.of(new Placed<>(listen, item.at()));
            case ListenText.Parsed.Bad(String complaint) -> {
                problems.error(item.at(), "%s: '%s' %s", subject(key), scalar.text(), complaint);
                yield Optional.empty();
            }
        };
    }

    private Optional<Field> field(Key key, Yaml item) {
        if (!(item instanceof Scalar scalar)) {
            wrong(key, item, "a list of fields such as " + key.example());
            return Optional.empty();
        }
        Optional<Field> field = Field.of(scalar.text());
        if (field.isEmpty()) {
            List<String> labels = Field.keys().stream().map(Field::label).toList();
            problems.error(item.at(), "%s", unknown("field", scalar.text(), labels));
        } else if (!field.get().isKey()) {
            problems.error(item.at(), "%s", notAKey(field.get()));
            return Optional.empty();
        }
        return field;
    }

    private static String notAKey(Field field) {
        return field.kind() == Field.Kind.TIME
                ? "'%s' is a time and cannot be a key; time is divided by 'bin'"
                        .formatted(field.label())
                : "'%s' is a counter and cannot be a key; it is summed in every row anyway"
                        .formatted(field.label());
    }

    private boolean isName(String text, Place place, String subject) {
        boolean good = text.matches(Key.NAME_PATTERN);
        if (!good) {
            problems.error(
                    place,
                    "%s is not a name; a name has 1 to 63 of a-z, 0-9 and '-' and does not begin"
                            + " with '-'",
                    subject);
        }
        return good;
    }

    private static String notation(Key key) {
        return switch (key.type()) {
            case DURATION ->
                    "a duration such as %s (units %s)"
                            .formatted(key.example(), Quantity.DURATION_UNITS);
            case SIZE ->
                    "a size such as %s (units %s)".formatted(key.example(), Quantity.SIZE_UNITS);
            case PERCENT -> "a percentage such as " + key.example();
            default -> "a number such as " + key.example();
        };
    }

    private void wrong(Key key, Yaml value, String expected) {
        problems.error(
                value.at(), "%s must be %s, not %s", subject(key), expected, value.describe());
    }

    private String subject(Key key) {
        return path.isEmpty() ? key.label() : path + "." + key.label();
    }
}
