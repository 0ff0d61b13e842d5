package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.record.Field;
import io.narwhal.record.UsageRows;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Usage summed from the ledger and from the rows that are not in it yet. The answer is a function
 * of the scope and the question alone, in an order of its own: by the columns before the counters,
 * texts by their bytes, numbers by value, absent ones first.
 */
public final class LedgerQuery {
    /** The column of the bin's begin, and what it is called in a question. */
    public static final String BIN_START = "bin_start";

    private static final List<String> COUNTERS = List.of("octets", "packets", "flows");
    private static final String PENDING = "pending";
    private static final String PENDING_CORRECTIONS = "pending_corrections";

    // Beyond DuckDB's calendar lies no bin, so a wider bound may be narrowed to it.
    private static final long CALENDAR_MS = 9_000_000_000_000_000L;

    private final Disk disk;
    private final DuckDb duck;
    private final LedgerScope scope;

    /** Opens nothing. */
    public LedgerQuery(Disk disk, DuckDb duck, LedgerScope scope) {
        this.disk = disk;
        this.duck = duck;
        this.scope = scope;
    }

    /** A column to sum by: the bin, or a key. */
    private record Dimension(Optional<Field> key) {
        String label() {
            return key.map(Field::label).orElse(BIN_START);
        }

        String sql() {
            return key.map(
                            field ->
                                    isNumber(field)
                                            ? RowTable.quoted(field.label())
                                            : "coalesce("
                                                    + RowTable.quoted(field.label())
                                                    + ", '')")
                    .orElse("bin_ms");
        }
    }

    private static boolean isNumber(Field key) {
        return switch (key.kind()) {
            case INTEGER, TIME -> true;
            case ADDRESS, TEXT, DIRECTION, SAMPLING_SOURCE -> false;
        };
    }

    /**
     * Asks, and hands the answer over row by row. When it fails, rows may have been handed over
     * before: they are not an answer.
     *
     * @throws LedgerFailure.UnknownField when the question names a field that this usage never had
     * @throws LedgerFailure naming the file, when one is damaged or foreign
     */
    public void run(LedgerQuestion question, ResultSink sink) {
        var found =
                new Found(
                        LedgerCatalog.read(disk, duck, scope),
                        LedgerCatalog.corrections(disk, duck, scope));
        List<Dimension> dimensions = dimensions(question, found);
        sink.columns(
                Stream.concat(dimensions.stream().map(Dimension::label), counters().stream())
                        .toList());
        List<Field> keys = dimensions.stream().flatMap(d -> d.key().stream()).toList();
        boolean scaled = scope.definition().scaled();
        try (var pending = new RowTable(duck, PENDING, keys, scaled);
                var corrections =
                        new RowTable(
                                duck,
                                PENDING_CORRECTIONS,
                                keys,
                                scaled,
                                RowTable.Counters.SIGNED)) {
            append(scope.pending(), pending);
            append(scope.corrections().pending(), corrections);
            duck.query(
                    sql(question, found, dimensions, keys),
                    row -> sink.row(values(dimensions, row)));
        } catch (SQLException e) {
            throw LedgerCatalog.culprit(
                    List.of(found.rows, found.corrections), LedgerCatalog.reason(e), e);
        }
    }

    /** The files that count. */
    private record Found(LedgerCatalog rows, LedgerCatalog corrections) {}

    private static void append(List<UsageRows> frames, RowTable table) throws SQLException {
        for (UsageRows rows : frames) {
            table.append(rows);
        }
        table.finish();
    }

    private boolean isCorrected(Found found) {
        return !found.corrections.files().isEmpty() || !scope.corrections().pending().isEmpty();
    }

    private List<Dimension> dimensions(LedgerQuestion question, Found found) {
        if (question.by().isEmpty()) {
            return Stream.concat(
                            Stream.of(new Dimension(Optional.empty())),
                            scope.definition().keys().stream()
                                    .map(key -> new Dimension(Optional.of(key))))
                    .toList();
        }
        Set<Field> known = EnumSet.noneOf(Field.class);
        known.addAll(found.rows.keys());
        known.addAll(found.corrections.keys());
        known.addAll(scope.definition().keys());
        Stream.concat(scope.pending().stream(), scope.corrections().pending().stream())
                .forEach(rows -> known.addAll(rows.definition().keys()));
        return question.by().stream().map(label -> dimension(label, known)).toList();
    }

    private Dimension dimension(String label, Set<Field> known) {
        if (label.equals(BIN_START)) {
            return new Dimension(Optional.empty());
        }
        Field key =
                Field.of(label).filter(known::contains).orElseThrow(() -> unknown(label, known));
        return new Dimension(Optional.of(key));
    }

    private LedgerFailure.UnknownField unknown(String label, Set<Field> known) {
        return new LedgerFailure.UnknownField(
                "usage %s has no field '%s' to sum by; it has %s"
                        .formatted(
                                scope.definition().name(),
                                label,
                                Stream.concat(
                                                Stream.of(BIN_START),
                                                known.stream().map(Field::label))
                                        .collect(Collectors.joining(", "))));
    }

