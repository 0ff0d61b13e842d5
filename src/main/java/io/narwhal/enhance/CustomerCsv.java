package io.narwhal.enhance;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;

import io.narwhal.enhance.CustomerTable.Outcome;
import io.narwhal.enhance.CustomerTable.Problem;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads one customers table and gathers all that is wrong with it. Used once. */
final class CustomerCsv {
    /** A larger file is refused before it is looked at. */
    static final int BYTES_MAX = 100_000_000;

    /** More prefixes than the Internet routes. */
    static final int PREFIXES_MAX = 2_000_000;

    /** A customer's name is not a story. */
    static final int NAME_CHARS_MAX = 200;

    /** After so many errors the rest is not worth reading. */
    static final int PROBLEMS_MAX = 100;

    private static final List<String> HEADER = List.of("prefix", "customer");

    private record Seen(int customer, long line) {}

    private final String file;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final List<String> customers = new ArrayList<>(List.of(""));
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<Prefix, Seen> seen = new HashMap<>();
    private boolean headerSeen;
    private long line = 1;

    CustomerCsv(String file) {
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
        var networks = new TreeMap<Prefix, Integer>();
        seen.forEach((prefix, first) -> networks.put(prefix, first.customer()));
        return new Outcome.Loaded(
                new CustomerTable(digest(csv), customers, networks), List.copyOf(warnings));
    }

    private void readText(byte[] csv) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(csv)).toString();
        } catch (CharacterCodingException _) {
            error(lineOfBadText(csv), "not UTF-8; save the table in UTF-8");
            return;
        }
        try {
            readRows(text.startsWith("\ufeff") ? text.substring(1) : text);
        } catch (CsvParseException e) {
            error(line, "the CSV cannot be read from here on: " + deepest(e));
        }
        if (!headerSeen && errors.isEmpty()) {
            error(1, "no rows; expected the header row prefix,customer");
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
                error(line, "too many errors; the rest was not read");
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
                        line,
                        "'%s' is not the header row; the first row must be prefix,customer"
                                .formatted(String.join(",", fields)));
            }
            return;
        }
        if (fields.size() != HEADER.size()) {
            error(line, fields.size() + " fields; expected 2: prefix,customer");
            return;
        }
        switch (Prefix.parse(fields.get(0))) {
            case Prefix.Parsed.Wrong(String message) -> error(line, message);
            case Prefix.Parsed.Network(Prefix prefix) -> assign(prefix, fields.get(1));
        }
    }

    private void assign(Prefix prefix, String customer) {
        if (customer.isEmpty()) {
            error(line, prefix.text() + " has no customer; expected a name after the comma");
        } else if (customer.length() > NAME_CHARS_MAX
                || customer.chars().anyMatch(Character::isISOControl)) {
            error(
                    line,
                    "the customer's name has %d characters or a control character in it; expected at most %d, all printable"
                            .formatted(customer.length(), NAME_CHARS_MAX));
        } else if (seen.size() >= PREFIXES_MAX && !seen.containsKey(prefix)) {
            error(line, "more than " + PREFIXES_MAX + " prefixes");
        } else {
            place(prefix, customer);
        }
    }

    private void place(Prefix prefix, String customer) {
        Seen here = new Seen(numbers.computeIfAbsent(customer, this::number), line);
        Seen before = seen.putIfAbsent(prefix, here);
        if (before == null) {
            return;
        }
        if (before.customer() == here.customer()) {
            warnings.add(
                    new Problem(
                            file,
                            line,
                            "%s already belongs to '%s' since line %d; one of the lines can go"
                                    .formatted(prefix.text(), customer, before.line())));
        } else {
            error(
                    line,
                    "%s belongs to '%s' here and to '%s' in line %d; a prefix has one customer"
                            .formatted(
                                    prefix.text(),
                                    customer,
                                    customers.get(before.customer()),
                                    before.line()));
        }
    }

    private int number(String customer) {
        customers.add(customer);
        return customers.size() - 1;
    }

    private void error(long line, String message) {
        errors.add(new Problem(file, line, message));
    }

    private static long lineOfBadText(byte[] csv) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(csv);
        decoder.decode(in, CharBuffer.allocate(csv.length + 1), true);
        long line = 1;
        for (int i = 0; i < in.position(); i++) {
            line += csv[i] == '\n' ? 1 : 0;
        }
        return line;
    }

    private static String deepest(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
