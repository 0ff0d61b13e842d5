package io.narwhal.output;

import io.narwhal.base.Check;
import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.SamplingSource;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * An SQL condition over records: which records of a block it holds for. Each block is put into a
 * table of DuckDB in memory; a field that the exporter did not send is NULL there. Addresses are
 * texts, {@code start} and {@code end} are TIMESTAMPTZ, all else are unsigned numbers.
 */
public final class RecordFilter implements AutoCloseable {
    private static final String TABLE = "staged";
    private static final String VIEW = "records";

    /** Of usage alone: always NULL. */
    private static final List<Field> NEVER_SENT =
            List.of(
                    Field.CUSTOMER,
                    Field.DIRECTION,
                    Field.SRC_SUBSCRIBER,
                    Field.DST_SUBSCRIBER,
                    Field.SRC_SESSION_ID,
                    Field.DST_SESSION_ID,
                    Field.SRC_NAS,
                    Field.DST_NAS);

    /** Not sent, but looked up: the empty text where nobody is known. */
    private static final List<Field> LOOKED_UP = List.of(Field.SRC_CUSTOMER, Field.DST_CUSTOMER);

    private final DuckDb duck;
    private final String condition;
    private final Dictionary dictionary;

    /** The fields that the condition can be about; only those are put into the table. */
    private final List<Field> fields;

    /** The condition cannot be used. The message has DuckDB's reason and the columns. */
    public static final class BadCondition extends RuntimeException {
        BadCondition(String condition, SQLException cause) {
            super(
                    "the condition \""
                            + condition
                            + "\" does not work: "
                            + reason(cause)
                            + "\nThe columns are: "
                            + columns()
                            + "\n"
                            + "Addresses, customers, subscriber, session_id and nas are texts,"
                            + " start and \"end\" are times (\"end\" needs its quotes), all else"
                            + " are numbers.",
                    cause);
        }

        private static String reason(SQLException cause) {
            String message = String.valueOf(cause.getMessage()).strip();
            return message.lines().findFirst().orElse(message);
        }
    }

    /**
     * Checks the condition.
     *
     * @param dictionary has the texts of the columns
     * @throws BadCondition when DuckDB does not take it
     */
    public RecordFilter(DuckDb duck, Dictionary dictionary, String condition) {
        this.duck = duck;
        this.dictionary = dictionary;
        this.condition = condition;
        this.fields = mentioned(condition);
        try {
            duck.execute(
                    fields.stream()
                            .map(field -> RowTable.quoted(field.label()) + " " + sqlType(field))
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            "CREATE OR REPLACE TABLE " + TABLE + " (",
                                            ", \"row\" INTEGER)")));
            duck.execute(
                    fields.stream()
                            .map(RecordFilter::column)
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            "CREATE OR REPLACE VIEW " + VIEW + " AS SELECT ",
                                            ", \"row\" FROM " + TABLE)));
        } catch (SQLException e) {
            throw new LedgerFailure("DuckDB cannot make the table of records: " + e, e);
        }
        check();
    }

    // A field whose name is not in the text at all cannot be meant, unless all are.
    private static List<Field> mentioned(String condition) {
        String text = condition.toLowerCase(Locale.ROOT);
        boolean isAll = text.contains("columns") || text.contains("select");
        List<Field> fields =
                Arrays.stream(Field.values())
                        .filter(field -> isAll || text.contains(field.label()))
                        .toList();
        return fields.isEmpty() ? List.of(Field.values()) : fields;
    }

    private static String column(Field field) {
        String name = RowTable.quoted(field.label());
        return field.kind() == Field.Kind.TIME
                ? "make_timestamptz(" + name + " * 1000) AS " + name
                : name;
    }

    private void check() {
        try {
            duck.check(query());
        } catch (SQLException e) {
            throw new BadCondition(condition, e);
        }
    }

    // The condition may end in a comment.
    private String query() {
        return "SELECT \"row\" FROM " + VIEW + " WHERE (" + condition + "\n)";
    }

    /** The names that a condition can use. */
    public static String columns() {
        return Arrays.stream(Field.values())
                .map(field -> field == Field.END ? "\"end\"" : field.label())
                .collect(Collectors.joining(", "));
    }

    /**
     * The rows of the block that the condition holds for.
     *
     * @param block with columns for all fields
     * @throws BadCondition when it fails for one of these records
     */
    public BitSet matches(RecordBlock block) {
        var rows = new BitSet(block.size());
        if (block.size() == 0) {
            return rows;
        }
        try {
            duck.execute("DELETE FROM " + TABLE);
            try (BulkAppender appender = duck.appender(TABLE)) {
                for (int row = 0; row < block.size(); row++) {
                    appender.beginRow();
                    append(appender, block, row);
                    appender.append(row);
                    appender.endRow();
                }
            }
        } catch (SQLException e) {
            throw new LedgerFailure("DuckDB does not take the records: " + e, e);
        }
        select(rows);
        return rows;
    }

    private void select(BitSet rows) {
        try {
            duck.query(query(), row -> rows.set(row.getInt(1)));
        } catch (SQLException e) {
            throw new BadCondition(condition, e);
        }
    }

    private void append(BulkAppender appender, RecordBlock block, int row) throws SQLException {
        for (Field field : fields) {
            if (NEVER_SENT.contains(field)) {
                appender.appendNull();
            } else if (!LOOKED_UP.contains(field) && !block.tells(field, row)) {
                appender.appendNull();
            } else if (field.kind() == Field.Kind.TEXT) {
                appender.append(dictionary.text((int) block.column(field)[row]));
            } else if (field.kind() == Field.Kind.ADDRESS) {
                appender.append(
                        Addresses.text(block.highColumn(field)[row], block.column(field)[row]));
            } else if (field.kind() == Field.Kind.SAMPLING_SOURCE) {
                appender.append(SamplingSource.of(block.column(field)[row]).label());
            } else {
                appender.append(block.column(field)[row]);
            }
        }
    }

    private static String sqlType(Field field) {
        return switch (field.kind()) {
            case ADDRESS, TEXT, DIRECTION, SAMPLING_SOURCE -> "VARCHAR";
            case TIME -> "BIGINT";
            case INTEGER -> {
                Check.that(field.bits() <= 64, "%s fits a column", field);
                yield field.bits() == 64 ? "UBIGINT" : "BIGINT";
            }
        };
    }

    /** Drops the table. */
    @Override
    public void close() {
        try {
            duck.execute("DROP VIEW IF EXISTS " + VIEW);
            duck.execute("DROP TABLE IF EXISTS " + TABLE);
        } catch (SQLException e) {
            throw new LedgerFailure("DuckDB does not drop the table of records: " + e, e);
        }
    }
}
