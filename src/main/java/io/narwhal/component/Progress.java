package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.config.SubscribersConfig;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a reader of a journal has come.
 *
 * @param journal directory below the data directory
 * @param reader component
 * @param position byte up to which it has saved everything
 * @param published byte up to which there is something to read
 */
public record Progress(String journal, String reader, long position, long published) {
    /** Bytes that the reader has not saved yet. */
    public long lag() {
        return published - position;
    }

    /** Looks at every journal that the configuration makes. */
    public static List<Progress> of(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        List<Progress> all = new ArrayList<>();
        for (String name : config.lanes()) {
            if (name.equals(NodeConfig.IMPORT) && !disk.exists(layout.received(name))) {
                continue; // no file was ever imported
            }
            if (config.hasAccounting()) {
                all.add(one(layout, disk, layout.received(name), NodeConfig.ACCOUNTING));
            }
            for (OutputConfig output : config.outputs()) {
                all.add(one(layout, disk, layout.usage(name), output.name()));
            }
        }
        served(config, layout, disk, all);
        if (disk.exists(layout.usage(NodeConfig.REPROCESS))) {
            for (OutputConfig output : config.outputs()) {
                all.add(one(layout, disk, layout.usage(NodeConfig.REPROCESS), output.name()));
            }
        }
        SubscribersConfig subscribers = config.enhance().subscribers();
        if (subscribers != null) {
            for (String lane : SubscriberLanes.of(config)) {
                if (SubscriberLanes.isWaitedFor(lane)) {
                    for (String collector : subscribers.journals()) {
                        Path journal = layout.received(collector);
                        all.add(one(layout, disk, journal, SubscriberLanes.reader(lane)));
                    }
                }
            }
        }
        return all;
    }

    // Every journal that has something waits for every manager.
    private static void served(
            NodeConfig config, NodeLayout layout, Disk disk, List<Progress> all) {
        for (Path journal : ServedJournal.journals(disk, layout)) {
            for (String reader : config.servedReaders()) {
                if (JournalReader.published(disk, journal) > 0) {
                    all.add(one(layout, disk, journal, reader));
                }
            }
        }
    }

    private static Progress one(NodeLayout layout, Disk disk, Path journal, String reader) {
        long published = JournalReader.published(disk, journal);
        // Who has read nothing yet has nothing to read before the first frame.
        long beginning = Math.min(published, JournalPosition.FIRST_FRAME);
        long position = Math.max(beginning, JournalReader.acknowledged(disk, journal, reader));
        return new Progress(
                layout.data().relativize(journal).toString(),
                reader,
                position,
                Math.max(position, published));
    }
}
