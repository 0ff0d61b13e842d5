package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;
import io.narwhal.inspect.ElementTables;
import io.narwhal.wire.ElementTable;

import java.util.List;
import java.util.stream.Stream;

/** Reads the tables of information elements, every line of them. */
record ElementsValidation(Disk disk) implements Validation {
    @Override
    public List<Problem> problems(NodeConfig config) {
        return ElementTables.read(config, disk).stream()
                .flatMap(
                        outcome ->
                                switch (outcome) {
                                    case ElementTable.Outcome.Loaded(ElementTable _, List<?> _) ->
                                            Stream.<Problem>of();
                                    case ElementTable.Outcome.Refused(
                                                    List<ElementTable.Problem> problems) ->
                                            problems.stream().map(ElementsValidation::problem);
                                })
                .toList();
    }

    private static Problem problem(ElementTable.Problem one) {
        return new Problem(one.file(), (int) one.line(), one.column(), one.message());
    }
}
