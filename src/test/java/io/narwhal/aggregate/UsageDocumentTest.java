package io.narwhal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Dictionary;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What docs/operations/usage.md promises is what the code does. */
class UsageDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/operations/usage.md");

    @Test
    void r46_r47_theWorkedExampleIsWhatComesOut() throws IOException {
        List<List<String>> dated =
                cells().stream().filter(cells -> cells.getFirst().startsWith("2026-")).toList();
        assertThat(dated).hasSize(4);
        List<String> record = dated.getFirst();
        var definition = new UsageDefinition("total", List.of(), 60_000, 300_000);
        var dictionary = new Dictionary();
        var usage = new Aggregation(definition, AggregationLimits.DEFAULT);
        var flow =
                Flow.at(
                        Instant.parse(record.get(0)).toEpochMilli(),
                        Instant.parse(record.get(1)).toEpochMilli(),
                        Long.parseLong(record.get(2)),
                        Long.parseLong(record.get(3)));
        var out = new RowCollector();
        usage.shard(0, dictionary)
                .onBlock(Flow.block(Aggregation.columns(definition), List.of(flow), dictionary));
        usage.closeAll(out);

        List<String> expected =
                dated.subList(1, 4).stream()
                        .map(
                                row ->
                                        "partial %d %s %s %s"
                                                .formatted(
                                                        Instant.parse(row.get(0)).toEpochMilli(),
                                                        row.get(1),
                                                        row.get(2),
                                                        row.get(3)))
                        .toList();
        assertThat(out.lines()).isEqualTo(expected);
    }

    @Test
    void theLimitsAreThoseInForce() throws IOException {
        var limits = AggregationLimits.DEFAULT;
        assertThat(cells().stream().filter(cells -> cells.size() == 3).map(cells -> cells.get(1)))
                .contains(
                        number(limits.openKeysMax()),
                        number(limits.openBinsMax()),
                        number(limits.spanBinsMax()),
                        number(UsageRows.ROWS_MAX));
    }

    @Test
    void everyKindOfRowsIsExplained() throws IOException {
        List<String> explained = cells().stream().map(List::getFirst).toList();
        for (UsageRows.Kind kind : UsageRows.Kind.values()) {
            assertThat(explained).contains("`" + kind.label() + "`");
        }
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static List<List<String>> cells() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (line.startsWith("| ")) {
                rows.add(
                        Arrays.stream(line.substring(1, line.length() - 1).split("\\|"))
                                .map(String::strip)
                                .toList());
            }
        }
        return rows;
    }
}
