package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.OutputHead;
import io.narwhal.component.PullEvent;
import io.narwhal.component.PullState;
import io.narwhal.component.PullView;
import io.narwhal.component.PulledStream;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.transfer.Journal;

import java.util.List;
import java.util.Optional;

/**
 * The books of what was pulled from agents: every octet of every journal of an agent came, or is
 * stated as lost; what came counts, waits, or is another manager's; and of usage, that every row
 * that counts was delivered or is in process.
 *
 * @param streams each journal of each agent
 * @param events the last of each link
 * @param held what the configuration lacks for usage that is kept
 * @param rows of usage that was pulled
 */
public record TransferBooks(
        List<Stream> streams, List<PullEvent> events, List<String> held, Rows rows) {
    /** Nothing was ever pulled. */
    public static final TransferBooks NONE =
            new TransferBooks(List.of(), List.of(), List.of(), new Rows(0, 0, 0, 0));

    /** One journal of an agent. */
    public record Stream(PulledStream books, PullView.Parked parked) {}

    /**
     * Rows of usage.
     *
     * @param received that count
     * @param delivered by the node's first output
     * @param inProcess on the way there
     * @param damagedBytes of the journal between, that the output could not read
     */
    public record Rows(long received, long delivered, long inProcess, long damagedBytes) {
        /** Whether each is delivered, or on the way, or stood in a stretch known to be damaged. */
        public boolean isBalanced() {
            long missing = received - delivered - inProcess;
            return missing == 0 || missing > 0 && damagedBytes > 0;
        }
    }

    /** Whether everything that agents had is accounted for. */
    public boolean isBalanced() {
        return streams.stream().allMatch(one -> one.books().counts().uncounted() == 0)
                && rows.isBalanced();
    }

    /** Draws them. */
    static TransferBooks of(NodeConfig config, Disk disk) {
        if (config.pull().isEmpty()) {
            return NONE;
        }
        // The output first: what it has taken was published before.
        Optional<OutputHead.Mark> mark = mark(config, disk);
        PullView view = PullView.read(config, disk);
        List<Stream> streams =
                view.state().streams().stream()
                        .map(one -> new Stream(one, view.parkedOf(one)))
                        .toList();
        return new TransferBooks(
                streams, view.state().events(), view.missing(), rows(config, disk, view, mark));
    }

    private static Optional<OutputHead.Mark> mark(NodeConfig config, Disk disk) {
        return config.outputs().stream()
                .findFirst()
                .map(OutputConfig::name)
                .flatMap(
                        output ->
                                OutputHead.of(
                                                new CheckpointStore(
                                                                disk,
                                                                new NodeLayout(config.data())
                                                                        .checkpoints(),
                                                                output)
                                                        .load())
                                        .of(NodeConfig.PULLED));
    }

    private static Rows rows(
            NodeConfig config, Disk disk, PullView view, Optional<OutputHead.Mark> mark) {
        if (!config.pulls(PullConfig.Journal.USAGE) || config.outputs().isEmpty()) {
            return new Rows(0, 0, 0, 0);
        }
        long from = mark.map(one -> one.position().position()).orElse(0L);
        long end = view.state().end(PullState.Place.USAGE).position();
        long inProcess = 0;
        var journal = new NodeLayout(config.data()).usage(NodeConfig.PULLED);
        try (var reader = JournalReader.open(disk, journal, from)) {
            JournalReader.Step step = JournalReader.Step.FRAME;
            while (reader.position() < end && step != JournalReader.Step.END) {
                step = reader.next();
                // A gap has none.
                inProcess += step == JournalReader.Step.FRAME ? reader.items() : 0;
            }
        }
        return new Rows(
                view.counted(Journal.USAGE),
                mark.map(OutputHead.Mark::rows).orElse(0L),
                inProcess,
                mark.map(OutputHead.Mark::damagedBytes).orElse(0L));
    }
}
