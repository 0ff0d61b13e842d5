package io.narwhal.wire;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;

import io.narwhal.wire.ElementTable.Outcome;
import io.narwhal.wire.ElementTable.Problem;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads one table of elements and gathers all that is wrong with it. Used once. */
final class ElementCsv {
    /** A larger file is refused before it is looked at. */
    static final int BYTES_MAX = 10_000_000;

    /** More elements than any vendor has. */
    static final int ELEMENTS_MAX = 100_000;

    /** After so many errors the rest is not worth reading. */
    static final int PROBLEMS_MAX = 100;

    private static final List<String> HEADER = List.of("enterprise", "element", "name", "type");
    private static final String HEADER_TEXT = String.join(",", HEADER);
    private static final long ENTERPRISE_MAX = 0xffff_ffffL;

    /** NetFlow v9 has 16 bits for its field types; an enterprise has 15 (RFC 7011 §3.2). */
    private static final int NUMBER_MAX = 0xffff;

    private static final int ENTERPRISE_NUMBER_MAX = 0x7fff;

    private record Seen(Registry.Named element, long line) {}

    private record Name(long enterprise, String name) {}

    private final String file;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Map<Long, Seen> seen = new HashMap<>();
    private final Map<Name, Long> linesByName = new HashMap<>();
    private List<String> lines = List.of();
    private boolean headerSeen;
    private long line = 1;

    ElementCsv(String file) {
        this.file = file;
    }

    Outcome read(byte[] csv) {
        if (csv.length > BYTES_MAX) {
            error(1, csv.length + " bytes; a table has at most " + BYTES_MAX);
        } else {
            readText(csv);
        }
        if (!errors.isEmpty()) {
            return new Outcome.Refused(List.copyOf(errors));
        }
        Map<Long, Registry.Named> elements = new HashMap<>();
        seen.forEach((key, first) -> elements.put(key, first.element()));
        return new Outcome.Loaded(new ElementTable(elements), List.copyOf(warnings));
    }

