package io.narwhal.inspect;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.component.CorrectionRuns;
import io.narwhal.component.LaneHead;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.output.LedgerScope;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The corrections that count: those of all runs that came to their end, whether the ledger has them
 * yet or not.
 *
 * @param runs the runs
 * @param ledger directory of the ledger that has them
 * @param undelivered their frames that the ledger need not have yet
 * @param deliveredFrame sequence of the frame before those: the ledger has all up to it
 */
public record CorrectionsView(
        CorrectionRuns runs, Path ledger, List<UsageRows> undelivered, long deliveredFrame) {
    static CorrectionsView read(NodeLayout layout, Disk disk, String output) {
        RuntimeException last = null;
        for (int i = 0; i < LaneView.TRIES; i++) {
            try {
                return tryRead(layout, disk, output);
            } catch (DiskFailure | JournalTrimmed e) {
                last = e; // a segment was deleted between listing and reading it
            }
        }
        Check.that(last != null, "a try that failed has a reason");
        throw last;
    }

    private static CorrectionsView tryRead(NodeLayout layout, Disk disk, String output) {
        Path journal = layout.usage(NodeConfig.REPROCESS);
        // Before the list, so that the list is at least as new.
        long delivered = JournalReader.acknowledged(disk, journal, output);
        CorrectionRuns runs = CorrectionRuns.load(disk, layout);
        if (delivered > Math.max(runs.position(), JournalPosition.FIRST_FRAME)) {
            throw new LaneView.CheckpointLost(
                    "the ledger has corrections up to byte "
                            + delivered
                            + " of "
                            + journal
                            + ", but "
                            + layout.reprocess().resolve(CorrectionRuns.FILE)
                            + " knows of "
                            + runs.position()
                            + " bytes only; restore both from one backup");
        }
        List<UsageRows> undelivered = new ArrayList<>();
        var head = new LaneHead(JournalPosition.BEGINNING, runs.end(), runs.lastFrame());
        long frame = LaneView.undelivered(disk, journal, delivered, head, undelivered);
        Path ledger = layout.ledger(output).resolve(NodeConfig.REPROCESS);
        return new CorrectionsView(runs, ledger, undelivered, frame);
    }

    /** Those of a usage and of some lanes. */
    LedgerScope.Corrections of(UsageDefinition definition, List<String> lanes) {
        if (runs.runs().isEmpty()) {
            return LedgerScope.Corrections.NONE;
        }
        return new LedgerScope.Corrections(
                List.of(new LedgerScope.Part(ledger, deliveredFrame)),
                undelivered.stream()
                        .filter(rows -> rows.definition().name().equals(definition.name()))
                        .toList(),
                lanes);
    }
}
