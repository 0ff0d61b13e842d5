package io.narwhal.cli;

import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.SamplingSource;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Supplier;

/**
 * Prints records with the names of {@link Field}: first those of every record, then the customers
 * at both its ends, if a table says them; last, where there are agents, by which one they came.
 */
final class RecordRows implements Closeable {
    /** Rows of a table that are aligned together, so that memory does not grow with the output. */
    private static final int PAGE_ROWS = 1_000;

    private static final List<Field> CUSTOMERS = List.of(Field.SRC_CUSTOMER, Field.DST_CUSTOMER);

    /** The column behind all fields, where there are agents. */
    static final String VIA = "via";

    /** The order of the columns. */
    static final List<Field> FIELDS = fields();

    private final Writer out;
    private final Format format;
    private final Dictionary dictionary;
    private final @Nullable Supplier<String> via;
    private final List<@Nullable Object[]> page = new ArrayList<>();
    private final @Nullable RowWriter stream;
    private long printed;

    /**
     * Prints nothing yet.
     *
     * @param via link and journal of the agent that the record in hand came by; null where there
     *     are no agents
     */
    RecordRows(Writer out, Format format, Dictionary dictionary, @Nullable Supplier<String> via)
            throws IOException {
        this.out = out;
        this.format = format;
        this.dictionary = dictionary;
        this.via = via;
        this.stream = format == Format.TABLE ? null : RowWriter.to(out, format, columns(FIELDS));
    }

    private Column[] columns(List<Field> fields) {
        List<Column> columns = new ArrayList<>(fields.stream().map(RecordRows::column).toList());
        if (via != null) {
            columns.add(Column.text(VIA));
        }
        return columns.toArray(Column[]::new);
    }

    private static List<Field> fields() {
        List<Field> fields =
                new ArrayList<>(Arrays.stream(Field.values()).filter(f -> !isOfEnd(f)).toList());
        fields.addAll(CUSTOMERS);
        return List.copyOf(fields);
    }

    // Who held an address is known to accounting alone, and not before it has waited for it.
    private static boolean isOfEnd(Field field) {
        return Arrays.stream(EndKey.values())
                .anyMatch(end -> field == end.source() || field == end.destination());
    }

    private static Column column(Field field) {
        return new Column(field.label(), field.kind() == Field.Kind.INTEGER);
    }

    /** Records printed so far. */
    long printed() {
        return printed;
    }

    void print(RecordBlock block, int row) throws IOException {
        printed++;
        var cells = new @Nullable Object[FIELDS.size() + (via == null ? 0 : 1)];
        if (via != null) {
            cells[FIELDS.size()] = via.get();
        }
        for (int i = 0; i < FIELDS.size(); i++) {
            cells[i] = cell(FIELDS.get(i), block, row, dictionary);
        }
        if (stream != null) {
            stream.row(cells);
            return;
        }
        page.add(cells);
        if (page.size() == PAGE_ROWS) {
            printPage();
        }
    }

    /** The value of a column, as it is printed; null when the exporter did not send it. */
    static @Nullable Object cell(Field field, RecordBlock block, int row, Dictionary dictionary) {
        boolean isSent = block.tells(field, row);
        return switch (field.kind()) {
            case ADDRESS ->
                    isSent
                            ? Addresses.text(block.highColumn(field)[row], block.column(field)[row])
                            : null;
            case INTEGER -> isSent ? number(block.column(field)[row]) : null;
            case TIME -> isSent ? Instant.ofEpochMilli(block.column(field)[row]) : null;
            case TEXT ->
                    isSent || CUSTOMERS.contains(field)
                            ? text(dictionary, block.column(field)[row])
                            : null;
            case SAMPLING_SOURCE ->
                    isSent ? SamplingSource.of(block.column(field)[row]).label() : null;
            case DIRECTION -> null; // of usage alone
        };
    }

    private static Object number(long unsigned) {
        return unsigned >= 0 ? (Object) unsigned : new BigInteger(Long.toUnsignedString(unsigned));
    }

    private static @Nullable String text(Dictionary dictionary, long number) {
        return number == 0 ? null : dictionary.text((int) number);
    }

    private void printPage() throws IOException {
        if (printed > page.size()) {
            out.write("\n");
        }
        EnumSet<Field> filled = EnumSet.noneOf(Field.class);
        for (@Nullable Object[] cells : page) {
            for (int i = 0; i < FIELDS.size(); i++) {
                if (cells[i] != null) {
                    filled.add(FIELDS.get(i));
                }
            }
        }
        List<Field> shown = FIELDS.stream().filter(filled::contains).toList();
        try (var table = RowWriter.to(out, format, columns(shown))) {
            for (@Nullable Object[] cells : page) {
                List<@Nullable Object> row = new ArrayList<>();
                shown.forEach(field -> row.add(cells[FIELDS.indexOf(field)]));
                if (via != null) {
                    row.add(cells[FIELDS.size()]);
                }
                table.row(row.toArray());
            }
        }
        page.clear();
    }

    @Override
    public void close() throws IOException {
        if (stream != null) {
            stream.close();
        } else if (!page.isEmpty()) {
            printPage();
        }
    }
}
