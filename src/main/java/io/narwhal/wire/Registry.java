package io.narwhal.wire;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What information elements are called and what they hold: IANA's registry (RFC 7012 §4), the
 * vendors' elements that come with Narwhal, and those of the configuration. An exporter may tell of
 * more ({@link Vocabulary}). docs/protocols/registry.md says which of them counts. Immutable.
 */
public final class Registry {
    /** The enterprise whose elements are IANA's in the reverse direction (RFC 5103 §6.1). */
    static final long REVERSE = 29_305;

    private static final String FOLDER = "/io/narwhal/wire/";
    private static final String IANA = "elements-iana.csv";
    private static final String VENDORS = "elements-vendors.csv";
    private static final String IANA_HEADER = "number,name,type,semantics,status,units";

    /** Name and type of an element. */
    record Named(String name, ElementType type) {}

    /** Of those that come with Narwhal. */
    private static final class Shipped {
        static final Registry ALL = new Registry(iana(), vendors(), Map.of());

        private static Map<Long, Named> iana() {
            Map<Long, Named> elements = new HashMap<>();
            List<String> rows =
                    new String(resource(IANA), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .toList();
            Check.that(rows.getFirst().equals(IANA_HEADER), "%s has its header row", IANA);
            for (String row : rows.subList(1, rows.size())) {
                String[] cells = row.split(",", -1);
                ElementType type = ElementType.of(cells[2]).orElseThrow();
                elements.put(key(0, Integer.parseInt(cells[0])), new Named(cells[1], type));
            }
            return Map.copyOf(elements);
        }

        private static Map<Long, Named> vendors() {
            return switch (ElementTable.read(VENDORS, resource(VENDORS))) {
                case ElementTable.Outcome.Loaded(ElementTable table, List<?> _) -> table.elements();
                case ElementTable.Outcome.Refused(List<ElementTable.Problem> problems) ->
                        throw new AssertionError("a damaged release: " + problems.getFirst());
            };
        }

        private static byte[] resource(String name) {
            try (InputStream in = Registry.class.getResourceAsStream(FOLDER + name)) {
                return Objects.requireNonNull(in, name).readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException("a damaged release: " + name, e);
            }
        }
    }

    private final Map<Long, Named> iana;
    private final Map<Long, Named> vendors;
    private final Map<Long, Named> configured;

    private Registry(Map<Long, Named> iana, Map<Long, Named> vendors, Map<Long, Named> configured) {
        this.iana = iana;
        this.vendors = vendors;
        this.configured = configured;
    }

    /** The registry that comes with Narwhal. */
    public static Registry shipped() {
        return Shipped.ALL;
    }

    /** This one and those tables, which count more; of two tables the later one. */
    public Registry with(List<ElementTable> tables) {
        Map<Long, Named> all = new HashMap<>(configured);
        tables.forEach(table -> all.putAll(table.elements()));
        return new Registry(iana, vendors, Map.copyOf(all));
    }

    /**
     * Name and type of an element; its number stands in for a name when nobody knows it.
     *
     * @param enterprise 0 for IANA's elements and for the field types of NetFlow v9
     * @param told what its exporter told, null for nothing
     */
    Named find(long enterprise, int number, @Nullable Vocabulary told) {
        long key = key(enterprise, number);
        Named found = configured.get(key);
        if (found == null) {
            found = iana.get(key);
        }
        if (found == null && told != null) {
            found = told.element(key);
        }
        if (found == null) {
            found = vendors.get(key);
        }
        if (found == null && enterprise == REVERSE) {
            found = reverse(number, told);
        }
        return found != null
                ? found
                : new Named(numberName(enterprise, number), ElementType.OCTET_ARRAY);
    }

    private Named reverse(int number, @Nullable Vocabulary told) {
        Named forward = find(0, number, told);
        String name = forward.name();
        return new Named(
                "reverse" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
                forward.type());
    }

    /** What an element is called that has no name. */
    static String numberName(long enterprise, int number) {
        return (enterprise == 0 ? "" : "enterprise" + enterprise) + "element" + number;
    }

    static long key(long enterprise, int number) {
        return enterprise << 16 | number;
    }
}
