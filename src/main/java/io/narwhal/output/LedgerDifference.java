package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.record.Correction;
import io.narwhal.record.Field;
import io.narwhal.record.RowSink;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What rows that were computed again say more, or less, than the rows that are there, earlier
 * corrections included: bin by bin and key by key, as corrections. Both sides may be larger than
 * memory; DuckDB puts what does not fit into its work directory.
 *
 * <p>Rows that are there may be of another time of the same usage, with other keys or bins. Nothing
 * that is computed now stands against those, so they are taken back as they are.
 */
public final class LedgerDifference implements AutoCloseable {
    private static final String PENDING = "pending";
    private static final String PENDING_CORRECTIONS = "pending_corrections";
    private static final List<String> COUNTERS = List.of("octets", "packets", "flows");

    private final DuckDb duck;
    private final UsageDefinition definition;
    private final long fromMs;
    private final long toMs;
    private final String name;
    private final RowTable computed;

    /** Rows that are there have bins of another length, which the period cuts in two. */
    public static final class BinsCut extends RuntimeException {
        BinsCut(UsageDefinition usage, long binMs, long fromMs, long toMs) {
            super(
                    "usage %s had bins of %d s at that time and has bins of %d s now, and %s to %s begins or ends within one; give --from and --to at bounds of both: %s, %s"
                            .formatted(
                                    usage.name(),
                                    binMs / 1_000,
                                    usage.binMs() / 1_000,
                                    Instant.ofEpochMilli(fromMs),
                                    Instant.ofEpochMilli(toMs),
                                    Instant.ofEpochMilli(floor(fromMs, common(binMs, usage))),
                                    Instant.ofEpochMilli(-floor(-toMs, common(binMs, usage)))));
        }

        private static long common(long binMs, UsageDefinition usage) {
            var one = BigInteger.valueOf(binMs);
            var other = BigInteger.valueOf(usage.binMs());
            return one.multiply(other).divide(one.gcd(other)).longValueExact();
        }
    }

    /** What is there of one shape. */
    private static final class Source {
        final LedgerCatalog.Shaped rows = new LedgerCatalog.Shaped();
        final LedgerCatalog.Shaped corrections = new LedgerCatalog.Shaped();
        final List<UsageRows> pending = new ArrayList<>();
        final List<UsageRows> pendingCorrections = new ArrayList<>();
    }

