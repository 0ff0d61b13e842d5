package io.narwhal.output;

import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.file.Path;
import java.util.List;

/**
 * Which rows count: a state of the ledger, and what is not in it yet.
 *
 * @param ledger the ledger's directory
 * @param definition the usage as it is defined now
 * @param frameMax files of later frames belong to a later state and are left out; -1 leaves out all
 * @param pending rows in addition: frames not yet delivered, bins still open
 */
public record LedgerScope(
        Path ledger, UsageDefinition definition, long frameMax, List<UsageRows> pending) {
    public LedgerScope {
        ledger = ledger.toAbsolutePath().normalize();
        pending = List.copyOf(pending);
    }
}
