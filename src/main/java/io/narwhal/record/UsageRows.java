package io.narwhal.record;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Rows of one usage definition: what one frame of the usage journal and one file of the ledger
 * hold. Rows are deltas: the sum over all rows of a bin and key is the truth. Counters are unsigned
 * 64-bit, but for rows of a {@link Correction}, which are signed. Byte layout:
 * docs/formats/usage.md.
 */
public final class UsageRows {
    /** Rows in a frame at the most, so that a frame stays far below the journal's limit. */
    public static final int ROWS_MAX = 32_768;

    /** Of rows with measured counters alone. */
    private static final int VERSION_MEASURED = 1;

    /** Of rows that have scaled counters, too. */
    private static final int VERSION_SCALED = 2;

    /** Of rows that correct others. */
    private static final int VERSION_CORRECTION = 3;

    /** Why these rows were written. */
    public enum Kind {
        /** The bin's time was over. */
        CLOSED,
        /** Records that came after their bin had closed: a correction. */
        LATE,
        /** Written before the bin closed: room was needed, the definition changed, or a drain. */
        PARTIAL,
        /** What the stored copies gave more or less when they were read again: signed counters. */
        CORRECTION;

        /** As in the ledger. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Kind of(String label) {
            return Arrays.stream(values())
                    .filter(kind -> kind.label().equals(label))
                    .findFirst()
                    .orElseThrow(() -> new StateReader.Malformed("no kind of rows: " + label));
        }
    }

    private final UsageDefinition definition;
    private final KeyLayout layout;
    private final Kind kind;
    private final @Nullable Correction correction;
    private final List<String> texts = new ArrayList<>(List.of(""));
    private final Map<String, Integer> numbers = new HashMap<>();
    private long[] binStartMs;
    private long[] keys;
    private long[] octets;
    private long[] packets;
    private long[] flows;

    /** Octets, packets, and flows of unknown rate; without rows where nothing is scaled. */
    private final long[][] scaled = new long[3][];

    private int size;

    /** No rows yet. */
    public UsageRows(UsageDefinition definition, Kind kind) {
        this(definition, kind, null, 64);
    }

    /** No corrections yet; their counters are signed. */
    public UsageRows(UsageDefinition definition, Correction correction) {
        this(definition, Kind.CORRECTION, correction, 64);
    }

    private UsageRows(
            UsageDefinition definition, Kind kind, @Nullable Correction correction, int capacity) {
        Check.that(kind == Kind.CORRECTION == (correction != null), "corrections say where from");
        this.definition = definition;
        this.layout = KeyLayout.of(definition.keys());
        this.kind = kind;
        this.correction = correction;
        this.binStartMs = new long[capacity];
        this.keys = new long[capacity * layout.width()];
        this.octets = new long[capacity];
        this.packets = new long[capacity];
        this.flows = new long[capacity];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = new long[definition.scaled() ? capacity : 0];
        }
    }

    /**
     * Appends a row.
     *
     * @param key where the packed key stands; its text fields are numbers of {@code dictionary}
     */
    public void add(
            long binStart,
            long[] key,
            int keyAt,
            Dictionary dictionary,
            long octets,
            long packets,
            long flows) {
        Check.that(size < ROWS_MAX, "a frame holds at most %d rows", ROWS_MAX);
        grow();
        int width = layout.width();
        binStartMs[size] = binStart;
        System.arraycopy(key, keyAt, keys, size * width, width);
        for (int field : layout.texts()) {
            String text = dictionary.text((int) layout.get(field, keys, size * width));
            layout.set(field, keys, size * width, local(text));
        }
        this.octets[size] = octets;
        this.packets[size] = packets;
        this.flows[size] = flows;
        size++;
    }

    /**
     * Gives the row that was added last its scaled counters.
     *
     * @param flowsUnscaled flows whose rate is unknown
     */
    public void scale(long octetsScaled, long packetsScaled, long flowsUnscaled) {
        Check.that(definition.scaled() && size > 0, "%s is scaled", definition.name());
        scaled[0][size - 1] = octetsScaled;
        scaled[1][size - 1] = packetsScaled;
        scaled[2][size - 1] = flowsUnscaled;
    }

