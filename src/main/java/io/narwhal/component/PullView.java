package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.transfer.Journal;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the pull component has saved, as its checkpoint and what stands behind that in its journals
 * say: for commands, whether the component runs or not.
 *
 * @param state positions and books
 * @param parked by link and journal: what waits until it is known whether it counts
 * @param missing what the configuration lacks for usage that is held
 */
public record PullView(PullState state, Map<String, Parked> parked, List<String> missing) {
    /** So much waits. */
    public record Parked(long frames, long items, long octets) {
        private Parked plus(PullParked.Entry entry) {
            return new Parked(frames + 1, items + entry.items(), octets + entry.octets());
        }
    }

    /** Nothing waits. */
    public static final Parked NONE = new Parked(0, 0, 0);

    /** Reads it. */
    public static PullView read(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        PullState state =
                PullState.of(
                        new CheckpointStore(disk, layout.checkpoints(), NodeConfig.PULL).load());
        Map<PullState.Place, Path> directories = new EnumMap<>(PullState.Place.class);
        directories.put(PullState.Place.PARKED, layout.parked());
        if (config.pulls(PullConfig.Journal.RECEIVED)) {
            directories.put(PullState.Place.RECEIVED, layout.received(NodeConfig.PULL));
        }
        if (config.pulls(PullConfig.Journal.USAGE)) {
            directories.put(PullState.Place.USAGE, layout.usage(NodeConfig.PULLED));
        }
        var parked = new PullParked();
        new PullScan(disk, directories, state, new PulledUsage(config.usage()), parked).run();
        Map<String, Parked> waits = new TreeMap<>();
        parked.entries()
                .forEach(
                        (key, entry) ->
                                waits.merge(
                                        key.link() + " " + key.id(),
                                        NONE.plus(entry),
                                        (one, other) ->
                                                new Parked(
                                                        one.frames + other.frames,
                                                        one.items + other.items,
                                                        one.octets + other.octets)));
        return new PullView(state, waits, parked.missing());
    }

    /** What of a stream waits. */
    public Parked parkedOf(PulledStream stream) {
        return parked.getOrDefault(stream.link() + " " + stream.id(), NONE);
    }

    /** Items of streams of this kind that count: received, and neither waiting nor another's. */
    public long counted(Journal journal) {
        return state.streams().stream()
                .filter(one -> one.id().journal() == journal)
                .mapToLong(
                        one ->
                                one.counts().items()
                                        - one.counts().droppedItems()
                                        - parkedOf(one).items())
                .sum();
    }
}
