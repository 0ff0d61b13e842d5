package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.session.Session;

import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The sessions that a node knows, in the state of its newest checkpoints. */
public final class SessionList {
    private static final Comparator<Entry> ORDER =
            Comparator.comparingLong((Entry entry) -> entry.session().startMs())
                    .thenComparing(entry -> entry.session().nas())
                    .thenComparing(entry -> entry.session().sessionId())
                    .thenComparing(Entry::collector);

    private SessionList() {}

    /** A session, and the collector that its requests come to. */
    public record Entry(String collector, Session session) {}

    /** Those sessions, the one that began first before the others. */
    public static List<Entry> of(NodeConfig config, Disk disk, Predicate<Session> wanted) {
        return NodeView.read(config, disk).lanes().stream()
                .flatMap(lane -> entries(lane, wanted))
                .sorted(ORDER)
                .toList();
    }

    private static Stream<Entry> entries(LaneView lane, Predicate<Session> wanted) {
        return lane.lane()
                .sessions()
                .filter(wanted)
                .map(session -> new Entry(lane.collector(), session));
    }
}
