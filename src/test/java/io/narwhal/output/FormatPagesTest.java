package io.narwhal.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Correction;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** The pages under docs/formats say what the code does. */
class FormatPagesTest {
    private static final Path PAGES = Path.of("docs", "formats");
    private static final long BIN = 1_795_341_900_000L; // 2026-11-22T10:05:00Z

    @TempDir Path directory;

    @Test
    void theHexExampleOfUsageIsReadAndWrittenToTheSameBytes() throws IOException {
        byte[] bytes = exampleBytes(0);
        var in = new StateReader(bytes);
        UsageRows rows = UsageRows.read(in);
        in.expectEnd();

        assertThat(rows.definition())
                .isEqualTo(
                        new UsageDefinition(
                                "by-customer",
                                List.of(Field.SRC_ADDR, Field.CUSTOMER, Field.PROTOCOL),
                                60_000,
                                300_000));
        assertThat(rows.kind()).isEqualTo(UsageRows.Kind.CLOSED);
        assertThat(rows.size()).isEqualTo(2);
        assertThat(line(rows, 0)).isEqualTo(BIN + " 192.0.2.1 acme 6 1500 2 1");
        assertThat(line(rows, 1))
                .isEqualTo(BIN + 60_000 + " 2001:db8::1  17 18446744073709551615 3 0");
        var out = new StateWriter(64);
        rows.write(out);
        assertThat(out.toBytes()).isEqualTo(bytes);
    }

    @Test
    void theHexExampleOfScaledUsageIsReadAndWrittenToTheSameBytes() throws IOException {
        byte[] bytes = exampleBytes(1);
        var in = new StateReader(bytes);
        UsageRows rows = UsageRows.read(in);
        in.expectEnd();

        assertThat(rows.definition())
                .isEqualTo(
                        new UsageDefinition("all", List.of(Field.PROTOCOL), 60_000, 300_000, true));
        assertThat(rows.octets(0)).isEqualTo(1500);
        assertThat(rows.octetsScaled(0)).isEqualTo(1_400_000);
        assertThat(rows.packetsScaled(0)).isEqualTo(2000);
        assertThat(rows.flowsUnscaled(0)).isEqualTo(1);
        var out = new StateWriter(64);
        rows.write(out);
        assertThat(out.toBytes()).isEqualTo(bytes);
    }

    @Test
    void theHexExampleOfACorrectionIsReadAndWrittenToTheSameBytes() throws IOException {
        byte[] bytes = exampleBytes(2);
        var in = new StateReader(bytes);
        UsageRows rows = UsageRows.read(in);
        in.expectEnd();

        assertThat(rows.kind()).isEqualTo(UsageRows.Kind.CORRECTION);
        assertThat(rows.correction()).contains(new Correction(2, "flows", "why"));
        assertThat(rows.text(0, 0)).isEqualTo("acme");
        assertThat(rows.octets(0)).isEqualTo(-1500);
        assertThat(rows.packets(0)).isEqualTo(-2);
        assertThat(rows.flows(0)).isEqualTo(-1);
        var out = new StateWriter(64);
        rows.write(out);
        assertThat(out.toBytes()).isEqualTo(bytes);
    }

    private static byte[] exampleBytes(int example) throws IOException {
        var hex = new StringBuilder();
        var words = Pattern.compile("^((?:[0-9a-f]{2})+(?: (?:[0-9a-f]{2})+)*) {2,}\\S.*$");
        for (String line : blocks("usage.md", "hex").get(example).lines().toList()) {
            var match = words.matcher(line);
            assertThat(match.matches()).as(line).isTrue();
            hex.append(match.group(1).replace(" ", ""));
        }
        return HexFormat.of().parseHex(hex);
    }

    private static String line(UsageRows rows, int row) {
        return String.join(
                " ",
                Long.toString(rows.binStartMs(row)),
                rows.text(row, 0),
                rows.text(row, 1),
                rows.text(row, 2),
                Long.toUnsignedString(rows.octets(row)),
                Long.toUnsignedString(rows.packets(row)),
                Long.toUnsignedString(rows.flows(row)));
    }

    @Test
    void theColumnsOfTheLedgerAreThoseOfAFileWithEveryKey() throws Exception {
        var usage = new UsageDefinition("all", Field.keys(), 60_000, 0, true);
        List<String> columns = new ArrayList<>();
        try (var duck = Usages.open(directory)) {
            commit(duck, 1, Usages.rows(usage));
            duck.query(
                    "DESCRIBE SELECT * FROM read_parquet("
                            + DuckDb.literal(directory + "/all/*.parquet")
                            + ")",
                    row -> columns.add(row.getString(1) + " | " + row.getString(2)));
        }

        List<String> documented =
                Pattern.compile("^\\| ([a-z_]+ \\| [A-Z ]+) \\|", Pattern.MULTILINE)
                        .matcher(page("ledger.md"))
                        .results()
                        .map(match -> match.group(1))
                        .toList();
        assertThat(columns).isEqualTo(documented);
    }

    @Test
    void theSqlOfTheLedgerPageRuns() throws Exception {
        var usage = Usages.definition("by-customer", Field.CUSTOMER);
        var before = Usages.definition("by-customer", Field.CUSTOMER, Field.VLAN);
        List<String> sql = blocks("ledger.md", "sql");
        try (var duck = Usages.open(directory)) {
            commit(duck, 1, Usages.rows(before, Usages.row(BIN, -1, 1, 1, "acme", 7)));
            commit(
                    duck,
                    3,
                    Usages.rows(
                            usage, Usages.row(BIN, 1, 1, 1, "acme"), Usages.row(BIN, 5, 1, 1, "")));

            assertThat(run(duck, sql.get(0)))
                    .containsExactly(
                            "2026-11-22T10:05Z,,5,1,1",
                            "2026-11-22T10:05Z,acme,18446744073709551616,2,2");
            assertThat(run(duck, sql.get(1))).containsExactly("1,1,1,1", "3,2,2,2");
        }
        assertThat(sql).hasSize(2);
    }

    private void commit(DuckDb duck, long frame, UsageRows rows) {
        new LedgerWriter(Disk.system(), directory, new DuckDbEncoder(Disk.system(), duck))
                .commit(frame, rows);
    }

    private List<String> run(DuckDb duck, String sql) throws Exception {
        List<String> lines = new ArrayList<>();
        duck.query(
                sql.replace("'ledger/", "'" + directory + "/"),
                row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getObject(i).toString());
                    }
                    lines.add(String.join(",", values));
                });
        return lines;
    }

    private static String page(String name) throws IOException {
        return Files.readString(PAGES.resolve(name));
    }

    /** The fenced blocks of a language. */
    private static List<String> blocks(String name, String language) throws IOException {
        return Pattern.compile(
                        "^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(page(name))
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
