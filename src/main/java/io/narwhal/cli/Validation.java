package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;

import java.util.List;

/**
 * What can be wrong with a configuration beyond its own file, such as a row of the customers table.
 * A command that takes a configuration runs all of them before it does anything.
 */
@FunctionalInterface
interface Validation {
    /** What is wrong, each at its place; none when all is well. */
    List<Problem> problems(NodeConfig config);

    /** Every validation that the commands run. */
    static List<Validation> all() {
        return List.of(
                new CustomersValidation(Disk.system()),
                new ElementsValidation(Disk.system()),
                new DictionariesValidation(Disk.system()),
                new LinesValidation());
    }
}