    private List<String> counters() {
        return scope.definition().scaled()
                ? Stream.concat(COUNTERS.stream(), RowTable.SCALED.stream()).toList()
                : COUNTERS;
    }

    // Rows of the time when the usage was not scaled have no scaled counters: null.
    private String sums() {
        String sums = "sum(octets), sum(packets), sum(flows)";
        return scope.definition().scaled()
                ? sums
                        + ", coalesce(sum(octets_scaled), 0), coalesce(sum(packets_scaled), 0)"
                        + ", sum(coalesce(flows_unscaled, flows))"
                : sums;
    }

    private String sql(
            LedgerQuestion question, Found found, List<Dimension> dimensions, List<Field> keys) {
        String groups = dimensions.stream().map(Dimension::sql).collect(Collectors.joining(", "));
        List<String> order = new ArrayList<>();
        for (int column = 1; column <= dimensions.size(); column++) {
            order.add(column + " ASC NULLS FIRST");
        }
        return "SELECT "
                + groups
                + ", "
                + sums()
                + " FROM ("
                + pending(PENDING, keys)
                + files(found.rows, question, keys)
                + (isCorrected(found)
                        ? " UNION ALL BY NAME "
                                + pending(PENDING_CORRECTIONS, keys)
                                + files(found.corrections, question, keys)
                        : "")
                + ") WHERE "
                + bounds(question, "bin_ms", Long.MIN_VALUE, "%d")
                + " GROUP BY "
                + groups
                + (isCorrected(found) ? " HAVING " + isLeft() : "")
                + " ORDER BY "
                + String.join(", ", order);
    }

    // What was taken back to the last octet never was.
    private String isLeft() {
        return counters().stream()
                .map(counter -> "coalesce(sum(" + counter + "), 0) <> 0")
                .collect(Collectors.joining(" OR "));
    }

    private String pending(String table, List<Field> keys) {
        return "SELECT bin_ms, " + labels(keys) + String.join(", ", counters()) + " FROM " + table;
    }

    private String files(LedgerCatalog catalog, LedgerQuestion question, List<Field> keys) {
        if (catalog.files().isEmpty()) {
            return "";
        }
        return " UNION ALL BY NAME SELECT epoch_ms(bin_start) AS bin_ms, "
                + labels(keys.stream().filter(catalog.keys()::contains).toList())
                + String.join(", ", catalog.hasScaled() ? counters() : COUNTERS)
                + " FROM "
                + catalog.table()
                + " WHERE "
                + catalog.condition()
                + " AND "
                // On the column itself, so that files and row groups of other times are skipped.
                + bounds(question, BIN_START, -CALENDAR_MS, "CAST(epoch_ms(%d) AS TIMESTAMPTZ)");
    }

    private static String labels(List<Field> keys) {
        return keys.stream()
                .map(key -> RowTable.quoted(key.label()) + ", ")
                .collect(Collectors.joining());
    }

    /** Rows of bins that begin in this time, by the column that files have. */
    static String calendarBounds(long fromMs, long toMs) {
        var question =
                new LedgerQuestion(List.of(), OptionalLong.of(fromMs), OptionalLong.of(toMs));
        return bounds(question, BIN_START, -CALENDAR_MS, "CAST(epoch_ms(%d) AS TIMESTAMPTZ)");
    }

    private static String bounds(
            LedgerQuestion question, String column, long leastMs, String literal) {
        List<String> bounds = new ArrayList<>(List.of("true"));
        question.fromMs()
                .ifPresent(ms -> bounds.add(column + " >= " + bound(ms, leastMs, literal)));
        question.toMs().ifPresent(ms -> bounds.add(column + " < " + bound(ms, leastMs, literal)));
        return String.join(" AND ", bounds);
    }

    private static String bound(long ms, long leastMs, String literal) {
        long mostMs = leastMs == Long.MIN_VALUE ? Long.MAX_VALUE : -leastMs;
        return literal.formatted(Math.clamp(ms, leastMs, mostMs));
    }

    private List<Value> values(List<Dimension> dimensions, ResultSet row) throws SQLException {
        List<Value> values = new ArrayList<>(dimensions.size() + counters().size());
        int column = 1;
        for (Dimension dimension : dimensions) {
            values.add(value(dimension, row, column++));
        }
        for (int counter = 0; counter < counters().size(); counter++) {
            values.add(Value.of((BigInteger) row.getObject(column++)));
        }
        return values;
    }

    private static Value value(Dimension dimension, ResultSet row, int column) throws SQLException {
        if (dimension.key().isEmpty()) {
            return new Value.Text(Instant.ofEpochMilli(row.getLong(column)).toString());
        }
        if (!isNumber(dimension.key().get())) {
            return new Value.Text(row.getString(column));
        }
        long number = row.getLong(column);
        return row.wasNull() ? new Value.Absent() : new Value.Whole(number);
    }
}
