package io.narwhal.output;

import io.narwhal.base.Disk;
import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.KeyLayout;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Usage rows for tests, from values as people write them. */
final class Usages {
    private Usages() {}

    static DuckDb open(Path directory) {
        return DuckDb.open(
                Disk.system(),
                new DuckDb.Settings(Path.of("target/native"), directory.resolve("work"), 1, 256));
    }

    static UsageDefinition definition(String name, Field... keys) {
        return new UsageDefinition(name, List.of(keys), 60_000, 300_000);
    }

    static UsageRows rows(UsageDefinition definition, Row... rows) {
        var result = new UsageRows(definition, UsageRows.Kind.CLOSED);
        Arrays.stream(rows).forEach(row -> add(result, row));
        return result;
    }

    /** A row; keys as text for addresses and texts, otherwise numbers. */
    record Row(long binMs, List<Object> keys, long octets, long packets, long flows) {}

    static Row row(long binMs, long octets, long packets, long flows, Object... keys) {
        return new Row(binMs, List.of(keys), octets, packets, flows);
    }

    static void add(UsageRows rows, Row row) {
        KeyLayout layout = rows.layout();
        var dictionary = new Dictionary();
        long[] key = new long[layout.width()];
        for (int field = 0; field < layout.fields().size(); field++) {
            Object value = row.keys().get(field);
            switch (layout.fields().get(field).kind()) {
                case ADDRESS -> {
                    InetAddress address = address((String) value);
                    layout.pack(
                            field,
                            new long[] {Addresses.low(address)},
                            new long[] {Addresses.high(address)},
                            1,
                            key);
                }
                case TEXT -> layout.set(field, key, 0, dictionary.number((String) value));
                case INTEGER, TIME, DIRECTION, SAMPLING_SOURCE ->
                        layout.set(field, key, 0, ((Number) value).longValue());
            }
        }
        rows.add(row.binMs(), key, 0, dictionary, row.octets(), row.packets(), row.flows());
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text.isEmpty() ? "::" : text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
