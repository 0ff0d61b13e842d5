package io.narwhal.aggregate;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.RowSink;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageRows;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Keeps every frame as the bytes that a journal would hold. */
final class RowCollector implements RowSink {
    final List<byte[]> frames = new ArrayList<>();
    final Tally sum = new Tally();

    @Override
    public void onRows(UsageRows rows) {
        if (rows.size() == 0) {
            throw new AssertionError("a frame has rows");
        }
        var out = new StateWriter(64);
        rows.write(out);
        frames.add(out.toBytes());
        for (int row = 0; row < rows.size(); row++) {
            sum.add(rows.flows(row), rows.packets(row), rows.octets(row));
        }
    }

    List<UsageRows> rows() {
        return frames.stream().map(frame -> UsageRows.read(new StateReader(frame))).toList();
    }

    List<String> hex() {
        return frames.stream().map(HexFormat.of()::formatHex).toList();
    }

    /** One line a row: {@code kind bin-start-ms keys octets packets flows}. */
    List<String> lines() {
        return rows().stream()
                .flatMap(rows -> IntStream.range(0, rows.size()).mapToObj(row -> line(rows, row)))
                .toList();
    }

    private static String line(UsageRows rows, int row) {
        String keys =
                IntStream.range(0, rows.layout().fields().size())
                        .mapToObj(field -> rows.text(row, field) + " ")
                        .collect(Collectors.joining());
        return "%s %d %s%s %s %d"
                .formatted(
                        rows.kind().label(),
                        rows.binStartMs(row),
                        keys,
                        Long.toUnsignedString(rows.octets(row)),
                        Long.toUnsignedString(rows.packets(row)),
                        rows.flows(row));
    }
}
