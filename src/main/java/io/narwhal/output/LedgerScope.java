package io.narwhal.output;

import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.file.Path;
import java.util.List;

/**
 * Which rows count: a state of the ledger, and what is not in it yet.
 *
 * @param parts the directories of the ledger, one a collector
 * @param definition the usage as it is defined now
 * @param pending rows in addition: frames not yet delivered, bins still open
 */
public record LedgerScope(List<Part> parts, UsageDefinition definition, List<UsageRows> pending) {
    /**
     * A directory of the ledger.
     *
     * @param ledger the directory
     * @param frameMax files of later frames belong to a later state and are left out; -1 leaves out
     *     all
     */
    public record Part(Path ledger, long frameMax) {
        public Part {
            ledger = ledger.toAbsolutePath().normalize();
        }
    }

    public LedgerScope {
        parts = List.copyOf(parts);
        pending = List.copyOf(pending);
    }
}
