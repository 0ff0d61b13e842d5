package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.output.LedgerFiles.LedgerFile;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The files that count, of rows or of corrections, each proved by its footer to be what its name
 * says: of this usage, this frame and this format. So a file that was copied under another name is
 * not counted twice.
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

    /** The column that only files of corrections have: the number of their run. */
    static final String CORRECTION = "correction";

    private static final Map<String, String> CORRECTION_COLUMNS = correctionColumns();

    private final DuckDb duck;
    private final String usage;
    private final boolean corrects;
    private final List<String> lanes;
    private final List<LedgerFile> files = new ArrayList<>();
    private final Columns columns = new Columns();

    private LedgerCatalog(DuckDb duck, String usage, boolean corrects, List<String> lanes) {
        this.duck = duck;
        this.usage = usage;
        this.corrects = corrects;
        this.lanes = lanes;
    }

    // Counters of corrections are signed, and each row says where it comes from.
    private static Map<String, String> correctionColumns() {
        Map<String, String> columns = new TreeMap<>(FIXED_COLUMNS);
        columns.replaceAll((_, type) -> type.equals("UBIGINT") ? "BIGINT" : type);
        columns.put(CORRECTION, "BIGINT");
        columns.put("lane", "VARCHAR");
        columns.put("reason", "VARCHAR");
        return columns;
    }

    /** The columns that some file has, beside those that all have. */
    private static final class Columns {
        final Set<Field> keys = EnumSet.noneOf(Field.class);
        boolean hasScaled;
    }

    /**
     * Lists and checks the files of the scope, but for those of corrections.
     *
     * @throws LedgerFailure naming the first file that is not what it should be
     */
    static LedgerCatalog read(Disk disk, DuckDb duck, LedgerScope scope) {
        var catalog = new LedgerCatalog(duck, scope.definition().name(), false, List.of());
        return catalog.filled(disk, scope.parts());
    }

    /** As {@link #read}, of corrections alone. */
    static LedgerCatalog corrections(Disk disk, DuckDb duck, LedgerScope scope) {
        var lanes = scope.corrections().lanes();
        var catalog = new LedgerCatalog(duck, scope.definition().name(), true, lanes);
        return catalog.filled(disk, scope.corrections().parts());
    }

    private LedgerCatalog filled(Disk disk, List<LedgerScope.Part> parts) {
        for (LedgerScope.Part part : parts) {
            files.addAll(LedgerFiles.upTo(disk, part.ledger(), usage, part.frameMax()));
        }
        if (files.isEmpty()) {
            return this;
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
            String problem = problem(files, columns);
            if (problem == null) {
                return this;
            }
            throw culprit(List.of(this), problem, null);
        } catch (SQLException e) {
            throw culprit(List.of(this), reason(e), e);
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
        return table(files);
    }

    static String table(List<LedgerFile> files) {
        return "read_parquet(" + list(files) + ", union_by_name = true)";
    }

    /** Which of their rows count, as a condition of SQL. */
    String condition() {
        return corrects
                ? "lane IN ("
                        + lanes.stream().map(DuckDb::literal).collect(Collectors.joining(", "))
                        + ")"
                : "true";
    }

    /** The key columns and the length of bins of some files. */
    record Shape(Set<Field> keys, long binMs) {
        static Shape of(UsageDefinition definition) {
            return new Shape(Set.copyOf(definition.keys()), definition.binMs());
        }
    }

    /** Files of one shape, and whether some of them have scaled counters. */
    static final class Shaped {
        final List<LedgerFile> files = new ArrayList<>();
        boolean hasScaled;
    }

    /** The files by what rows they have: those of other times may have been other usage. */
    Map<Shape, Shaped> shapes() throws SQLException {
        Map<Shape, Shaped> shapes = new LinkedHashMap<>();
        if (files.isEmpty()) {
            return shapes;
        }
        Map<String, LedgerFile> byName = new HashMap<>();
        files.forEach(file -> byName.put(file.path().toString(), file));
        duck.query(
                """
                SELECT file_name, string_agg(name, ','), any_value(bin_ms) FROM (
                    SELECT file_name, name FROM parquet_schema(%s) WHERE type IS NOT NULL)
                JOIN (SELECT file_name, CAST(decode(value) AS BIGINT) AS bin_ms
                    FROM parquet_kv_metadata(%s) WHERE decode(key) = 'narwhal.bin_ms')
                USING (file_name) GROUP BY file_name ORDER BY file_name
                """
                        .formatted(list(files), list(files)),
                row -> {
                    String names = row.getString(2);
                    var shape = new Shape(keys(names), row.getLong(3));
                    Shaped shaped = shapes.computeIfAbsent(shape, _ -> new Shaped());
                    shaped.files.add(Objects.requireNonNull(byName.get(row.getString(1))));
                    shaped.hasScaled |= names.contains(RowTable.SCALED.getFirst());
                });
        return shapes;
    }

    private static Set<Field> keys(String columns) {
        Set<Field> keys = EnumSet.noneOf(Field.class);
        for (String column : columns.split(",")) {
            Field.of(column).filter(Field::isKey).ifPresent(keys::add);
        }
        return Set.copyOf(keys);
    }

    /** What is wrong with these files, or null; collects their columns. */
    private @Nullable String problem(List<LedgerFile> files, Columns columns) throws SQLException {
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
        return labelProblem(files);
    }

    private @Nullable String schemaProblem(String schema, Columns columns) {
        Map<String, String> fixed = corrects ? CORRECTION_COLUMNS : FIXED_COLUMNS;
        Set<String> missing = new HashSet<>(fixed.keySet());
        for (String column : schema.split(",")) {
            String name = column.substring(0, column.indexOf(' '));
            String type = column.substring(column.indexOf(' ') + 1);
            String sqlType = fixed.get(name);
            if (sqlType == null && RowTable.SCALED.contains(name)) {
                columns.hasScaled = true;
                sqlType = fixed.get("octets");
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

    private @Nullable String labelProblem(List<LedgerFile> files) throws SQLException {
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
            List<LedgerCatalog> catalogs, String problem, @Nullable Throwable cause) {
        for (LedgerCatalog catalog : catalogs) {
            for (LedgerFile file : catalog.files) {
                String own = catalog.problemOf(file);
                if (own != null) {
                    return new LedgerFailure(
                            "%s: not a whole file of the ledger: %s; put back a good copy, or move it away: then the rows of frame %d are missing"
                                    .formatted(file.path(), own, file.frameSequence()),
                            cause);
                }
            }
        }
        return new LedgerFailure(
                "usage " + catalogs.getFirst().usage + ": the ledger cannot be read: " + problem,
                cause);
    }

    private @Nullable String problemOf(LedgerFile file) {
        try {
            String own = problem(List.of(file), new Columns());
            if (own == null) {
                duck.query("SELECT * FROM read_parquet(" + list(List.of(file)) + ")", _ -> {});
            }
            return own;
        } catch (SQLException e) {
            return reason(e);
        }
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