    /**
     * Nothing is computed yet.
     *
     * @param number tells this one from others that are open on the same DuckDB
     * @param fromMs bins that begin at or after it count, ms since 1970
     * @param toMs bins that begin before it count
     */
    public LedgerDifference(
            DuckDb duck, int number, UsageDefinition definition, long fromMs, long toMs) {
        this.duck = duck;
        this.definition = definition;
        this.fromMs = fromMs;
        this.toMs = toMs;
        this.name = "computed_" + number;
        try {
            this.computed = new RowTable(duck, name, definition.keys(), definition.scaled());
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Takes rows that were computed now, of this very definition. */
    public void computed(UsageRows rows) {
        try {
            computed.append(rows, fromMs, toMs);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Hands on what differs. To be called once, when all is computed.
     *
     * @param scope the rows that are there, of one lane
     * @param correction where the corrections come from
     * @throws BinsCut when the period cuts bins of another length; what was handed on is void
     * @throws LedgerFailure naming the file, when one is damaged or foreign
     */
    public Differing write(
            Disk disk, LedgerScope scope, Correction correction, RowSink corrections) {
        LedgerCatalog rows = LedgerCatalog.read(disk, duck, scope);
        LedgerCatalog corrected = LedgerCatalog.corrections(disk, duck, scope);
        try {
            computed.finish();
            var differing = new Differing();
            for (var source : sources(rows, corrected, scope).entrySet()) {
                write(
                        source.getKey(),
                        source.getValue(),
                        corrected,
                        frames -> new CorrectionFrames(frames, correction, corrections, differing));
            }
            return differing;
        } catch (SQLException e) {
            throw LedgerCatalog.culprit(List.of(rows, corrected), LedgerCatalog.reason(e), e);
        }
    }

    private Map<LedgerCatalog.Shape, Source> sources(
            LedgerCatalog rows, LedgerCatalog corrected, LedgerScope scope) throws SQLException {
        Map<LedgerCatalog.Shape, Source> sources = new LinkedHashMap<>();
        sources.put(LedgerCatalog.Shape.of(definition), new Source());
        rows.shapes().forEach((shape, found) -> add(found, of(sources, shape).rows));
        corrected.shapes().forEach((shape, found) -> add(found, of(sources, shape).corrections));
        for (UsageRows one : scope.pending()) {
            of(sources, LedgerCatalog.Shape.of(one.definition())).pending.add(one);
        }
        for (UsageRows one : scope.corrections().pending()) {
            of(sources, LedgerCatalog.Shape.of(one.definition())).pendingCorrections.add(one);
        }
        return sources;
    }

    private static Source of(Map<LedgerCatalog.Shape, Source> sources, LedgerCatalog.Shape shape) {
        return sources.computeIfAbsent(shape, _ -> new Source());
    }

    private static void add(LedgerCatalog.Shaped found, LedgerCatalog.Shaped to) {
        to.files.addAll(found.files);
        to.hasScaled |= found.hasScaled;
    }

    /** Makes frames of a definition. */
    private interface Framing {
        CorrectionFrames of(UsageDefinition definition);
    }

    private void write(
            LedgerCatalog.Shape shape, Source source, LedgerCatalog corrected, Framing framing)
            throws SQLException {
        boolean current = shape.equals(LedgerCatalog.Shape.of(definition));
        UsageDefinition shaped = current ? definition : shaped(shape);
        try (var pending = table(PENDING, shaped, RowTable.Counters.UNSIGNED);
                var signed = table(PENDING_CORRECTIONS, shaped, RowTable.Counters.SIGNED)) {
            append(source.pending, pending);
            append(source.pendingCorrections, signed);
            if (shape.binMs() != definition.binMs()) {
                requireWholeBins(shape, shaped, source, corrected);
            }
            CorrectionFrames frames = framing.of(shaped);
            duck.query(
                    sql(shaped, current, source, corrected, fromMs, toMs),
                    row -> add(shaped, row, frames));
            frames.flush();
        }
    }

    private UsageDefinition shaped(LedgerCatalog.Shape shape) {
        List<Field> keys = shape.keys().stream().sorted().toList();
        return new UsageDefinition(
                definition.name(),
                keys,
                shape.binMs(),
                definition.closeAfterMs(),
                definition.scaled());
    }

    private RowTable table(String table, UsageDefinition shaped, RowTable.Counters counters)
            throws SQLException {
        return new RowTable(duck, table, shaped.keys(), shaped.scaled(), counters);
    }

    private static void append(List<UsageRows> frames, RowTable table) throws SQLException {
        for (UsageRows rows : frames) {
            table.append(rows);
        }
        table.finish();
    }

    // Where an edge of the period lies within a bin, old or new, one side would have what the
    // other side has not.
    private void requireWholeBins(
            LedgerCatalog.Shape shape,
            UsageDefinition shaped,
            Source source,
            LedgerCatalog corrected)
            throws SQLException {
        for (long edgeMs : new long[] {fromMs, toMs}) {
            long begin = floor(edgeMs, shape.binMs());
            long end = -floor(-edgeMs, definition.binMs());
            if (begin == end) {
                continue;
            }
            boolean[] found = {false};
            duck.query(
                    sql(shaped, false, source, corrected, begin, end) + " LIMIT 1",
                    _ -> found[0] = true);
            if (found[0]) {
                throw new BinsCut(definition, shape.binMs(), fromMs, toMs);
            }
        }
    }

    private static long floor(long ms, long binMs) {
        return Math.floorDiv(ms, binMs) * binMs;
    }

    private String sql(
            UsageDefinition shaped,
            boolean current,
            Source source,
            LedgerCatalog corrected,
            long fromMs,
            long toMs) {
        List<String> parts = new ArrayList<>();
        String inBins = "bin_ms >= " + fromMs + " AND bin_ms < " + toMs;
        if (current) {
            parts.add(select(shaped, "bin_ms", "", shaped.scaled()) + " FROM " + name);
        }
        for (String table : List.of(PENDING, PENDING_CORRECTIONS)) {
            parts.add(
                    select(shaped, "bin_ms", "-", shaped.scaled())
                            + " FROM "
                            + table
                            + " WHERE "
                            + inBins);
        }
        files(shaped, source.rows, fromMs, toMs, "true").ifPresent(parts::add);
        files(shaped, source.corrections, fromMs, toMs, corrected.condition())
                .ifPresent(parts::add);
        String groups =
                Stream.concat(Stream.of("bin_ms"), labels(shaped))
                        .collect(Collectors.joining(", "));
        List<String> counters = counters(shaped);
        return "SELECT "
                + groups
                + counters.stream()
                        .map(counter -> ", sum(" + counter + ") AS " + counter)
                        .collect(Collectors.joining())
                + " FROM ("
                + String.join(" UNION ALL ", parts)
                + ") GROUP BY "
                + groups
                + " HAVING "
                + counters.stream()
                        .map(counter -> "sum(" + counter + ") <> 0")
                        .collect(Collectors.joining(" OR "))
                + " ORDER BY "
                + Arrays.stream(groups.split(", "))
                        .map(group -> group + " NULLS FIRST")
                        .collect(Collectors.joining(", "));
    }

    private static Optional<String> files(
            UsageDefinition shaped,
            LedgerCatalog.Shaped files,
            long fromMs,
            long toMs,
            String condition) {
        if (files.files.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                select(shaped, "epoch_ms(bin_start) AS bin_ms", "-", files.hasScaled)
                        + " FROM "
                        + LedgerCatalog.table(files.files)
                        + " WHERE "
                        + condition
                        + " AND "
                        + LedgerQuery.calendarBounds(fromMs, toMs));
    }

    /**
     * One side of the difference; rows of a time when nothing was scaled have no scaled counters.
     */
    private static String select(
            UsageDefinition shaped, String bin, String sign, boolean hasScaled) {
        List<String> values = new ArrayList<>(COUNTERS);
        if (shaped.scaled()) {
            values.add(hasScaled ? "coalesce(octets_scaled, 0)" : "0");
            values.add(hasScaled ? "coalesce(packets_scaled, 0)" : "0");
            values.add(hasScaled ? "coalesce(flows_unscaled, flows)" : "flows");
        }
        List<String> counters = counters(shaped);
        var select = new StringBuilder("SELECT ").append(bin);
        for (Field key : shaped.keys()) {
            String label = RowTable.quoted(key.label());
            select.append(", ")
                    .append(isText(key) ? "coalesce(" + label + ", '') AS " + label : label);
        }
        for (int i = 0; i < values.size(); i++) {
            select.append(
                    ", %sCAST(%s AS HUGEINT) AS %s"
                            .formatted(sign, values.get(i), counters.get(i)));
        }
        return select.toString();
    }

    private static boolean isText(Field key) {
        return switch (key.kind()) {
            case ADDRESS, TEXT, DIRECTION, SAMPLING_SOURCE -> true;
            case INTEGER, TIME -> false;
        };
    }

    private static Stream<String> labels(UsageDefinition shaped) {
        return shaped.keys().stream().map(Field::label).map(RowTable::quoted);
    }

    private static List<String> counters(UsageDefinition shaped) {
        return shaped.scaled()
                ? Stream.concat(COUNTERS.stream(), RowTable.SCALED.stream()).toList()
                : COUNTERS;
    }

    private static void add(UsageDefinition shaped, ResultSet row, CorrectionFrames frames)
            throws SQLException {
        frames.begin(row.getLong(1));
        int column = 2;
        for (int key = 0; key < shaped.keys().size(); key++) {
            if (isText(shaped.keys().get(key))) {
                frames.text(key, row.getString(column++));
            } else {
                frames.number(key, row.getLong(column++)); // 0 when absent
            }
        }
        List<BigInteger> counters = new ArrayList<>();
        for (int i = 0; i < counters(shaped).size(); i++) {
            counters.add((BigInteger) row.getObject(column++));
        }
        frames.end(counters);
    }

    private LedgerFailure failed(SQLException e) {
        return new LedgerFailure(
                "usage " + definition.name() + ": DuckDB does not take the rows computed: " + e, e);
    }

    /** Forgets what was computed. */
    @Override
    public void close() {
        try {
            computed.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }
}
