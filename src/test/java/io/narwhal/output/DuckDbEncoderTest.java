package io.narwhal.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Disk;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

class DuckDbEncoderTest {
    private static final long BIN = 1_795_341_900_000L; // 2026-11-22T10:05:00Z

    @TempDir Path directory;
    private DuckDb duck;

    @BeforeEach
    void open() {
        duck = Usages.open(directory);
    }

    @AfterEach
    void close() {
        duck.close();
    }

    @Test
    void everyKeyFieldComesBackAsWritten() throws Exception {
        List<Object> keys = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (Field key : Field.keys()) {
            switch (key.kind()) {
                case ADDRESS -> {
                    String text = keys.isEmpty() ? "192.0.2.255" : "2001:db8::ffff:" + keys.size();
                    keys.add(text);
                    expected.add(text);
                }
                case TEXT -> {
                    keys.add("Zoë 'n \"co\" \uD83D\uDC33 " + key.label());
                    expected.add((String) keys.getLast());
                }
                case DIRECTION -> {
                    keys.add(Field.DOWN);
                    expected.add("down");
                }
                case SAMPLING_SOURCE -> throw new AssertionError("no key");
                case INTEGER, TIME -> {
                    keys.add(-1L >>> (64 - key.bits()));
                    expected.add(keys.getLast().toString());
                }
            }
        }
        var definition = new UsageDefinition("all", Field.keys(), 60_000, 0);
        var rows = Usages.rows(definition, new Usages.Row(BIN, keys, 1, 2, 3));

        String labels = String.join(", ", Field.keys().stream().map(Field::label).toList());
        assertThat(read(encode(7, rows), labels)).containsExactly(expected);
    }

    @Test
    void countersAreExactUpToTheLastOfSixtyFourBits() throws Exception {
        var definition = Usages.definition("total");
        var rows =
                Usages.rows(
                        definition,
                        Usages.row(BIN, Long.MAX_VALUE, Long.MIN_VALUE, -1),
                        Usages.row(BIN, -1, -1, -1));

        assertThat(read(encode(0, rows), "octets, packets, flows"))
                .containsExactly(
                        List.of(
                                "9223372036854775807",
                                "9223372036854775808",
                                "18446744073709551615"),
                        List.of(
                                "18446744073709551615",
                                "18446744073709551615",
                                "18446744073709551615"));
        assertThat(read(directory.resolve("0.parquet"), "sum(octets), sum(packets)"))
                .containsExactly(List.of("27670116110564327422", "27670116110564327423"));
    }

    @Test
    void aRowSaysWhatItIsAndWhereItCameFrom_R28() throws Exception {
        var rows = new UsageRows(Usages.definition("total"), UsageRows.Kind.LATE);
        Usages.add(rows, Usages.row(BIN, 1, 1, 1));
        Usages.add(rows, Usages.row(BIN + 60_000, 2, 2, 2));

        assertThat(read(encode(42, rows), "kind, frame, \"row\", epoch_ms(bin_start), bin_end"))
                .containsExactly(
                        List.of("late", "42", "0", Long.toString(BIN), "2026-11-22T10:06Z"),
                        List.of(
                                "late",
                                "42",
                                "1",
                                Long.toString(BIN + 60_000),
                                "2026-11-22T10:07Z"));
    }

    @Test
    void anUnknownSamplingRateIsNullAndAnEmptyAddressIsEmpty() throws Exception {
        var definition = Usages.definition("s", Field.SAMPLING_RATE, Field.SRC_ADDR);
        var rows = Usages.rows(definition, Usages.row(BIN, 1, 1, 1, 0, ""));

        assertThat(read(encode(1, rows), "sampling_rate IS NULL, src_addr = ''"))
                .containsExactly(List.of("true", "true"));
    }

    @Test
    void aTextThatDevicesSentComesBackWhateverIsInIt() throws Exception {
        var definition = Usages.definition("s", Field.SUBSCRIBER);
        String odd = "a\u0000b\r\n\t\"',\\\uFFFD";
        var rows =
                Usages.rows(
                        definition,
                        Usages.row(BIN, 1, 1, 1, odd),
                        Usages.row(BIN, 1, 1, 1, "x".repeat(70_000)));

        assertThat(read(encode(1, rows), "subscriber"))
                .containsExactly(List.of(odd), List.of("x".repeat(70_000)));
    }

    @Test
    void aBinBeyondTheCalendarIsRefusedAndTheNextFrameIsNot() throws Exception {
        var definition = Usages.definition("t");
        var absurd = Usages.rows(definition, Usages.row(Long.MAX_VALUE - 100_000, 1, 1, 1));

        assertThatThrownBy(() -> encode(5, absurd))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageStartingWith("usage t, frame 5: cannot be written as Parquet: ");
        var good = Usages.rows(definition, Usages.row(BIN, 1, 1, 1));
        assertThat(read(encode(6, good), "octets")).containsExactly(List.of("1"));
    }

    @Test
    void theFileIsLabelledWithUsageBinFrameAndVersion() throws Exception {
        Path file = encode(9, Usages.rows(Usages.definition("it-is")));
        List<String> labels = new ArrayList<>();
        duck.query(
                "SELECT decode(key) || '=' || decode(value) FROM parquet_kv_metadata("
                        + DuckDb.literal(file.toString())
                        + ") ORDER BY 1",
                row -> labels.add(row.getString(1)));

        assertThat(labels)
                .containsExactly(
                        "narwhal.bin_ms=60000",
                        "narwhal.format=1",
                        "narwhal.frame=9",
                        "narwhal.usage=it-is");
    }

    @Test
    void nothingRemainsInTheWorkDirectory() throws Exception {
        encode(1, Usages.rows(Usages.definition("t"), Usages.row(BIN, 1, 1, 1)));

        try (var left = Files.list(directory.resolve("work"))) {
            assertThat(left).isEmpty();
        }
    }

    private Path encode(long frame, UsageRows rows) throws IOException {
        byte[] bytes = new DuckDbEncoder(Disk.system(), duck).encode(frame, rows);
        return Files.write(directory.resolve(frame + ".parquet"), bytes);
    }

    private List<List<String>> read(Path file, String columns) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        duck.query(
                "SELECT " + columns + " FROM read_parquet(" + DuckDb.literal(file.toString()) + ")",
                row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(String.valueOf(row.getObject(i)));
                    }
                    rows.add(values);
                });
        return rows;
    }
}
