package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.config.NodeConfig;
import io.narwhal.wire.ElementTable;
import io.narwhal.wire.Registry;

import java.util.ArrayList;
import java.util.List;

/** The tables of information elements that a configuration names. */
public final class ElementTables {
    private ElementTables() {}

    /** What a table turned out to be, in the order of the configuration. */
    public static List<ElementTable.Outcome> read(NodeConfig config, Disk disk) {
        return config.elements().stream()
                .map(file -> ElementTable.read(file.toString(), SmallFile.read(disk, file)))
                .toList();
    }

    /** The names of all elements. */
    static Registry registry(NodeConfig config, Disk disk) {
        List<ElementTable> tables = new ArrayList<>();
        for (ElementTable.Outcome outcome : read(config, disk)) {
            switch (outcome) {
                case ElementTable.Outcome.Loaded(ElementTable table, List<?> _) ->
                        tables.add(table);
                case ElementTable.Outcome.Refused(List<ElementTable.Problem> problems) ->
                        throw new Unusable(problems.getFirst());
            }
        }
        return Registry.shipped().with(tables);
    }

    /** A table cannot be used. The message says where and what next. */
    public static final class Unusable extends RuntimeException {
        Unusable(ElementTable.Problem problem) {
            super(
                    "the table of elements cannot be used: "
                            + problem
                            + " (see all with: narwhal check)");
        }
    }
}
