package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.SmallFile;
import io.narwhal.component.LaneRecovery;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Tears files of a component that is dead, in ways that recovery survives without a loss: what a
 * power cut may leave behind the forced position, never what stands before it.
 */
final class TortureDamage {
    private static final int FRAME_MAGIC = 0x4e415246; // NARF
    private static final int BYTES_MAX = 5_000;

    private final Disk disk;
    private final NodeConfig config;
    private final NodeLayout layout;

    TortureDamage(Disk disk, NodeConfig config) {
        this.disk = disk;
        this.config = config;
        this.layout = new NodeLayout(config.data());
    }

    /** Does it; in words, to which file. */
    String apply(Fault.Tear tear) {
        var dice = new Dice(tear.bits());
        String lane = lane(dice);
        return switch (tear.damage()) {
            case GARBAGE -> append(journal(tear.victim(), lane), garbage(dice));
            case HALF_FRAME -> append(journal(tear.victim(), lane), halfFrame(dice));
            case ZEROS -> append(journal(tear.victim(), lane), new byte[1 + dice.below(BYTES_MAX)]);
            case CHECKPOINT_CHANGED -> change(checkpoint(tear.victim(), lane), dice);
            case CHECKPOINT_CUT -> cut(checkpoint(tear.victim(), lane), dice);
            case HALF_WRITTEN -> halfWritten(tear.victim(), lane, dice);
        };
    }

    private String lane(Dice dice) {
        List<String> lanes =
                config.collectors().stream().map(collector -> collector.name()).toList();
        return lanes.get(dice.below(lanes.size()));
    }

    /** What the component writes: a collector its own journal, accounting the rows of a lane. */
    private Path journal(String victim, String lane) {
        return victim.equals(TorturePlan.ACCOUNTING) ? layout.usage(lane) : layout.received(victim);
    }

    private String checkpoint(String victim, String lane) {
        return victim.equals(TorturePlan.ACCOUNTING) ? LaneRecovery.checkpointName(lane) : victim;
    }

    private static byte[] garbage(Dice dice) {
        var bytes = ByteBuffer.allocate(1 + dice.below(BYTES_MAX));
        while (bytes.hasRemaining()) {
            bytes.put((byte) dice.bits());
        }
        return bytes.array();
    }

    private static byte[] halfFrame(Dice dice) {
        byte[] bytes = garbage(dice);
        if (bytes.length < 2 * Integer.BYTES) {
            return bytes;
        }
        ByteBuffer.wrap(bytes).putInt(FRAME_MAGIC).putInt(bytes.length + dice.below(BYTES_MAX));
        return bytes;
    }

    private String append(Path journal, byte[] bytes) {
        List<String> segments =
                disk.list(journal).stream().filter(name -> name.endsWith(".seg")).toList();
        if (segments.isEmpty()) {
            return "there is no segment yet in " + journal;
        }
        Path segment = journal.resolve(segments.getLast());
        try (DiskFile file = disk.open(segment, Disk.Mode.WRITE)) {
            long end = file.size();
            file.write(ByteBuffer.wrap(bytes), end);
            return bytes.length + " bytes behind byte " + end + " of " + segment;
        }
    }

    private String change(String component, Dice dice) {
        return newest(component)
                .map(
                        path -> {
                            byte[] bytes = SmallFile.read(disk, path);
                            int at = dice.below(bytes.length);
                            byte other = (byte) (bytes[at] ^ 1 + dice.below(255));
                            try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
                                file.write(ByteBuffer.wrap(new byte[] {other}), at);
                            }
                            return "byte " + at + " of " + path;
                        })
                .orElse("there is no checkpoint yet of " + component);
    }

    private String cut(String component, Dice dice) {
        return newest(component)
                .map(
                        path -> {
                            try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
                                int at = dice.below((int) file.size());
                                file.truncate(at);
                                return path + " at byte " + at;
                            }
                        })
                .orElse("there is no checkpoint yet of " + component);
    }

    private Optional<Path> newest(String component) {
        return disk.list(layout.checkpoints()).stream()
                .filter(name -> name.startsWith(component + ".") && name.endsWith(".ckpt"))
                .reduce((_, last) -> last)
                .map(layout.checkpoints()::resolve);
    }

    private String halfWritten(String victim, String lane, Dice dice) {
        Path checkpoint = layout.checkpoints().resolve(checkpoint(victim, lane) + ".ckpt.tmp");
        write(checkpoint, garbage(dice));
        if (victim.equals(TorturePlan.ACCOUNTING)) {
            return checkpoint.toString();
        }
        Path rows = layout.ledger(victim).resolve(lane).resolve("by-pair");
        disk.createDirectories(rows);
        Path file = rows.resolve("." + "0".repeat(19) + "7.parquet.tmp");
        write(file, garbage(dice));
        return checkpoint + " and " + file;
    }

    private void write(Path file, byte[] bytes) {
        try (DiskFile out = disk.open(file, Disk.Mode.REPLACE)) {
            out.write(ByteBuffer.wrap(bytes), 0);
        }
    }
}
