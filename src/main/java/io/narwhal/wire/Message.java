package io.narwhal.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sets of a v9 or IPFIX datagram, found and checked before any of them is used, so that a
 * malformed datagram leaves no trace (R6). One object, reused for each datagram.
 */
final class Message {
    private static final int SET_HEADER = 4;

    private final int fieldsMax;

    private int sets;
    private int[] ids = new int[16];
    private int[] from = new int[16];
    private int[] to = new int[16];
    private int[] records = new int[16];
    private @Nullable Template[] templates = new @Nullable Template[16];

    // New definitions with the number of the set that they stand in.
    private final List<Template> staged = new ArrayList<>();
    private final List<Integer> stagedIn = new ArrayList<>();

    private int dataRecords;
    private int optionsRecords;
    private int templateRecords;
    private int unknownSets;
    private boolean inSession;

    // Templates that were defined once more as they are known.
    private int[] repeated = new int[8];
    private int repeatedCount;

    private int[] places = new int[64];
    private int[] widths = new int[64];

    Message(int fieldsMax) {
        this.fieldsMax = fieldsMax;
    }

    /** Checks all sets; {@code known} has the templates that hold before this datagram. */
    Structure read(byte[] bytes, Header header, @Nullable Templates known) {
        clear();
        int p = header.body;
        while (header.end - p >= SET_HEADER) {
            int id = Wire.u16(bytes, p);
            int length = Wire.u16(bytes, p + 2);
            if (length < SET_HEADER || length > header.end - p) {
                return Wire.zeros(bytes, p, header.end)
                        ? Structure.SOUND
                        : Structure.malformed(
                                p,
                                "a set of "
                                        + length
                                        + " bytes where "
                                        + (header.end - p)
                                        + " are left");
            }
            inSession = header.inSession;
            Structure set = set(bytes, header.protocol, id, p + SET_HEADER, p + length, known);
            if (set != Structure.SOUND) {
                return set;
            }
            p += length;
        }
        return Structure.SOUND;
    }

    private void clear() {
        Arrays.fill(templates, 0, sets, null);
        sets = 0;
        if (!staged.isEmpty()) {
            staged.clear();
            stagedIn.clear();
        }
        dataRecords = 0;
        optionsRecords = 0;
        templateRecords = 0;
        unknownSets = 0;
        repeatedCount = 0;
    }

    private Structure set(
            byte[] bytes,
            FlowProtocol protocol,
            int id,
            int start,
            int end,
            @Nullable Templates known) {
        int set = append(id, start, end);
        if (id >= 256) {
            return data(bytes, set, known);
        }
        boolean v9 = protocol == FlowProtocol.NETFLOW_V9;
        if (id == (v9 ? 0 : 2)) {
            return templates(bytes, protocol, false, set, known);
        }
        if (id == (v9 ? 1 : 3)) {
            return templates(bytes, protocol, true, set, known);
        }
        return Structure.malformed(
                start - SET_HEADER, "set id " + id + " is reserved in " + protocol.label());
    }

    private int append(int id, int start, int end) {
        if (sets == ids.length) {
            int room = 2 * sets;
            ids = Arrays.copyOf(ids, room);
            from = Arrays.copyOf(from, room);
            to = Arrays.copyOf(to, room);
            records = Arrays.copyOf(records, room);
            templates = Arrays.copyOf(templates, room);
        }
        ids[sets] = id;
        from[sets] = start;
        to[sets] = end;
        records[sets] = 0;
        return sets++;
    }

    private Structure data(byte[] bytes, int set, @Nullable Templates known) {
        Template template = template(ids[set], known);
        if (template == null || template.refusal != null) {
            unknownSets += from[set] < to[set] ? 1 : 0;
            return Structure.SOUND;
        }
        int count = count(template, bytes, from[set], to[set]);
        if (count < 0) {
            return Structure.malformed(
                    from[set], "records of template " + template.id + " do not fit their set");
        }
        templates[set] = template;
        records[set] = count;
        if (template.options) {
            optionsRecords += count;
        } else {
            dataRecords += count;
        }
        return Structure.SOUND;
    }

    /** As {@link Template#count}. */
    int count(Template template, byte[] bytes, int start, int end) {
        if (template.lengths.length > places.length) {
            places = new int[template.lengths.length];
            widths = new int[template.lengths.length];
        }
        return template.count(bytes, start, end, places, widths);
    }

    private @Nullable Template template(int id, @Nullable Templates known) {
        for (int i = staged.size() - 1; i >= 0; i--) {
            Template one = staged.get(i);
            if (one.id == id || one.withdraws(id, known)) {
                return one;
            }
        }
        return known == null ? null : known.get(id);
    }

