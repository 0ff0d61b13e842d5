package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.record.UsageRows;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * Exact totals over all rows of a usage, for the books.
 *
 * @param files files that count
 * @param rows rows in them and pending
 * @param octets exact, beyond 64 bits if need be
 * @param packets as octets
 * @param flows as octets
 */
public record LedgerSums(
        long files, long rows, BigInteger octets, BigInteger packets, BigInteger flows) {
    private static final String PENDING = "pending";

    /**
     * Sums all rows of the scope, but for corrections.
     *
     * @throws LedgerFailure naming the file, when one is damaged or foreign
     */
    public static LedgerSums of(Disk disk, DuckDb duck, LedgerScope scope) {
        LedgerCatalog catalog = LedgerCatalog.read(disk, duck, scope);
        return of(duck, catalog, scope.pending(), RowTable.Counters.UNSIGNED);
    }

    /** As {@link #of(Disk, DuckDb, LedgerScope)}, of corrections alone: sums may be negative. */
    public static LedgerSums ofCorrections(Disk disk, DuckDb duck, LedgerScope scope) {
        LedgerCatalog catalog = LedgerCatalog.corrections(disk, duck, scope);
        return of(duck, catalog, scope.corrections().pending(), RowTable.Counters.SIGNED);
    }

    private static LedgerSums of(
            DuckDb duck, LedgerCatalog catalog, List<UsageRows> rows, RowTable.Counters counters) {
        LedgerSums[] sums = new LedgerSums[1];
        try (var pending = new RowTable(duck, PENDING, List.of(), false, counters)) {
            for (UsageRows one : rows) {
                pending.append(one);
            }
            pending.finish();
            duck.query(sql(catalog), row -> sums[0] = read(catalog.files().size(), row));
        } catch (SQLException e) {
            throw LedgerCatalog.culprit(List.of(catalog), LedgerCatalog.reason(e), e);
        }
        return sums[0];
    }

    private static String sql(LedgerCatalog catalog) {
        String rows = "SELECT octets, packets, flows FROM " + PENDING;
        if (!catalog.files().isEmpty()) {
            rows +=
                    " UNION ALL SELECT octets, packets, flows FROM "
                            + catalog.table()
                            + " WHERE "
                            + catalog.condition();
        }
        return "SELECT count(*), coalesce(sum(octets), 0), coalesce(sum(packets), 0),"
                + " coalesce(sum(flows), 0) FROM ("
                + rows
                + ")";
    }

    private static LedgerSums read(long files, ResultSet row) throws SQLException {
        return new LedgerSums(
                files,
                row.getLong(1),
                (BigInteger) row.getObject(2),
                (BigInteger) row.getObject(3),
                (BigInteger) row.getObject(4));
    }
}
