package io.narwhal.lines;

import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.LineMapping;
import io.narwhal.record.LineMapping.Column;
import io.narwhal.record.LineTarget;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RecordSink;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads lines of one mapping into a block, which goes to the sink when it is full. Each line is one
 * record: one row, or two where octets or packets of both directions are mapped. One owner.
 */
public final class LineDecoder {
    /** 1980-01-01: no usage file is older. */
    static final long EARLIEST_MS = 315_532_800_000L;

    /** How far after its arrival a record may end: time zones taken for UTC stay below. */
    static final long AHEAD_MS = 86_400_000L;

    /** The longest time that one record may be about. */
    static final long SPAN_MS = 366 * 86_400_000L;

    private static final int SHOWN_CHARS_MAX = 60;

    /** What became of a line. */
    public sealed interface Outcome {
        /** It is in the block: what it counts, both directions together. */
        record Read(long packets, long octets) implements Outcome {}

        /** It cannot be read, and why. */
        record Bad(String reason) implements Outcome {}
    }

    /**
     * Where the columns of a file are.
     *
     * @param count how many a line must have; 0: as many as it likes
     * @param places by column of the mapping and its sources: the place in a line, from 0
     * @param problem why lines of this file cannot be read; empty when they can
     */
    public record Layout(int count, List<List<Integer>> places, String problem) {
        /** Copies the lists. */
        public Layout {
            places = places.stream().map(List::copyOf).toList();
        }
    }

    private final LineMapping mapping;
    private final RecordBlock block;
    private final Dictionary texts;
    private final RecordSink sink;
    private final List<@Nullable TimeText> times = new ArrayList<>();
    private final List<String> jsonColumns = new ArrayList<>();
    private final CsvLine csv;
    private final JsonLine json;
    private final LineRecord values = new LineRecord();

    /**
     * Reads lines by this mapping.
     *
     * @param block takes the records; only those of its fields are read that it has
     * @param texts numbers the texts of its columns
     */
    public LineDecoder(LineMapping mapping, RecordBlock block, Dictionary texts, RecordSink sink) {
        this.mapping = mapping;
        this.block = block;
        this.texts = texts;
        this.sink = sink;
        for (Column column : mapping.columns()) {
            LineMapping.Time time = column.time();
            times.add(time == null ? null : new TimeText(time));
            column.sources().stream()
                    .filter(name -> !jsonColumns.contains(name))
                    .forEach(jsonColumns::add);
        }
        csv = new CsvLine(mapping.separator(), mapping.quote());
        json = new JsonLine(jsonColumns);
    }

    /**
     * Finds the columns of a file.
     *
     * @param header its first line; empty when the mapping asks for none, or there is none
     */
    public Layout layout(byte[] header) {
        if (mapping.format() == LineMapping.Format.JSON) {
            return places(0, jsonColumns);
        }
        if (!mapping.header()) {
            return places(0, List.of());
        }
        if (header.length == 0) {
            return new Layout(0, List.of(), "the file has no header line");
        }
        try {
            mustBeUtf8(header, 0, header.length);
            csv.read(header, 0, header.length);
            return places(csv.columns(), csv.texts());
        } catch (BadLine e) {
            return new Layout(0, List.of(), "the header line cannot be read: " + e.reason());
        }
    }

    private Layout places(int count, List<String> names) {
        List<List<Integer>> places = new ArrayList<>();
        for (Column column : mapping.columns()) {
            List<Integer> of = new ArrayList<>();
            for (String source : column.sources()) {
                int place = names.isEmpty() ? -1 : names.indexOf(source);
                if (place < 0 && mapping.format() == LineMapping.Format.CSV) {
                    place = number(source) - 1;
                }
                if (place < 0 || count > 0 && place >= count) {
                    return new Layout(
                            0,
                            List.of(),
                            "the header has no column '"
                                    + source
                                    + "'; it has "
                                    + shown(String.join(", ", names)));
                }
                if (names.indexOf(source) != names.lastIndexOf(source)) {
                    return new Layout(
                            0, List.of(), "the header has the column '" + source + "' twice");
                }
                of.add(place);
            }
            places.add(of);
        }
        return new Layout(count, places, "");
    }

    private static int number(String text) {
        return text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : 0;
    }

    /**
     * Reads a line.
     *
     * @param arrivalMs when it came: the time of a record that has none
     */
    public Outcome decode(Layout layout, byte[] bytes, int offset, int length, long arrivalMs) {
        if (!layout.problem().isEmpty()) {
            return new Outcome.Bad(layout.problem());
        }
        try {
            mustBeUtf8(bytes, offset, length);
            values.clear();
            read(row(layout, bytes, offset, length), layout);
            values.settleTimes(arrivalMs);
        } catch (BadLine e) {
            return new Outcome.Bad(e.reason());
        }
        if (block.room() < 2) {
            flush();
        }
        return values.write(block, mapping.isCharged());
    }

