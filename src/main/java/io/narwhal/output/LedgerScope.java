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
 * @param corrections what corrects them
 */
public record LedgerScope(
        List<Part> parts,
        UsageDefinition definition,
        List<UsageRows> pending,
        Corrections corrections) {
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

    /**
     * Rows of corrections: signed, and each of one lane.
     *
     * @param parts the directory of the ledger that has them; none when there is none
     * @param pending rows in addition, of the usage and of any lane
     * @param lanes those of other lanes do not count
     */
    public record Corrections(List<Part> parts, List<UsageRows> pending, List<String> lanes) {
        /** Nothing was ever corrected. */
        public static final Corrections NONE = new Corrections(List.of(), List.of(), List.of());

        public Corrections {
            parts = List.copyOf(parts);
            lanes = List.copyOf(lanes);
            List<String> counted = lanes;
            pending =
                    pending.stream()
                            .filter(
                                    rows ->
                                            rows.correction()
                                                    .filter(one -> counted.contains(one.lane()))
                                                    .isPresent())
                            .toList();
        }
    }

    public LedgerScope {
        parts = List.copyOf(parts);
        pending = List.copyOf(pending);
    }

    /** Without corrections. */
    public LedgerScope(List<Part> parts, UsageDefinition definition, List<UsageRows> pending) {
        this(parts, definition, pending, Corrections.NONE);
    }
}
