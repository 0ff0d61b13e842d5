package io.narwhal.wire;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads structured data (RFC 6313) within one record. A list whose lengths lie, whose template is
 * unknown, that stands too deep or has too much in it is shown as its bytes; it never harms the
 * record.
 */
final class ListReader {
    /** Lists within lists. */
    static final int DEPTH_MAX = 4;

    /** Values and records in all lists of one record. */
    static final int ITEMS_MAX = 256;

    private static final String[] SEMANTICS = {
        "noneOf", "exactlyOneOf", "oneOrMoreOf", "allOf", "ordered"
    };

    private final Interpreter interpreter;
    private final Interpreter.Origin origin;
    private final byte[] bytes;
    private int items;

    ListReader(Interpreter interpreter, Interpreter.Origin origin) {
        this.interpreter = interpreter;
        this.origin = origin;
        this.bytes = origin.bytes();
    }

    /** The value of a field of whatever type, that stands so many lists deep. */
    Object value(ElementType type, int at, int width, int depth) {
        @Nullable Object list =
                switch (type) {
                    case BASIC_LIST -> basicList(at, at + width, depth + 1);
                    case SUB_TEMPLATE_LIST -> subTemplateList(at, at + width, depth + 1);
                    case SUB_TEMPLATE_MULTI_LIST -> multiList(at, at + width, depth + 1);
                    case OCTET_ARRAY,
                            UNSIGNED8,
                            UNSIGNED16,
                            UNSIGNED32,
                            UNSIGNED64,
                            UNSIGNED256,
                            SIGNED8,
                            SIGNED16,
                            SIGNED32,
                            SIGNED64,
                            FLOAT32,
                            FLOAT64,
                            BOOLEAN,
                            MAC_ADDRESS,
                            STRING,
                            DATE_TIME_SECONDS,
                            DATE_TIME_MILLISECONDS,
                            DATE_TIME_MICROSECONDS,
                            DATE_TIME_NANOSECONDS,
                            IPV4_ADDRESS,
                            IPV6_ADDRESS ->
                            FieldValue.of(type, bytes, at, width, origin.arrivalMs());
                };
        return list != null ? list : Map.of("undecodable", FieldValue.hex(bytes, at, width));
    }

    /** RFC 6313 §4.5.1; null when it cannot be read, as with all lists. */
    private @Nullable Object basicList(int at, int end, int depth) {
        if (depth > DEPTH_MAX || end - at < 5) {
            return null;
        }
        int number = Wire.u16(bytes, at + 1);
        int width = Wire.u16(bytes, at + 3);
        int p = at + 5;
        long enterprise = 0;
        if (number >= 0x8000) {
            if (end - p < 4) {
                return null;
            }
            enterprise = Wire.u32(bytes, p);
            p += 4;
        }
        NamedField field = interpreter.field(origin, enterprise, number & 0x7fff);
        List<Object> values = elements(field, width, p, end, depth);
        if (values == null) {
            return null;
        }
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("semantic", semantic(at));
        list.put("element", field.element().name());
        list.put("values", values);
        return list;
    }

    private @Nullable List<Object> elements(
            NamedField field, int width, int from, int end, int depth) {
        List<Object> values = new ArrayList<>();
        int p = from;
        while (p < end) {
            int length = width;
            if (width == Template.VARIABLE) {
                length = bytes[p++] & 0xff;
                if (length == 255) {
                    if (end - p < 2) {
                        return null;
                    }
                    length = Wire.u16(bytes, p);
                    p += 2;
                }
            } else if (width == 0) {
                return null;
            }
            if (length > end - p || ++items > ITEMS_MAX) {
                return null;
            }
            values.add(value(field.element().type(), p, length, depth));
            p += length;
        }
        return values;
    }

    /** RFC 6313 §4.5.2. */
    private @Nullable Object subTemplateList(int at, int end, int depth) {
        if (depth > DEPTH_MAX || end - at < 3) {
            return null;
        }
        int id = Wire.u16(bytes, at + 1);
        List<Object> records = records(id, at + 3, end, depth);
        if (records == null) {
            return null;
        }
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("semantic", semantic(at));
        list.put("template", (long) id);
        list.put("records", records);
        return list;
    }

    /** RFC 6313 §4.5.3. */
    private @Nullable Object multiList(int at, int end, int depth) {
        if (depth > DEPTH_MAX || end - at < 1) {
            return null;
        }
        List<Object> lists = new ArrayList<>();
        int p = at + 1;
        while (p < end) {
            int length = end - p < 4 ? 0 : Wire.u16(bytes, p + 2);
            if (length < 4 || length > end - p || ++items > ITEMS_MAX) {
                return null;
            }
            int id = Wire.u16(bytes, p);
            List<Object> records = records(id, p + 4, p + length, depth);
            if (records == null) {
                return null;
            }
            Map<String, Object> list = new LinkedHashMap<>();
            list.put("template", (long) id);
            list.put("records", records);
            lists.add(list);
            p += length;
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("semantic", semantic(at));
        all.put("lists", lists);
        return all;
    }

    private @Nullable List<Object> records(int templateId, int from, int end, int depth) {
        Template template = origin.scope().templates.get(templateId);
        if (template == null) {
            return null;
        }
        List<Object> records = new ArrayList<>();
        int p = from;
        while (p < end) {
            var record = new NamedRecord(interpreter, origin, template, p, end, this);
            if (record.end() < 0 || ++items > ITEMS_MAX) {
                return null;
            }
            Check.that(record.end() > p, "no template of empty records is kept");
            Map<String, Object> fields = new LinkedHashMap<>();
            record.put(fields, depth);
            records.add(fields);
            p = record.end();
        }
        return records;
    }

    private String semantic(int at) {
        int code = bytes[at] & 0xff;
        return code < SEMANTICS.length ? SEMANTICS[code] : "undefined";
    }
}
