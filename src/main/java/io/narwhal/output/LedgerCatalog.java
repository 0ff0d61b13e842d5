package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.output.LedgerFiles.LedgerFile;
import io.narwhal.record.Field;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The files that count, each proved by its footer to be what its name says: of this usage, this
 * frame and this format. So a file that was copied under another name is not counted twice.
 */
final class LedgerCatalog {
    private static final Map<String, String> FIXED_COLUMNS =
            new TreeMap<>(
                    Map.of(
                            "bin_start", "TIMESTAMPTZ",
                            "bin_end", "TIMESTAMPTZ",
                            "octets", "UBIGINT",
                            "packets", "UBIGINT",
                            "flows", "UBIGINT",
                            "kind", "VARCHAR",
                            "frame", "BIGINT",
                            "row", "INTEGER"));

    // How Parquet says it: physical type, converted type.
    private static final Map<String, String> PARQUET_TYPES =
            Map.of(
                    "TIMESTAMPTZ", "INT64 TIMESTAMP_MICROS",
                    "UBIGINT", "INT64 UINT_64",
                    "BIGINT", "INT64 INT_64",
                    "INTEGER", "INT32 INT_32",
                    "VARCHAR", "BYTE_ARRAY UTF8");

    private final List<LedgerFile> files;
    private final Columns columns;

    private LedgerCatalog(List<LedgerFile> files, Columns columns) {
        this.files = files;
        this.columns = columns;
    }

    /** The columns that some file has, beside those that all have. */
    private static final class Columns {
        final Set<Field> keys = EnumSet.noneOf(Field.class);
        boolean hasScaled;
    }

    /**
     * Lists and checks the files of the scope.
     *
     * @throws LedgerFailure naming the first file that is not what it should be
     */
    static LedgerCatalog read(Disk disk, DuckDb duck, LedgerScope scope) {
        String usage = scope.definition().name();
        List<LedgerFile> files = new ArrayList<>();
        for (LedgerScope.Part part : scope.parts()) {
            files.addAll(LedgerFiles.upTo(disk, part.ledger(), usage, part.frameMax()));
        }
        if (files.isEmpty()) {
            return new LedgerCatalog(files, new Columns());
        }
        Path ledger = files.getFirst().path();
        if (ledger.toString().matches(".*[*?\\[\\]{}].*")) {
            throw new LedgerFailure(
                    ledger
                            + ": DuckDB takes * ? [ ] { } in a path for patterns;"
                            + " move the data to a path without them",
                    null);
        }
        try {
            var columns = new Columns();
            String problem = problem(duck, usage, files, columns);
            if (problem == null) {
                return new LedgerCatalog(files, columns);
            }
            throw culprit(duck, usage, files, problem, null);
        } catch (SQLException e) {
            throw culprit(duck, usage, files, reason(e), e);
        }
    }

    List<LedgerFile> files() {
        return files;
    }

    /** Key fields that some file has. */
    Set<Field> keys() {
        return columns.keys;
    }

    /** Whether some file has scaled counters. */
    boolean hasScaled() {
        return columns.hasScaled;
    }

    /** The files as a table of SQL, columns joined by name. */
    String table() {
        return "read_parquet(" + list(files) + ", union_by_name = true)";
    }

    /** What is wrong with these files, or null; collects their columns. */
    private static @Nullable String problem(
            DuckDb duck, String usage, List<LedgerFile> files, Columns columns)
            throws SQLException {
        List<String> schemas = new ArrayList<>();
        duck.query(
                """
                SELECT DISTINCT string_agg(
                    name || ' ' || type || ' ' || coalesce(converted_type, ''), ',' ORDER BY name)
                FROM parquet_schema(%s) WHERE type IS NOT NULL GROUP BY file_name
                """
                        .formatted(list(files)),
                row -> schemas.add(row.getString(1)));
        for (String schema : schemas) {
            String problem = schemaProblem(schema, columns);
            if (problem != null) {
                return problem;
            }
        }
        return labelProblem(duck, usage, files);
    }

    private static @Nullable String schemaProblem(String schema, Columns columns) {
        Set<String> missing = new HashSet<>(FIXED_COLUMNS.keySet());
        for (String column : schema.split(",")) {
            String name = column.substring(0, column.indexOf(' '));
            String type = column.substring(column.indexOf(' ') + 1);
            String sqlType = FIXED_COLUMNS.get(name);
            if (sqlType == null && RowTable.SCALED.contains(name)) {
                columns.hasScaled = true;
                sqlType = "UBIGINT";
            } else if (sqlType == null) {
                Field key = Field.of(name).filter(Field::isKey).orElse(null);
                if (key == null) {
                    return "it has a column " + name + " that no release of the ledger writes";
                }
                columns.keys.add(key);
                sqlType = RowTable.sqlType(key);
            }
            if (!type.equals(PARQUET_TYPES.get(sqlType))) {
                return "its column " + name + " is " + type + " and should be " + sqlType;
            }
            missing.remove(name);
        }
        return missing.isEmpty() ? null : "it has no column " + missing.stream().sorted().toList();
    }

    private static @Nullable String labelProblem(DuckDb duck, String usage, List<LedgerFile> files)
            throws SQLException {
        long[] good = {0};
        duck.query(
                """
                SELECT count(*) FROM (
                    SELECT file_name,
                        max(decode(value)) FILTER (decode(key) = 'narwhal.format') AS format,
                        max(decode(value)) FILTER (decode(key) = 'narwhal.usage') AS usage,
                        max(decode(value)) FILTER (decode(key) = 'narwhal.frame') AS frame
                    FROM parquet_kv_metadata(%s) GROUP BY file_name)
                WHERE format = '%d' AND usage = %s
                    AND CAST(frame AS BIGINT) = CAST(file_name[-28:-9] AS BIGINT)
                """
                        .formatted(
                                list(files), DuckDbEncoder.FORMAT_VERSION, DuckDb.literal(usage)),
                row -> good[0] = row.getLong(1));
        return good[0] == files.size()
                ? null
                : "its labels name another usage, frame or format version than "
                        + usage
                        + ", its own file name and "
                        + DuckDbEncoder.FORMAT_VERSION;
    }

    /** Looks at each file alone: slow, and done only when something is wrong. */
    static LedgerFailure culprit(
            DuckDb duck,
            String usage,
            List<LedgerFile> files,
            String problem,
            @Nullable Throwable cause) {
        for (LedgerFile file : files) {
            String own;
            try {
                own = problem(duck, usage, List.of(file), new Columns());
                if (own == null) {
                    duck.query("SELECT * FROM read_parquet(" + list(List.of(file)) + ")", _ -> {});
                }
            } catch (SQLException e) {
                own = reason(e);
            }
            if (own != null) {
                return new LedgerFailure(
                        "%s: not a whole file of the ledger: %s; put back a good copy, or move it away: then the rows of frame %d are missing"
                                .formatted(file.path(), own, file.frameSequence()),
                        cause);
            }
        }
        return new LedgerFailure(
                "usage " + usage + ": the ledger cannot be read: " + problem, cause);
    }

    static String reason(SQLException e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message).strip();
    }

    private static String list(List<LedgerFile> files) {
        return files.stream()
                .map(file -> DuckDb.literal(file.path().toString()))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
