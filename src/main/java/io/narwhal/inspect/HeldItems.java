package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.component.HeldList;
import io.narwhal.component.HeldRequest;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.record.HeldItem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a node has set aside: datagrams, and what the contexts of its lanes hold by themselves. */
public final class HeldItems {
    private static final Comparator<HeldItem> ORDER =
            Comparator.comparingLong(HeldItem::sinceMicros).thenComparing(HeldItem::id);

    private HeldItems() {}

    /**
     * All of it, the oldest first.
     *
     * @throws LaneView.CheckpointLost when the contexts cannot be read
     */
    public static List<HeldItem> of(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        String output = config.ledger();
        List<HeldItem> items = new ArrayList<>();
        for (String lane : config.lanes()) {
            items.addAll(HeldList.load(disk, layout, lane).list(lane));
            items.addAll(LaneView.read(config, disk, lane, output).lane().held(lane));
        }
        return items.stream().sorted(ORDER).toList();
    }

    /** How many datagrams are set aside; quicker to tell than {@link #of}. */
    public static long datagrams(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        return config.lanes().stream()
                .mapToLong(lane -> HeldList.load(disk, layout, lane).list(lane).size())
                .sum();
    }

    /** Asks accounting, durably, to take these once more. */
    public static void recycle(NodeConfig config, Disk disk, List<HeldItem> items) {
        Map<String, List<String>> ids = new TreeMap<>();
        items.forEach(
                item -> ids.computeIfAbsent(item.lane(), _ -> new ArrayList<>()).add(item.id()));
        var layout = new NodeLayout(config.data());
        ids.forEach((lane, ofLane) -> HeldRequest.ask(disk, layout, lane, ofLane));
    }
}
