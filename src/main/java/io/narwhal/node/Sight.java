package io.narwhal.node;

import io.narwhal.base.Disk;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Progress;
import io.narwhal.config.JournalSettings;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.journal.JournalReader;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that {@link Alarms} looks at.
 *
 * @param nowMs wall clock, milliseconds since 1970
 * @param room what is free where the data stands; empty when the system does not tell
 * @param data the data directory
 * @param segmentBytes the largest file that the journals begin
 * @param journals those that have a capacity
 * @param components all of the node
 * @param progress how far each reader has come
 * @param stalls since when each stands
 * @param troubles of the links by which it pulls
 */
public record Sight(
        long nowMs,
        Optional<Disk.Room> room,
        Path data,
        long segmentBytes,
        List<Journal> journals,
        List<Component> components,
        List<Progress> progress,
        List<Stall> stalls,
        List<PulledTrouble> troubles) {
    /**
     * A journal.
     *
     * @param name directory below the data directory
     */
    public record Journal(String name, long bytes, long capacityBytes) {}

    /**
     * A component.
     *
     * @param wish what is wished of it
     * @param failures deaths by error since it last ran for long
     * @param nextTry when its next start is tried, ISO-8601; null when it does not wait for one
     * @param lastEnd how its last process ended; null when none did
     */
    public record Component(
            String name,
            Wish wish,
            int failures,
            @Nullable String nextTry,
            @Nullable String lastEnd) {}

    /** Looks at the disk. */
    public static Sight of(
            NodeConfig config,
            Disk disk,
            List<Component> components,
            List<Progress> progress,
            List<Stall> stalls,
            long nowMs) {
        return new Sight(
                nowMs,
                disk.room(config.data()),
                config.data(),
                Math.max(
                        config.journals().received().segmentBytes(),
                        config.journals().usage().segmentBytes()),
                journals(config, disk),
                components,
                progress,
                stalls,
                PulledTrouble.of(config, disk));
    }

    private static List<Journal> journals(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        List<Journal> journals = new ArrayList<>();
        for (String lane : config.lanes()) {
            add(journals, layout, disk, layout.received(lane), config.journals().received());
            add(journals, layout, disk, layout.usage(lane), config.journals().usage());
        }
        return journals;
    }

    // What has no bound fills the disk, which is looked at by itself.
    private static void add(
            List<Journal> journals,
            NodeLayout layout,
            Disk disk,
            Path directory,
            JournalSettings settings) {
        if (settings.capacityBytes() > 0) {
            journals.add(
                    new Journal(
                            layout.data().relativize(directory).toString(),
                            JournalReader.bytesOnDisk(disk, directory),
                            settings.capacityBytes()));
        }
    }

    /** The component that reads by this name: lanes of accounting have names of their own. */
    String componentOf(String reader) {
        if (reader.startsWith(ServeConfig.READER_PREFIX)) {
            return NodeConfig.SERVE;
        }
        return components.stream().anyMatch(one -> one.name().equals(reader))
                ? reader
                : NodeConfig.ACCOUNTING;
    }
}
