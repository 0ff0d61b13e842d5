package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.OutputHead;
import io.narwhal.config.NodeConfig;
import io.narwhal.output.LedgerScope;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.util.ArrayList;
import java.util.List;

/** A consistent view of all lanes of a node, and of the ledger that goes with it. */
public final class NodeView {
    private final NodeLayout layout;
    private final String output;
    private final List<LaneView> lanes;
    private final CorrectionsView corrections;
    private final PulledView pulled;
    private final long damagedBytes;

    private NodeView(
            NodeLayout layout,
            String output,
            List<LaneView> lanes,
            CorrectionsView corrections,
            PulledView pulled,
            long damagedBytes) {
        this.layout = layout;
        this.output = output;
        this.lanes = lanes;
        this.corrections = corrections;
        this.pulled = pulled;
        this.damagedBytes = damagedBytes;
    }

    /** Reads the state that the node's newest checkpoints describe. */
    public static NodeView read(NodeConfig config, Disk disk) {
        String output = config.ledger();
        List<LaneView> lanes = new ArrayList<>();
        for (String lane : config.lanes()) {
            lanes.add(LaneView.read(config, disk, lane, output));
        }
        var layout = new NodeLayout(config.data());
        return new NodeView(
                layout,
                output,
                lanes,
                CorrectionsView.read(layout, disk, output),
                PulledView.read(config, disk, output),
                damaged(disk, layout, output));
    }

    private static long damaged(Disk disk, NodeLayout layout, String output) {
        Loaded loaded = new CheckpointStore(disk, layout.checkpoints(), output).load();
        return OutputHead.of(loaded).marks().stream()
                .mapToLong(OutputHead.Mark::damagedBytes)
                .sum();
    }

    /** Bytes of usage journals that the output could not read: their rows are in no ledger. */
    public long damagedBytes() {
        return damagedBytes;
    }

    /** The lanes, one a collector. */
    public List<LaneView> lanes() {
        return List.copyOf(lanes);
    }

    /** What was corrected. */
    public CorrectionsView corrections() {
        return corrections;
    }

    /** The rows of a usage that are of one lane, and their corrections. */
    public LedgerScope scope(LaneView lane, UsageDefinition definition) {
        return new LedgerScope(
                List.of(lane.part(layout, output)),
                definition,
                lane.pending(definition),
                corrections.of(definition, List.of(lane.collector())));
    }

    /**
     * All rows of a usage in this state: ledger, undelivered frames and open bins, and what agents
     * accounted.
     */
    public LedgerScope scope(UsageDefinition definition) {
        return pulled.addedTo(accounted(definition));
    }

    /** The rows of a usage that this node accounted itself. */
    LedgerScope accounted(UsageDefinition definition) {
        List<UsageRows> pending = new ArrayList<>();
        lanes.forEach(lane -> pending.addAll(lane.pending(definition)));
        return new LedgerScope(
                lanes.stream().map(lane -> lane.part(layout, output)).toList(),
                definition,
                pending,
                corrections.of(definition, lanes.stream().map(LaneView::collector).toList()));
    }
}