    /** What is wrong with the value that the mapping itself has for this; empty when nothing is. */
    public static Optional<String> problem(LineMapping mapping, LineTarget target) {
        var decoder =
                new LineDecoder(mapping, new RecordBlock(Set.of()), new Dictionary(), _ -> {});
        for (int i = 0; i < mapping.columns().size(); i++) {
            Column column = mapping.columns().get(i);
            String value = column.value();
            if (column.target() == target && value != null) {
                try {
                    decoder.read(column, decoder.times.get(i), value);
                } catch (BadLine e) {
                    return Optional.of(e.reason());
                }
            }
        }
        return Optional.empty();
    }

    /** Hands on what is in the block. */
    public void flush() {
        if (block.size() > 0) {
            sink.onBlock(block);
            block.clear();
        }
    }

    private Row row(Layout layout, byte[] bytes, int offset, int length) throws BadLine {
        if (mapping.format() == LineMapping.Format.JSON) {
            json.read(bytes, offset, length);
            return json;
        }
        csv.read(bytes, offset, length);
        if (layout.count() > 0 && csv.columns() != layout.count()) {
            throw new BadLine(csv.columns() + " columns where the header has " + layout.count());
        }
        return csv;
    }

    private void read(Row row, Layout layout) throws BadLine {
        List<Column> columns = mapping.columns();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            String text = text(row, layout.places().get(i), column);
            LineTarget target = column.target();
            if (text.isEmpty()) {
                if (isNeeded(target)) {
                    throw new BadLine(
                            target.label() + " is empty, in the " + named(column.sources()));
                }
                continue;
            }
            read(column, times.get(i), text);
        }
    }

    // A counter or a time that is not there must not pass for 0: say by 'value' what it means.
    private static boolean isNeeded(LineTarget target) {
        return switch (target.shape()) {
            case COUNTER, OCTETS, TIME, DURATION -> true;
            case ADDRESS, INTEGER, TEXT, DIRECTION -> false;
        };
    }

    private String text(Row row, List<Integer> places, Column column) throws BadLine {
        String text = "";
        if (places.size() == 1) {
            text = value(row, places.getFirst(), column);
        } else if (!places.isEmpty()) {
            var joined = new StringBuilder();
            for (int place : places) {
                joined.append(joined.isEmpty() ? "" : " ").append(value(row, place, column));
            }
            text = joined.toString().strip();
        }
        String otherwise = column.value();
        return text.isEmpty() && otherwise != null ? otherwise : text;
    }

    private String value(Row row, int place, Column column) throws BadLine {
        if (row == csv && place >= csv.columns()) {
            throw new BadLine(csv.columns() + " columns, and so no " + named(column.sources()));
        }
        return row.text(place);
    }

    private void read(Column column, @Nullable TimeText time, String text) throws BadLine {
        LineTarget target = column.target();
        try {
            switch (target.shape()) {
                case ADDRESS -> Value.address(text, values.address(target));
                case INTEGER -> values.set(target, Value.integer(text, fieldOf(target)));
                case COUNTER, OCTETS -> values.set(target, Value.counter(text, column.unit()));
                case TEXT -> values.set(target, number(target, text));
                case TIME -> {
                    if (time != null) {
                        values.set(target, time.ms(text));
                    }
                }
                case DURATION -> values.set(target, Value.durationMs(text, column.unit()));
                case DIRECTION -> values.set(target, Value.direction(text));
            }
        } catch (BadLine e) {
            throw new BadLine(
                    "%s '%s' in the %s %s"
                            .formatted(
                                    target.label(),
                                    shown(text),
                                    named(column.sources()),
                                    e.reason()));
        }
        values.tell(target);
    }

    private static Field fieldOf(LineTarget target) {
        Optional<Field> field = target.field();
        return field.orElseThrow(() -> new AssertionError(target + " fills a field"));
    }

    private long number(LineTarget target, String text) {
        return block.has(fieldOf(target)) ? texts.number(text) : 0;
    }

    private static String named(List<String> sources) {
        return sources.isEmpty() ? "mapping" : "column " + String.join(" and ", sources);
    }

    private static String shown(String text) {
        return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "…";
    }

    private static void mustBeUtf8(byte[] bytes, int offset, int length) throws BadLine {
        boolean isAscii = true;
        for (int i = offset; i < offset + length; i++) {
            isAscii &= bytes[i] >= 0;
        }
        if (isAscii) {
            return;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
        } catch (CharacterCodingException _) {
            throw new BadLine("not UTF-8");
        }
    }
}