    // A frame may name as many customers as it has rows; the map only finds, the list gives order.
    private int local(String text) {
        for (int unlisted = numbers.size(); unlisted < texts.size(); unlisted++) {
            numbers.put(texts.get(unlisted), unlisted);
        }
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        texts.add(text);
        numbers.put(text, texts.size() - 1);
        return texts.size() - 1;
    }

    private void grow() {
        if (size == binStartMs.length) {
            int room = size * 2;
            binStartMs = Arrays.copyOf(binStartMs, room);
            keys = Arrays.copyOf(keys, room * layout.width());
            octets = Arrays.copyOf(octets, room);
            packets = Arrays.copyOf(packets, room);
            flows = Arrays.copyOf(flows, room);
            for (int i = 0; definition.scaled() && i < scaled.length; i++) {
                scaled[i] = Arrays.copyOf(scaled[i], room);
            }
        }
    }

    /** The definition that the rows follow. */
    public UsageDefinition definition() {
        return definition;
    }

    /** How the keys are packed. */
    public KeyLayout layout() {
        return layout;
    }

    /** Why the rows were written. */
    public Kind kind() {
        return kind;
    }

    /** Where these rows come from, if they are corrections; then their counters are signed. */
    public Optional<Correction> correction() {
        return Optional.ofNullable(correction);
    }

    /** The same corrections, said to come from elsewhere. */
    public UsageRows from(Correction other) {
        Check.that(correction != null, "these are corrections");
        var rows = new UsageRows(definition, kind, other, 1);
        rows.texts.clear();
        rows.texts.addAll(texts);
        rows.binStartMs = binStartMs;
        rows.keys = keys;
        rows.octets = octets;
        rows.packets = packets;
        rows.flows = flows;
        System.arraycopy(scaled, 0, rows.scaled, 0, scaled.length);
        rows.size = size;
        return rows;
    }

    /** Rows. */
    public int size() {
        return size;
    }

    /** Begin of the bin of a row, ms since 1970. */
    public long binStartMs(int row) {
        return binStartMs[row];
    }

    /** Octets of a row. */
    public long octets(int row) {
        return octets[row];
    }

    /** Packets of a row. */
    public long packets(int row) {
        return packets[row];
    }

    /** Flow records that began in the bin of a row (RFC 7015 §5.2.1, conservative count). */
    public long flows(int row) {
        return flows[row];
    }

    /**
     * Octets of a row multiplied by the sampling rates of its flows; those without are left out.
     */
    public long octetsScaled(int row) {
        return scaled[0][row];
    }

    /** As {@link #octetsScaled}, packets. */
    public long packetsScaled(int row) {
        return scaled[1][row];
    }

    /** Flows of a row that the scaled counters leave out, as their rate is unknown. */
    public long flowsUnscaled(int row) {
        return scaled[2][row];
    }

    /** A key value that is not a text: a number, or the low half of an address. */
    public long value(int row, int field) {
        return layout.get(field, keys, row * layout.width());
    }

    /** The high half of an address. */
    public long high(int row, int field) {
        return layout.getHigh(field, keys, row * layout.width());
    }

    /** A key value as users read it. */
    public String text(int row, int field) {
        long value = value(row, field);
        return switch (layout.fields().get(field).kind()) {
            case ADDRESS -> Addresses.text(high(row, field), value);
            case TEXT -> texts.get((int) value);
            case SAMPLING_SOURCE -> SamplingSource.of(value).label();
            case DIRECTION -> value == Field.UP ? "up" : value == Field.DOWN ? "down" : "";
            case INTEGER, TIME ->
                    layout.fields().get(field) == Field.SAMPLING_RATE && value == 0
                            ? ""
                            : Long.toUnsignedString(value);
        };
    }

    private int version() {
        if (correction != null) {
            return VERSION_CORRECTION;
        }
        return definition.scaled() ? VERSION_SCALED : VERSION_MEASURED;
    }

