package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFull;
import io.narwhal.record.Correction;
import io.narwhal.record.Field;
import io.narwhal.record.UsageRows;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Collectors;

/** Parquet by DuckDB: zstd pages, rows in the order of the frame. One thread at a time. */
public final class DuckDbEncoder implements ParquetEncoder {
    /** Version of the columns and names in docs/formats/ledger.md. */
    static final int FORMAT_VERSION = 1;

    private static final String TABLE = "encoding";

    private final Disk disk;
    private final DuckDb duck;

    /** Encodes with this DuckDB, which stays the caller's to close. */
    public DuckDbEncoder(Disk disk, DuckDb duck) {
        this.disk = disk;
        this.duck = duck;
    }

    @Override
    public byte[] encode(long frameSequence, UsageRows rows) {
        Path file =
                duck.settings()
                        .workDirectory()
                        .resolve("encode-" + LedgerFiles.name(frameSequence) + LedgerFiles.SUFFIX);
        try {
            try (var table =
                    new RowTable(
                            duck,
                            TABLE,
                            rows.definition().keys(),
                            rows.definition().scaled(),
                            rows.correction().isPresent()
                                    ? RowTable.Counters.SIGNED
                                    : RowTable.Counters.UNSIGNED)) {
                table.append(rows);
                table.finish();
                duck.execute(copy(frameSequence, rows, file));
            }
            return read(file);
        } catch (SQLException e) {
            throw failure(frameSequence, rows, file, e);
        } finally {
            disk.delete(file);
        }
    }

    private static String copy(long frameSequence, UsageRows rows, Path file) {
        var definition = rows.definition();
        String keys =
                definition.keys().stream()
                        .map(Field::label)
                        .map(label -> RowTable.quoted(label) + ", ")
                        .collect(Collectors.joining());
        return """
        COPY (SELECT CAST(epoch_ms(bin_ms) AS TIMESTAMPTZ) AS bin_start,
                     CAST(epoch_ms(bin_ms + %d) AS TIMESTAMPTZ) AS bin_end,
                     %s octets, packets, flows, %s
                     %s AS kind, CAST(%d AS BIGINT) AS frame, "row"%s
              FROM %s ORDER BY "row")
        TO %s (FORMAT parquet, COMPRESSION zstd, KV_METADATA {
            'narwhal.format': '%d', 'narwhal.usage': %s, 'narwhal.bin_ms': '%d',
            'narwhal.frame': '%d'%s})
        """
                .formatted(
                        definition.binMs(),
                        keys,
                        definition.scaled() ? String.join(", ", RowTable.SCALED) + "," : "",
                        DuckDb.literal(rows.kind().label()),
                        frameSequence,
                        rows.correction().map(DuckDbEncoder::columns).orElse(""),
                        TABLE,
                        DuckDb.literal(file.toString()),
                        FORMAT_VERSION,
                        DuckDb.literal(definition.name()),
                        definition.binMs(),
                        frameSequence,
                        rows.correction()
                                .map(one -> ", 'narwhal.correction': '" + one.run() + "'")
                                .orElse(""));
    }

    // In every row, so that whoever reads the files sees why they are there.
    private static String columns(Correction correction) {
        return ", CAST(%d AS BIGINT) AS %s, %s AS lane, %s AS reason"
                .formatted(
                        correction.run(),
                        LedgerCatalog.CORRECTION,
                        DuckDb.literal(correction.lane()),
                        DuckDb.literal(correction.reason()));
    }

    private byte[] read(Path file) {
        try (var in = disk.open(file, Disk.Mode.READ)) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(in.size()));
            in.read(bytes, 0);
            return bytes.array();
        }
    }

    private static RuntimeException failure(
            long frameSequence, UsageRows rows, Path file, SQLException e) {
        String reason = String.valueOf(e.getMessage());
        if (reason.contains("No space left") || reason.contains("quota exceeded")) {
            return new DiskFull("cannot encode frame " + frameSequence + " into", file, e);
        }
        return new LedgerFailure(
                "usage "
                        + rows.definition().name()
                        + ", frame "
                        + frameSequence
                        + ": cannot be written as Parquet: "
                        + reason,
                e);
    }
}
