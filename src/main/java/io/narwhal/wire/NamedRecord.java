package io.narwhal.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One record with the places of its fields, and their values by name. */
final class NamedRecord {
    private final Interpreter interpreter;
    private final Interpreter.Origin origin;
    private final Template template;
    private final int[] places;
    private final int[] widths;
    private final ListReader lists;
    private final int end;

    NamedRecord(
            Interpreter interpreter, Interpreter.Origin origin, Template template, int at, int to) {
        this(interpreter, origin, template, at, to, null);
    }

    /** A record that stands in a list; null for one of its own. */
    NamedRecord(
            Interpreter interpreter,
            Interpreter.Origin origin,
            Template template,
            int at,
            int to,
            @Nullable ListReader within) {
        this.interpreter = interpreter;
        this.origin = origin;
        this.template = template;
        this.places = new int[template.lengths.length];
        this.widths = new int[template.lengths.length];
        this.lists = within == null ? new ListReader(interpreter, origin) : within;
        this.end = template.walk(origin.bytes(), at, to, places, widths);
    }

    /** Where it ends; −1 when it does not end in time. */
    int end() {
        return end;
    }

    /** What the fields of one element hold. */
    private record Gathered(NamedField field, List<Object> values) {
        Object value() {
            return values.size() == 1 ? values.getFirst() : values;
        }
    }

    /** By name, in the order of the template; of an element that stands twice, a list. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        put(fields, 0);
        nameApplication(fields);
        return fields;
    }

    /** As {@link #fields}, behind the domain, the template and the names of scope fields. */
    Map<String, Object> options() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("domain", origin.scope().domain);
        fields.put("template", (long) template.id);
        fields.put("scope", scopes());
        put(fields, 0);
        return fields;
    }

    private List<String> scopes() {
        return Arrays.stream(layout())
                .filter(NamedField::isScope)
                .map(field -> field.element().name())
                .distinct()
                .toList();
    }

    /** Puts all fields; those of a record within lists stand so many of them deep. */
    void put(Map<String, Object> fields, int depth) {
        NamedField[] layout = layout();
        Map<String, Gathered> gathered = new LinkedHashMap<>();
        for (int i = 0; i < layout.length; i++) {
            NamedField field = layout[i];
            if (field.isShown()) {
                gathered.computeIfAbsent(
                                nameIn(fields, gathered, field),
                                _ -> new Gathered(field, new ArrayList<>(1)))
                        .values()
                        .add(value(field, i, depth));
            }
        }
        gathered.forEach((name, all) -> fields.put(name, all.value()));
    }

    /** Its name; its number when another element of the record has that name already. */
    private static String nameIn(
            Map<String, Object> fields, Map<String, Gathered> gathered, NamedField field) {
        String name = field.element().name();
        Gathered owner = gathered.get(name);
        boolean isTaken =
                owner == null ? fields.containsKey(name) : !owner.field().isSameElement(field);
        return isTaken ? field.numberName() : name;
    }

    private NamedField[] layout() {
        return interpreter.layout(origin, template);
    }

    private Object value(NamedField field, int i, int depth) {
        return field.is(Element.APPLICATION_ID)
                ? FieldValue.application(origin.bytes(), places[i], widths[i])
                : lists.value(field.element().type(), places[i], widths[i], depth);
    }

    /** The value of IANA's element of that number, null when the record has none. */
    @Nullable Object value(int number) {
        NamedField[] layout = layout();
        for (int i = 0; i < layout.length; i++) {
            if (layout[i].is(number)) {
                return value(layout[i], i, 0);
            }
        }
        return null;
    }

    /** As {@link #value}; 0 when it is none or no number. */
    long number(int number) {
        return value(number) instanceof Long value ? value : 0;
    }

    private void nameApplication(Map<String, Object> fields) {
        if (value(Element.APPLICATION_ID) instanceof String id) {
            String name = origin.told().application(id);
            if (name != null) {
                fields.putIfAbsent("applicationName", name);
            }
        }
    }
}
