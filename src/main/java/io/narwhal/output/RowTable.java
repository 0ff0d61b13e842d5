package io.narwhal.output;

import io.narwhal.base.Check;
import io.narwhal.record.Field;
import io.narwhal.record.UsageRows;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table in memory that usage rows are put into, on the way to a file or into a query. Beside the
 * keys it has bin_ms, row, octets, packets and flows, and if wanted their scaled kin.
 */
final class RowTable implements AutoCloseable {
    private final DuckDb duck;
    private final String name;

    /** Counters of rows that are scaled, in their order. */
    static final List<String> SCALED = List.of("octets_scaled", "packets_scaled", "flows_unscaled");

    private final List<Field> keys;
    private final boolean scaled;
    private final BulkAppender appender;

    /** Whether counters have a sign. */
    enum Counters {
        /** As devices count. */
        UNSIGNED("UBIGINT"),
        /** Of corrections. */
        SIGNED("BIGINT");

        /** The type of their columns. */
        final String type;

        Counters(String type) {
            this.type = type;
        }
    }

    /** Makes the table of unsigned counters, replacing one of that name. */
    RowTable(DuckDb duck, String name, List<Field> keys, boolean scaled) throws SQLException {
        this(duck, name, keys, scaled, Counters.UNSIGNED);
    }

    /** Makes the table, replacing one of that name. */
    RowTable(DuckDb duck, String name, List<Field> keys, boolean scaled, Counters counters)
            throws SQLException {
        this.duck = duck;
        this.name = name;
        this.keys = keys;
        this.scaled = scaled;
        String columns =
                keys.stream()
                        .map(key -> quoted(key.label()) + " " + sqlType(key) + ", ")
                        .collect(Collectors.joining());
        duck.execute(
                "CREATE OR REPLACE TABLE "
                        + name
                        + " (bin_ms BIGINT, "
                        + columns
                        + columns(List.of("octets", "packets", "flows"), counters)
                        + (scaled ? columns(SCALED, counters) : "")
                        + "\"row\" INTEGER)");
        this.appender = duck.appender(name);
    }

    private static String columns(List<String> names, Counters counters) {
        return names.stream()
                .map(name -> name + " " + counters.type + ", ")
                .collect(Collectors.joining());
    }

    /** Appends the rows; a key that their definition lacks is null. */
    void append(UsageRows rows) throws SQLException {
        append(rows, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** Appends the rows of bins that begin in this time, {@code toMs} not in it. */
    void append(UsageRows rows, long fromMs, long toMs) throws SQLException {
        int[] places =
                keys.stream().mapToInt(key -> rows.definition().keys().indexOf(key)).toArray();
        for (int row = 0; row < rows.size(); row++) {
            if (rows.binStartMs(row) < fromMs || rows.binStartMs(row) >= toMs) {
                continue;
            }
            appender.beginRow();
            appender.append(rows.binStartMs(row));
            for (int place : places) {
                appendKey(rows, row, place);
            }
            appender.append(rows.octets(row));
            appender.append(rows.packets(row));
            appender.append(rows.flows(row));
            if (scaled) {
                appendScaled(rows, row);
            }
            appender.append(row);
            appender.endRow();
        }
    }

    private void appendScaled(UsageRows rows, int row) throws SQLException {
        if (rows.definition().scaled()) {
            appender.append(rows.octetsScaled(row));
            appender.append(rows.packetsScaled(row));
            appender.append(rows.flowsUnscaled(row));
            return;
        }
        for (int i = 0; i < SCALED.size(); i++) {
            appender.appendNull();
        }
    }

    private void appendKey(UsageRows rows, int row, int place) throws SQLException {
        if (place < 0) {
            appender.appendNull();
            return;
        }
        Field key = rows.definition().keys().get(place);
        switch (key.kind()) {
            case ADDRESS, TEXT, DIRECTION, SAMPLING_SOURCE ->
                    appender.append(rows.text(row, place));
            case INTEGER, TIME -> {
                long value = rows.value(row, place);
                if (key == Field.SAMPLING_RATE && value == 0) {
                    appender.appendNull(); // an unknown rate is unknown, never 1
                } else if (isWide(key)) {
                    appender.append(value);
                } else {
                    appender.append((int) value);
                }
            }
        }
    }

    /** Makes what was appended visible to queries. */
    void finish() throws SQLException {
        appender.close();
    }

    @Override
    public void close() throws SQLException {
        appender.close();
        duck.execute("DROP TABLE IF EXISTS " + name);
    }

    /** The type of a key's column: signed, and wide enough for the unsigned value. */
    static String sqlType(Field key) {
        return switch (key.kind()) {
            case ADDRESS, TEXT, DIRECTION, SAMPLING_SOURCE -> "VARCHAR";
            case INTEGER, TIME -> {
                Check.that(key.isKey() && key.bits() <= 32, "%s fits a signed column", key);
                yield isWide(key) ? "BIGINT" : "INTEGER";
            }
        };
    }

    private static boolean isWide(Field key) {
        return key.bits() > 16;
    }

    static String quoted(String name) {
        return '"' + name + '"';
    }
}
