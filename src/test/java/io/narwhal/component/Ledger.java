package io.narwhal.component;

import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateReader;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the ledger of a {@link World} adds up to.
 *
 * @param sums by usage, key and bin: flows, packets, octets
 */
record Ledger(SortedMap<String, SortedMap<String, SortedMap<Long, Tally>>> sums) {
    static Ledger of(SimulatedDisk disk) {
        var ledger = new Ledger(new TreeMap<>());
        Path root = World.LAYOUT.ledger("ledger");
        for (Path file : disk.files()) {
            if (file.startsWith(root) && file.toString().endsWith(".parquet")) {
                byte[] bytes = disk.bytes(file);
                ledger.add(UsageRows.read(new StateReader(bytes)));
            }
        }
        return ledger;
    }

    private void add(UsageRows rows) {
        for (int row = 0; row < rows.size(); row++) {
            var key = new StringBuilder();
            for (int field = 0; field < rows.definition().keys().size(); field++) {
                key.append(field > 0 ? "," : "").append(rows.text(row, field));
            }
            tally(rows.definition(), key.toString(), rows.binStartMs(row))
                    .add(rows.flows(row), rows.packets(row), rows.octets(row));
        }
    }

    private Tally tally(UsageDefinition definition, String key, long binMs) {
        return sums.computeIfAbsent(definition.name(), ignored -> new TreeMap<>())
                .computeIfAbsent(key, ignored -> new TreeMap<>())
                .computeIfAbsent(binMs, ignored -> new Tally());
    }

    /** The rows of one usage, by key and bin. */
    SortedMap<String, SortedMap<Long, Tally>> of(UsageDefinition definition) {
        return sums.getOrDefault(definition.name(), new TreeMap<>());
    }

    static Tally total(Iterable<? extends SortedMap<Long, Tally>> bins) {
        var total = new Tally();
        bins.forEach(each -> each.values().forEach(total::add));
        return total;
    }
}