    private Structure templates(
            byte[] bytes,
            FlowProtocol protocol,
            boolean options,
            int set,
            @Nullable Templates known) {
        int p = from[set];
        int end = to[set];
        while (end - p >= 4) {
            int id = Wire.u16(bytes, p);
            int count = Wire.u16(bytes, p + 2);
            if (id == 0 && Wire.zeros(bytes, p, end)) {
                return Structure.SOUND;
            }
            if (protocol == FlowProtocol.IPFIX && count == 0 && id != 0) {
                if (inSession) { // over UDP a withdrawal is ignored (RFC 7011 §8.4)
                    if (id < 256 && id != (options ? 3 : 2)) {
                        return Structure.malformed(p, "a withdrawal of template " + id);
                    }
                    withdraw(bytes, options, p, set);
                }
                p += 4;
                continue;
            }
            if (id < 256) {
                return Structure.malformed(p, "a template of id " + id + ", less than 256");
            }
            int length = definitionBytes(bytes, protocol, options, p, end);
            if (length < 0) {
                return Structure.malformed(p, "template " + id + " does not fit its set");
            }
            stage(bytes, protocol, options, p, length, set, known);
            p += length;
        }
        return Structure.SOUND;
    }

    private void withdraw(byte[] bytes, boolean options, int at, int set) {
        staged.add(Template.withdrawal(options, Arrays.copyOfRange(bytes, at, at + 4)));
        stagedIn.add(set);
    }

    /** Bytes of a template record; −1 when they lie. */
    private static int definitionBytes(
            byte[] bytes, FlowProtocol protocol, boolean options, int at, int end) {
        if (options && end - at < 6) {
            return -1;
        }
        int second = Wire.u16(bytes, at + 2);
        int length;
        if (protocol == FlowProtocol.NETFLOW_V9) {
            int third = options ? Wire.u16(bytes, at + 4) : 0;
            if (options && (second % 4 != 0 || third % 4 != 0)) {
                return -1;
            }
            length = options ? 6 + second + third : 4 + 4 * second;
        } else {
            if (options && Wire.u16(bytes, at + 4) > second) {
                return -1;
            }
            length = ipfixDefinitionBytes(bytes, at, options ? 6 : 4, second, end);
        }
        return length > end - at ? -1 : length;
    }

    private static int ipfixDefinitionBytes(byte[] bytes, int at, int head, int fields, int end) {
        int p = at + head;
        for (int left = fields; left > 0; left--) {
            if (end - p < 4) {
                return -1;
            }
            p += bytes[p] < 0 ? 8 : 4;
        }
        return p - at;
    }

    private void stage(
            byte[] bytes,
            FlowProtocol protocol,
            boolean options,
            int at,
            int length,
            int set,
            @Nullable Templates known) {
        templateRecords++;
        Template before = template(Wire.u16(bytes, at), known);
        if (before != null && before.isDefinedBy(options, bytes, at, length)) {
            repeat(before.id);
            return;
        }
        byte[] definition = Arrays.copyOfRange(bytes, at, at + length);
        staged.add(Template.of(protocol, options, definition, fieldsMax));
        stagedIn.add(set);
    }

    private void repeat(int id) {
        if (repeatedCount == repeated.length) {
            repeated = Arrays.copyOf(repeated, 2 * repeatedCount);
        }
        repeated[repeatedCount++] = id;
    }

    /** Templates that this datagram defined once more as they were. */
    int repeatedCount() {
        return repeatedCount;
    }

    int repeated(int i) {
        return repeated[i];
    }

    /** What the datagram carries, for the sequence. */
    void count(MessageCounts counts) {
        counts.set(dataRecords, optionsRecords, templateRecords, unknownSets > 0);
    }

    int sets() {
        return sets;
    }

    int id(int set) {
        return ids[set];
    }

    int from(int set) {
        return from[set];
    }

    int to(int set) {
        return to[set];
    }

    /** Records of a data set whose template is known. */
    int records(int set) {
        return records[set];
    }

    /** The template of a data set; null when it is unknown, and for sets of templates. */
    @Nullable Template template(int set) {
        return templates[set];
    }

    /** New definitions, in order. */
    int stagedCount() {
        return staged.size();
    }

    Template staged(int i) {
        return staged.get(i);
    }

    /** The set that a new definition stands in. */
    int stagedIn(int i) {
        return stagedIn.get(i);
    }

    /** Data records whose templates are known, those of options included. */
    int knownRecords() {
        return dataRecords + optionsRecords;
    }

    int templateRecords() {
        return templateRecords;
    }

    /**
     * Records that an unknown set is booked with: what the header announces and nothing else
     * explains when it is the only one, else 1; never more than it has bytes.
     */
    int recordsOfUnknown(int set, Header header) {
        int unexplained = header.count - knownRecords() - templateRecords;
        int most = to[set] - from[set];
        return unknownSets == 1 ? Math.max(1, Math.min(unexplained, most)) : 1;
    }
}
