package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.config.CustomersConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;
import io.narwhal.enhance.CustomerTable;

import java.util.List;

/** Reads the customers table, every line of it. */
record CustomersValidation(Disk disk) implements Validation {
    @Override
    public List<Problem> problems(NodeConfig config) {
        CustomersConfig customers = config.enhance().customers();
        if (customers == null) {
            return List.of();
        }
        byte[] csv = SmallFile.read(disk, customers.table());
        return switch (CustomerTable.read(customers.table().toString(), csv)) {
            case CustomerTable.Outcome.Loaded(CustomerTable _, List<?> _) -> List.of();
            case CustomerTable.Outcome.Refused(List<CustomerTable.Problem> problems) ->
                    problems.stream()
                            .map(one -> new Problem(one.file(), (int) one.line(), 1, one.message()))
                            .toList();
        };
    }
}
