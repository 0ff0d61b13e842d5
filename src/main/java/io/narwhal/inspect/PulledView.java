package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.PulledRows;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.output.LedgerScope;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Usage that agents accounted and this node delivers, whether the ledger has it yet or not.
 *
 * @param ledger directory of the ledger that has it
 * @param corrections directory of the ledger that has the agents' corrections
 * @param undelivered frames that the ledger need not have yet
 * @param deliveredFrame sequence of the frame before those: the ledger has all up to it
 */
record PulledView(Path ledger, Path corrections, List<UsageRows> undelivered, long deliveredFrame) {
    /** Of a node that pulls no usage. */
    private static final PulledView NONE =
            new PulledView(Path.of("none"), Path.of("none"), List.of(), -1);

    static PulledView read(NodeConfig config, Disk disk, String output) {
        if (!config.pulls(PullConfig.Journal.USAGE)) {
            return NONE;
        }
        RuntimeException last = new IllegalStateException("never tried");
        for (int i = 0; i < LaneView.TRIES; i++) {
            try {
                return tryRead(new NodeLayout(config.data()), disk, output);
            } catch (DiskFailure | JournalTrimmed e) {
                last = e; // a segment was deleted between listing and reading it
            }
        }
        throw last;
    }

    private static PulledView tryRead(NodeLayout layout, Disk disk, String output) {
        Path journal = layout.usage(NodeConfig.PULLED);
        long delivered = JournalReader.acknowledged(disk, journal, output);
        List<UsageRows> undelivered = new ArrayList<>();
        // Nothing behind: then all that the ledger has was there when we looked.
        long frame = Long.MAX_VALUE;
        try (var reader = JournalReader.open(disk, journal, delivered)) {
            JournalReader.Step step;
            while ((step = reader.next()) != JournalReader.Step.END) {
                if (step == JournalReader.Step.FRAME) {
                    frame = Math.min(frame, reader.sequence() - 1);
                    PulledRows.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength())
                            .ifPresent(undelivered::add);
                }
            }
        }
        return new PulledView(
                layout.ledger(output).resolve(NodeConfig.PULLED),
                layout.ledger(output).resolve(NodeLayout.PULLED_CORRECTIONS),
                undelivered,
                frame);
    }

    /** The scope with this usage besides. */
    LedgerScope addedTo(LedgerScope scope) {
        if (this == NONE) {
            return scope;
        }
        List<LedgerScope.Part> parts = new ArrayList<>(scope.parts());
        parts.add(new LedgerScope.Part(ledger, deliveredFrame));
        List<UsageRows> pending = new ArrayList<>(scope.pending());
        pending.addAll(undelivered(scope.definition(), false));
        return new LedgerScope(
                parts, scope.definition(), pending, corrections(scope, scope.corrections()));
    }

    private LedgerScope.Corrections corrections(LedgerScope scope, LedgerScope.Corrections before) {
        List<LedgerScope.Part> parts = new ArrayList<>(before.parts());
        parts.add(new LedgerScope.Part(corrections, deliveredFrame));
        List<UsageRows> pending = new ArrayList<>(before.pending());
        pending.addAll(undelivered(scope.definition(), true));
        List<String> lanes = new ArrayList<>(before.lanes());
        lanes.add(NodeConfig.PULLED);
        return new LedgerScope.Corrections(parts, pending, lanes);
    }

    private List<UsageRows> undelivered(UsageDefinition definition, boolean corrected) {
        return undelivered.stream()
                .filter(rows -> rows.definition().name().equals(definition.name()))
                .filter(rows -> rows.correction().isPresent() == corrected)
                .toList();
    }
}
