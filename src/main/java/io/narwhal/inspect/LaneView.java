package io.narwhal.inspect;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.StateReader;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.component.Lane;
import io.narwhal.component.LaneHead;
import io.narwhal.component.LaneRecovery;
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
 * One lane of accounting in the state of its newest checkpoint.
 *
 * @param collector whose lane it is
 * @param head where it stands in its journals
 * @param lane its context: a copy that is the caller's to change
 * @param undelivered the usage frames up to there that the ledger need not have yet
 * @param deliveredFrame sequence of the frame before those: the ledger has all up to it
 */
public record LaneView(
        String collector,
        LaneHead head,
        Lane lane,
        List<UsageRows> undelivered,
        long deliveredFrame) {

    /** The components wrote while we read, again and again. */
    static final int TRIES = 20;

    /** Reads the state of a lane. */
    static LaneView read(NodeConfig config, Disk disk, String collector, String output) {
        RuntimeException last = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                return tryRead(config, disk, collector, output);
            } catch (DiskFailure | JournalTrimmed e) {
                last = e; // a generation or segment was deleted between listing and reading it
            }
        }
        Check.that(last != null, "a try that failed has a reason");
        throw last;
    }

    private static LaneView tryRead(NodeConfig config, Disk disk, String collector, String output) {
        var layout = new NodeLayout(config.data());
        // Before the checkpoint, so that the checkpoint is at least as new.
        long delivered = JournalReader.acknowledged(disk, layout.usage(collector), output);
        var store =
                new CheckpointStore(
                        disk, layout.checkpoints(), LaneRecovery.checkpointName(collector));
        Loaded loaded = store.load();
        Lane.Work work = LaneRecovery.work(config, disk, collector);
        var state = LaneHead.bytes(loaded).map(StateReader::new);
        if (state.isEmpty()) {
            mustHaveNone(loaded, delivered, layout, collector);
            var head = new LaneHead(JournalPosition.BEGINNING, JournalPosition.BEGINNING, 0);
            return new LaneView(collector, head, new Lane(work), List.of(), 0);
        }
        var head = LaneHead.read(state.get());
        if (delivered > Math.max(head.output().position(), JournalPosition.FIRST_FRAME)) {
            throw new CheckpointLost(
                    "the ledger has what stands up to byte "
                            + delivered
                            + " of "
                            + layout.usage(collector)
                            + ", but the checkpoint in "
                            + layout.checkpoints()
                            + " knows of "
                            + head.output().position()
                            + " bytes only. See the log of "
                            + NodeConfig.ACCOUNTING
                            + " in "
                            + layout.logs()
                            + "; restore both from one backup");
        }
        var lane = new Lane(work, state.get());
        List<UsageRows> undelivered = new ArrayList<>();
        long deliveredFrame =
                undelivered(disk, layout.usage(collector), delivered, head, undelivered);
        return new LaneView(collector, head, lane, undelivered, deliveredFrame);
    }

    /** Nothing is only the answer where nothing was ever counted; what is lost is not nothing. */
    private static void mustHaveNone(
            Loaded loaded, long delivered, NodeLayout layout, String collector) {
        String reason =
                switch (loaded) {
                    case Loaded.Unreadable(var reasons) -> String.join("; ", reasons);
                    case Loaded.None _ ->
                            "there is none, though the ledger has rows of "
                                    + layout.usage(collector)
                                    + " up to byte "
                                    + delivered;
                    case Loaded.Found _, Loaded.FellBack _ ->
                            throw new AssertionError("a checkpoint that was found has a state");
                };
        if (loaded instanceof Loaded.Unreadable || delivered > JournalPosition.FIRST_FRAME) {
            throw new CheckpointLost(
                    "no checkpoint in "
                            + layout.checkpoints()
                            + " says what was counted of "
                            + collector
                            + ": "
                            + reason
                            + ". Start the node, which computes it again if it can, and ask again");
        }
    }

    /** The books cannot be drawn, as the checkpoints that hold them are lost. */
    public static final class CheckpointLost extends RuntimeException {
        CheckpointLost(String message) {
            super(message);
        }
    }

    // Collects the frames behind a position; the sequence of the last frame before them.
    static long undelivered(
            Disk disk, Path journal, long from, LaneHead head, List<UsageRows> frames) {
        long before = head.lastFrame();
        if (from >= head.output().position()) {
            return before;
        }
        try (var reader = JournalReader.openPhysical(disk, journal, from)) {
            while (reader.position() < head.output().position()) {
                switch (reader.next()) {
                    case END -> {
                        return before;
                    }
                    case DAMAGED -> {} // told by the output, and by the sums
                    case FRAME -> {
                        before = frames.isEmpty() ? reader.sequence() - 1 : before;
                        frames.add(
                                UsageRows.read(
                                        new StateReader(
                                                reader.bytes(),
                                                reader.payloadOffset(),
                                                reader.payloadLength())));
                    }
                }
            }
        }
        return before;
    }

    /** The rows of a usage that are not in the ledger: undelivered frames and open bins. */
    List<UsageRows> pending(UsageDefinition definition) {
        List<UsageRows> rows = new ArrayList<>();
        for (UsageRows frame : undelivered) {
            if (frame.definition().name().equals(definition.name())) {
                rows.add(frame);
            }
        }
        lane.aggregations().stream()
                .filter(open -> open.definition().name().equals(definition.name()))
                .forEach(open -> open.openRows(rows::add));
        return rows;
    }

    /** The part of the ledger that belongs to this state. */
    LedgerScope.Part part(NodeLayout layout, String output) {
        return new LedgerScope.Part(layout.ledger(output).resolve(collector), deliveredFrame);
    }
}