    /** Writes the frame's payload. */
    public void write(StateWriter out) {
        out.putByte(version());
        out.putString(kind.label()).putString(definition.name());
        out.putLong(definition.binMs()).putLong(definition.closeAfterMs());
        out.putByte(layout.fields().size());
        layout.fields().forEach(field -> out.putString(field.label()));
        if (correction != null) {
            out.putBoolean(definition.scaled()).putLong(correction.run());
            out.putString(correction.lane()).putString(correction.reason());
        }
        out.putInt(texts.size() - 1);
        texts.subList(1, texts.size()).forEach(out::putString);
        out.putInt(size);
        out.putLongs(binStartMs, 0, size).putLongs(keys, 0, size * layout.width());
        out.putLongs(octets, 0, size).putLongs(packets, 0, size).putLongs(flows, 0, size);
        for (int i = 0; definition.scaled() && i < scaled.length; i++) {
            out.putLongs(scaled[i], 0, size);
        }
    }

    /** What stands before the rows. */
    private record Head(UsageDefinition definition, Kind kind, @Nullable Correction correction) {
        static Head read(StateReader in) {
            int version = in.getByte();
            if (version < VERSION_MEASURED || version > VERSION_CORRECTION) {
                throw new StateReader.Malformed(
                        "usage rows of version "
                                + version
                                + "; this release reads "
                                + VERSION_MEASURED
                                + " to "
                                + VERSION_CORRECTION);
            }
            Kind kind = Kind.of(in.getString());
            if (kind == Kind.CORRECTION != (version == VERSION_CORRECTION)) {
                throw new StateReader.Malformed("corrections, and they alone, are of version 3");
            }
            String name = in.getString();
            long binMs = in.getLong();
            long closeAfterMs = in.getLong();
            List<Field> fields = new ArrayList<>();
            for (int left = in.getByte(); left > 0; left--) {
                String label = in.getString();
                fields.add(
                        Field.of(label)
                                .orElseThrow(
                                        () -> new StateReader.Malformed("no key field " + label)));
            }
            boolean corrects = version == VERSION_CORRECTION;
            boolean scaled = corrects ? in.getBoolean() : version == VERSION_SCALED;
            Correction correction = corrects ? UsageRows.correction(in) : null;
            var definition = new UsageDefinition(name, fields, binMs, closeAfterMs, scaled);
            return new Head(definition, kind, correction);
        }
    }

    /**
     * The definition that the rows of a frame follow; the rows themselves are not read.
     *
     * @throws StateReader.Malformed as {@link #read}
     */
    public static UsageDefinition definition(StateReader in) {
        return Head.read(in).definition;
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws StateReader.Malformed for another version or an unknown field
     */
    public static UsageRows read(StateReader in) {
        Head head = Head.read(in);
        UsageDefinition definition = head.definition;
        Kind kind = head.kind;
        Correction correction = head.correction;
        List<String> texts = new ArrayList<>(List.of(""));
        for (int left = in.getCount(4); left > 0; left--) {
            texts.add(in.getString());
        }
        int size = in.getCount(32);
        var rows = new UsageRows(definition, kind, correction, Math.max(1, size));
        rows.texts.clear();
        rows.texts.addAll(texts);
        rows.size = size;
        in.getLongs(rows.binStartMs, 0, size);
        in.getLongs(rows.keys, 0, size * rows.layout.width());
        in.getLongs(rows.octets, 0, size);
        in.getLongs(rows.packets, 0, size);
        in.getLongs(rows.flows, 0, size);
        for (int i = 0; definition.scaled() && i < rows.scaled.length; i++) {
            in.getLongs(rows.scaled[i], 0, size);
        }
        return rows;
    }

    private static Correction correction(StateReader in) {
        long run = in.getLong();
        if (run <= 0) {
            throw new StateReader.Malformed("corrections of the run " + run);
        }
        return new Correction(run, in.getString(), in.getString());
    }
}
