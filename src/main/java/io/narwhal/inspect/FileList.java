package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.collect.FilesState;
import io.narwhal.collect.TakenFile;
import io.narwhal.collect.TakenFiles;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.NodeConfig;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The usage files that the collectors of a node know. */
public final class FileList {
    private FileList() {}

    /**
     * A file.
     *
     * @param collector whose it is
     * @param number 1, 2, 3… in the order in which they were begun; 0: it was not begun
     * @param name in the directory of the collector
     * @param state {@code taking}, {@code taken}, {@code repeated}, {@code interrupted}, {@code
     *     changed} or {@code refused}
     * @param size bytes
     * @param lines lines of it that are in the journal
     * @param held of these, those that cannot be read and are held
     * @param began when it was begun, or refused, µs since 1970
     * @param ended when that ended, µs since 1970; 0: it has not
     * @param note what the operator may want to know; empty: nothing
     */
    public record Entry(
            String collector,
            long number,
            String name,
            String state,
            long size,
            long lines,
            long held,
            long began,
            long ended,
            String note) {}

    /** All of them: by collector in the order of the configuration, then by number. */
    public static List<Entry> of(NodeConfig config, Disk disk) {
        List<Entry> all = new ArrayList<>();
        for (CollectorConfig collector : config.collectors()) {
            if (collector.files() != null) {
                add(config, disk, collector.name(), all);
            }
        }
        return all;
    }

    private static void add(NodeConfig config, Disk disk, String collector, List<Entry> all) {
        var directory = new NodeLayout(config.data()).files(collector);
        // The state first: what ends meanwhile is then in the list.
        @Nullable FilesState state = FilesState.load(disk, directory).orElse(null);
        Map<Long, TakenFile> files = new TreeMap<>();
        TakenFile current = state == null ? null : state.current();
        if (current != null) {
            files.put(current.number(), current);
        }
        TakenFiles.read(
                disk,
                directory,
                one -> {
                    // One that was interrupted and is gone on with stands in both.
                    boolean goesOn =
                            current != null
                                    && one.number() == current.number()
                                    && one.state().isBroken()
                                    && one.lines() <= current.lines();
                    files.put(one.number(), goesOn ? current : one);
                });
        Map<Long, Long> held = held(config, disk, collector);
        for (TakenFile as : files.values()) {
            String note = as.note();
            all.add(
                    new Entry(
                            collector,
                            as.number(),
                            as.name(),
                            as.state().name().toLowerCase(Locale.ROOT),
                            as.size(),
                            as.lines(),
                            held.getOrDefault(as.number(), 0L),
                            as.began(),
                            as.ended(),
                            note == null ? "" : note));
        }
        if (state != null) {
            for (FilesState.Refused one : state.refused()) {
                all.add(
                        new Entry(
                                collector,
                                0,
                                one.name(),
                                "refused",
                                one.size(),
                                0,
                                0,
                                one.since(),
                                0,
                                one.why()));
            }
        }
    }

    private static Map<Long, Long> held(NodeConfig config, Disk disk, String collector) {
        String output = config.ledger();
        return LaneView.read(config, disk, collector, output).lane().heldLines();
    }
}
