package io.narwhal.wire;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * How the records of a template id lie in their sets (RFC 3954 §5.2, §6.1; RFC 7011 §3.4). Made of
 * the bytes that defined it, which are kept: they tell a repeated definition from a new one, and
 * are what a snapshot holds.
 */
final class Template {
    /** A field length that says that the length stands in each record (RFC 7011 §7). */
    static final int VARIABLE = 0xffff;

    /** Element number of a field that we cannot know: of an enterprise. */
    static final int FOREIGN = -1;

    /** Added to the number of an element to name its reverse (RFC 5103 §6.1). */
    static final int REVERSE = 1 << 16;

    /** The enterprise that stands for the reverse of IANA's elements (RFC 5103 §6.1). */
    private static final long REVERSE_ENTERPRISE = 29_305;

    private static final int V9_SCOPE = -100;

    private static final String WITHDRAWN = "it is withdrawn";

    final int id;
    final boolean options;
    final FlowProtocol protocol;

    /** The template record as received, from its id on. */
    final byte[] definition;

    final int[] elements;
    final int[] lengths;

    /** Bytes of a record, or of the shortest one when {@link #variable}. */
    final int recordBytes;

    final boolean variable;

    /** Why it cannot be used, null when it can. */
    final @Nullable String refusal;

    private @Nullable Plan plan;

    private Template(
            FlowProtocol protocol,
            boolean options,
            byte[] definition,
            int[] elements,
            int[] lengths,
            @Nullable String refusal) {
        this.protocol = protocol;
        this.options = options;
        this.definition = definition;
        this.id = Wire.u16(definition, 0);
        this.elements = elements;
        this.lengths = lengths;
        int sum = 0;
        boolean anyVariable = false;
        for (int length : lengths) {
            boolean open = length == VARIABLE && protocol == FlowProtocol.IPFIX;
            anyVariable |= open;
            sum += open ? 1 : length;
        }
        this.recordBytes = sum;
        this.variable = anyVariable;
        this.refusal = refusal != null ? refusal : unusable(sum);
    }

    private static @Nullable String unusable(int recordBytes) {
        if (recordBytes == 0) {
            return "its records have no bytes";
        }
        return recordBytes > 0xffff ? "its records fit no datagram: " + recordBytes : null;
    }

    /** The template that these bytes define; refused when it has more fields than allowed. */
    static Template of(FlowProtocol protocol, boolean options, byte[] definition, int fieldsMax) {
        boolean v9 = protocol != FlowProtocol.IPFIX;
        int second = Wire.u16(definition, 2);
        int fields = v9 && options ? (second + Wire.u16(definition, 4)) / 4 : second;
        if (fields > fieldsMax) {
            String why = "it has " + fields + " fields, the limit is " + fieldsMax;
            return new Template(protocol, options, definition, new int[0], new int[0], why);
        }
        int scopes = v9 && options ? second / 4 : 0;
        int[] elements = new int[fields];
        int[] lengths = new int[fields];
        int p = options ? 6 : 4;
        for (int i = 0; i < fields; i++) {
            int element = Wire.u16(definition, p);
            lengths[i] = Wire.u16(definition, p + 2);
            boolean foreign = !v9 && element >= 0x8000;
            elements[i] = i < scopes ? V9_SCOPE - element : element;
            if (foreign) {
                boolean reverse = Wire.u32(definition, p + 4) == REVERSE_ENTERPRISE;
                elements[i] = reverse ? REVERSE + (element & 0x7fff) : FOREIGN;
            }
            p += foreign ? 8 : 4;
        }
        return new Template(protocol, options, definition, elements, lengths, null);
    }

    /** The template of an id less than 256 stands for all of its kind (RFC 7011 §8.1). */
    static Template withdrawal(boolean options, byte[] record) {
        return new Template(FlowProtocol.IPFIX, options, record, new int[0], new int[0], WITHDRAWN);
    }

    /** Whether this ends a template instead of defining one. */
    boolean isWithdrawal() {
        return WITHDRAWN.equals(refusal);
    }

    /** Whether this ends all templates of its kind, the one of that id among them. */
    boolean withdraws(int id, @Nullable Templates known) {
        Template one = known != null && isWithdrawal() && this.id < 256 ? known.get(id) : null;
        return one != null && one.options == options;
    }

    /** About what it takes in memory, its plan included. */
    long stateBytes() {
        return 1_000 + 40L * elements.length + definition.length;
    }

    /** Whether these bytes define the same once more. */
    boolean isDefinedBy(boolean options, byte[] bytes, int at, int length) {
        return options == this.options
                && Arrays.equals(definition, 0, definition.length, bytes, at, at + length);
    }

    /** The first field of that element, −1 when there is none. */
    int field(int element) {
        for (int i = 0; i < elements.length; i++) {
            if (elements[i] == element) {
                return i;
            }
        }
        return -1;
    }

    /** The v9 scope field of that type, −1 when there is none. */
    int scopeField(int type) {
        return field(V9_SCOPE - type);
    }

    /**
     * Finds the fields of the record at {@code at}: their places and lengths.
     *
     * @return where the record ends; −1 when it does not end by {@code end}
     */
    int walk(byte[] bytes, int at, int end, int[] places, int[] widths) {
        int p = at;
        for (int i = 0; i < lengths.length; i++) {
            int width = lengths[i];
            if (variable && width == VARIABLE) {
                if (p >= end) {
                    return -1;
                }
                width = bytes[p++] & 0xff;
                if (width == 255) {
                    if (p + 2 > end) {
                        return -1;
                    }
                    width = Wire.u16(bytes, p);
                    p += 2;
                }
            }
            places[i] = p;
            widths[i] = width;
            p += width;
            if (p > end) {
                return -1;
            }
        }
        return p;
    }

    /**
     * How many records {@code bytes[from..to)} hold; −1 when the last one does not end there. Less
     * than a record is padding (RFC 7011 §3.3.1).
     */
    int count(byte[] bytes, int from, int to, int[] places, int[] widths) {
        if (!variable) {
            int records = (to - from) / recordBytes;
            return records == 0 && !Wire.zeros(bytes, from, to) ? -1 : records;
        }
        int records = 0;
        int p = from;
        while (to - p >= recordBytes) {
            int next = walk(bytes, p, to, places, widths);
            if (next < 0) {
                return to - p < 4 && Wire.zeros(bytes, p, to) ? records : -1;
            }
            records++;
            p = next;
        }
        return records == 0 && !Wire.zeros(bytes, from, to) ? -1 : records;
    }

    /** The compiled form, made when first asked for. */
    Plan plan(Columns columns) {
        Plan made = plan;
        if (made == null) {
            made = Plan.of(this, columns);
            plan = made;
        }
        return made;
    }
}
