package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.SubscriberLanes;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.SubscribersConfig;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Flows of a lane that wait in their journal until it is known who held their addresses. They are
 * part of what is in process.
 *
 * @param lane whose flows
 * @param datagrams how many datagrams wait
 * @param oldestMicros when the first of them arrived, µs since 1970
 * @param untilMicros what arrived up to then that one waits for
 * @param collector the collector of sessions that is furthest behind
 * @param atMicros how far that one is, by arrival; 0 when it has told of nothing yet
 */
public record WaitingFlows(
        String lane,
        long datagrams,
        long oldestMicros,
        long untilMicros,
        String collector,
        long atMicros) {
    /** A collector of sessions and how far it is. */
    private record Heard(String collector, long atMicros) {}

    /** What waits, by lane; lanes of which nothing waits are left out. */
    public static List<WaitingFlows> of(NodeConfig config, Disk disk, List<LaneView> lanes) {
        SubscribersConfig subscribers = config.enhance().subscribers();
        return subscribers == null
                ? List.of()
                : lanes.stream()
                        .filter(lane -> SubscriberLanes.has(config, lane.collector()))
                        .flatMap(lane -> of(config, disk, subscribers, lane).stream())
                        .toList();
    }

    private static Optional<WaitingFlows> of(
            NodeConfig config, Disk disk, SubscribersConfig subscribers, LaneView view) {
        var layout = new NodeLayout(config.data());
        Heard behind = behind(disk, layout, subscribers, view);
        long waitMicros = subscribers.waitMs() * 1_000;
        long datagrams = 0;
        long oldestMicros = 0;
        var block = new ReceivedBlock();
        Path journal = layout.received(view.collector());
        try (var reader = JournalReader.open(disk, journal, view.head().input().position())) {
            JournalReader.Step step;
            while ((step = reader.next()) != JournalReader.Step.END) {
                if (step == JournalReader.Step.FRAME) {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    long here = waiting(block, behind.atMicros() - waitMicros);
                    datagrams += here;
                    oldestMicros =
                            here > 0 && oldestMicros == 0 ? block.arrivalMicros() : oldestMicros;
                }
            }
        }
        return datagrams == 0
                ? Optional.empty()
                : Optional.of(
                        new WaitingFlows(
                                view.collector(),
                                datagrams,
                                oldestMicros,
                                oldestMicros + waitMicros,
                                behind.collector(),
                                behind.atMicros()));
    }

    private static long waiting(ReceivedBlock block, long knownMicros) {
        long datagrams = 0;
        while (block.kind() == ReceivedBlock.Kind.DATAGRAMS
                && block.arrivalMicros() >= knownMicros
                && block.next()) {
            datagrams++;
        }
        return datagrams;
    }

    private static Heard behind(
            Disk disk, NodeLayout layout, SubscribersConfig subscribers, LaneView view) {
        var behind = new Heard("", Long.MAX_VALUE);
        if (!subscribers.pulled().isEmpty()) {
            behind = behindOfPulled(disk, layout, subscribers, view);
        }
        for (String collector : subscribers.collectors()) {
            long from =
                    view.head()
                            .sessions()
                            .getOrDefault(collector, JournalPosition.BEGINNING)
                            .position();
            long atMicros = heard(disk, layout.received(collector), from);
            behind = atMicros < behind.atMicros() ? new Heard(collector, atMicros) : behind;
        }
        return behind;
    }

    // What a lane of pulled flows waits for stands behind them in the same journal.
    private static Heard behindOfPulled(
            Disk disk, NodeLayout layout, SubscribersConfig subscribers, LaneView view) {
        JournalPosition from =
                view.collector().equals(NodeConfig.PULL)
                        ? view.head().input()
                        : view.head()
                                .sessions()
                                .getOrDefault(NodeConfig.PULL, JournalPosition.BEGINNING);
        Map<String, Long> heard = new HashMap<>();
        var block = new ReceivedBlock();
        try (var reader = open(disk, layout.received(NodeConfig.PULL), from.position())) {
            JournalReader.Step step;
            while ((step = reader.next()) != JournalReader.Step.END) {
                if (step == JournalReader.Step.FRAME) {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    Origin origin = block.origin();
                    if (origin != null) {
                        heard.merge(origin.path(), block.arrivalMicros(), Math::max);
                    }
                }
            }
        }
        return subscribers.pulled().stream()
                .map(path -> new Heard(path, heard.getOrDefault(path, 0L)))
                .min(Comparator.comparingLong(Heard::atMicros))
                .orElseThrow();
    }

    // From where the lane stands, as that is near the end.
    private static long heard(Disk disk, Path journal, long from) {
        long atMicros = 0;
        var block = new ReceivedBlock();
        try (var reader = open(disk, journal, from)) {
            JournalReader.Step step;
            while ((step = reader.next()) != JournalReader.Step.END) {
                if (step == JournalReader.Step.FRAME) {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    atMicros = Math.max(atMicros, block.arrivalMicros());
                }
            }
        }
        return atMicros;
    }

    private static JournalReader open(Disk disk, Path journal, long from) {
        try {
            return JournalReader.open(disk, journal, from);
        } catch (JournalTrimmed e) {
            return JournalReader.open(disk, journal, 0); // that lane begins there too
        }
    }
}