    private void readText(byte[] csv) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(csv)).toString();
        } catch (CharacterCodingException _) {
            line = lineOfBadText(csv);
            error(1, "not UTF-8; save the table in UTF-8");
            return;
        }
        text = text.startsWith("\ufeff") ? text.substring(1) : text;
        lines = text.lines().toList();
        try {
            readRows(text);
        } catch (CsvParseException e) {
            error(1, "the CSV cannot be read from here on: " + deepest(e));
        }
        if (!headerSeen && errors.isEmpty()) {
            line = 1;
            error(1, "no rows; expected the header row " + HEADER_TEXT);
        }
    }

    private void readRows(String text) {
        CsvReader<CsvRecord> rows =
                CsvReader.builder()
                        .commentStrategy(CommentStrategy.SKIP)
                        .skipEmptyLines(true)
                        .allowUnclosedQuote(false)
                        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .ofCsvRecord(text);
        for (CsvRecord row : rows) {
            line = row.getStartingLineNumber();
            readRow(row.getFields().stream().map(String::strip).toList());
            line++;
            if (errors.size() >= PROBLEMS_MAX) {
                error(1, "too many errors; the rest was not read");
                return;
            }
        }
    }

    private void readRow(List<String> fields) {
        if (fields.equals(List.of(""))) {
            return; // blanks alone
        }
        if (!headerSeen) {
            headerSeen = true;
            if (!fields.equals(HEADER)) {
                error(
                        1,
                        "'%s' is not the header row; the first row must be %s"
                                .formatted(String.join(",", fields), HEADER_TEXT));
            }
            return;
        }
        if (fields.size() != HEADER.size()) {
            error(1, fields.size() + " fields; expected 4: " + HEADER_TEXT);
            return;
        }
        @Nullable Long enterprise = number(fields, 0, ENTERPRISE_MAX);
        @Nullable Long number =
                number(
                        fields,
                        1,
                        enterprise == null || enterprise == 0 ? NUMBER_MAX : ENTERPRISE_NUMBER_MAX);
        boolean isNamed = checkName(fields.get(2));
        Optional<ElementType> type = type(fields.get(3));
        if (enterprise != null && number != null && isNamed && type.isPresent()) {
            place(enterprise, number.intValue(), new Registry.Named(fields.get(2), type.get()));
        }
    }

    private @Nullable Long number(List<String> fields, int field, long max) {
        String text = fields.get(field);
        if (!text.isEmpty() && text.length() <= 10 && text.chars().allMatch(ElementCsv::isDigit)) {
            long value = Long.parseLong(text);
            if (value <= max && (field == 0 || value > 0)) {
                return value;
            }
        }
        error(
                columnOf(field),
                "'%s' is no number of an %s; expected %d to %d%s"
                        .formatted(
                                text,
                                HEADER.get(field),
                                field,
                                max,
                                field == 0 ? ", 0 for IANA's elements" : ""));
        return null;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private boolean checkName(String name) {
        if (Vocabulary.isName(name)) {
            return true;
        }
        error(
                columnOf(2),
                "'%s' is no name of an element; expected a letter, then letters, digits, _ - or .,"
                                .formatted(name)
                        + " %d at most".formatted(Vocabulary.NAME_CHARS_MAX));
        return false;
    }

    private Optional<ElementType> type(String text) {
        Optional<ElementType> type = ElementType.of(text);
        if (type.isEmpty()) {
            Optional<String> meant =
                    Arrays.stream(ElementType.values())
                            .map(ElementType::label)
                            .filter(label -> label.equalsIgnoreCase(text))
                            .findFirst();
            error(
                    columnOf(3),
                    meant.map(
                                    label ->
                                            "unknown type '%s'; did you mean '%s'?"
                                                    .formatted(text, label))
                            .orElseGet(
                                    () ->
                                            "unknown type '%s'; the types are: %s"
                                                    .formatted(text, ElementType.labels())));
        }
        return type;
    }

    private void place(long enterprise, int number, Registry.Named element) {
        if (seen.size() >= ELEMENTS_MAX) {
            error(1, "more than " + ELEMENTS_MAX + " elements");
            return;
        }
        Seen before = seen.putIfAbsent(Registry.key(enterprise, number), new Seen(element, line));
        if (before != null) {
            again(enterprise, number, element, before);
            return;
        }
        Long named = linesByName.putIfAbsent(new Name(enterprise, element.name()), line);
        if (named != null) {
            error(
                    columnOf(2),
                    "the name '%s' is taken in line %d; an enterprise's elements have names of their own"
                            .formatted(element.name(), named));
        }
    }

    private void again(long enterprise, int number, Registry.Named element, Seen before) {
        String what = "element %d of enterprise %d".formatted(number, enterprise);
        if (before.element().equals(element)) {
            warnings.add(
                    new Problem(
                            file,
                            line,
                            1,
                            "%s stands in line %d already; one of the lines can go"
                                    .formatted(what, before.line())));
        } else {
            error(
                    columnOf(1),
                    "%s is '%s' of type %s here and '%s' of type %s in line %d; it can be one of them"
                            .formatted(
                                    what,
                                    element.name(),
                                    element.type().label(),
                                    before.element().name(),
                                    before.element().type().label(),
                                    before.line()));
        }
    }

    /** Where a field of this row begins; 1 when quotes make that hard to say. */
    private int columnOf(int field) {
        if (line > lines.size() || lines.get((int) line - 1).contains("\"")) {
            return 1;
        }
        String text = lines.get((int) line - 1);
        int at = 0;
        for (int comma = 0; comma < field; comma++) {
            at = text.indexOf(',', at) + 1;
        }
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at + 1;
    }

    private void error(int column, String message) {
        errors.add(new Problem(file, line, column, message));
    }

    private static long lineOfBadText(byte[] csv) {
        var in = ByteBuffer.wrap(csv);
        StandardCharsets.UTF_8.newDecoder().decode(in, CharBuffer.allocate(csv.length + 1), true);
        long bad = 1;
        for (int i = 0; i < in.position(); i++) {
            bad += csv[i] == '\n' ? 1 : 0;
        }
        return bad;
    }

    private static String deepest(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
