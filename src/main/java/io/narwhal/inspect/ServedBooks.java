package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.base.StateReader;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The books of a node that accounts nothing: what its collectors received, by the counts in their
 * journals, and how far each manager has saved it. Nothing is decoded, so there are no exporters.
 *
 * @param journals one a collector, and the one of imported files
 * @param readers how far each manager or group has come in each journal
 */
public record ServedBooks(List<Received> journals, List<Progress> readers) {
    /**
     * What one journal received in its life.
     *
     * @param name of the collector
     */
    public record Received(String name, long datagrams, long octets) {}

    public ServedBooks {
        journals = List.copyOf(journals);
        readers = List.copyOf(readers);
    }

    /** Draws them, whether the node runs or not. */
    public static ServedBooks of(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        List<Received> journals = new ArrayList<>();
        for (String lane : config.lanes()) {
            Path directory = layout.received(lane);
            if (disk.exists(directory)) {
                journals.add(received(disk, lane, directory));
            }
        }
        List<Progress> readers =
                Progress.of(config, disk).stream()
                        .filter(one -> config.servedReaders().contains(one.reader()))
                        .toList();
        return new ServedBooks(journals, readers);
    }

    private static Received received(Disk disk, String lane, Path directory) {
        var block = new ReceivedBlock();
        long datagrams = 0;
        long octets = 0;
        try (var reader = JournalReader.openLast(disk, directory)) {
            for (var step = reader.next(); step != JournalReader.Step.END; step = reader.next()) {
                if (step == JournalReader.Step.FRAME && isOwn(reader)) {
                    try {
                        block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                        datagrams = block.datagramsTotal();
                        octets = block.octetsTotal();
                    } catch (StateReader.Malformed _) {
                        // It says nothing of the totals; the block before it does.
                    }
                }
            }
        }
        return new Received(lane, datagrams, octets);
    }

    private static boolean isOwn(JournalReader reader) {
        return !Origin.isAt(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
    }

    /** Whether no manager has saved more than there is. */
    public boolean isBalanced() {
        return readers.stream().allMatch(one -> one.lag() >= 0);
    }
}
