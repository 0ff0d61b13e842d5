package io.narwhal.component;

import io.narwhal.config.NodeConfig;
import io.narwhal.config.SubscribersConfig;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which lanes of accounting read the journals of sessions beside their own, to know who held an
 * address: the one place where this is decided.
 */
public final class SubscriberLanes {
    private SubscriberLanes() {}

    /** The lanes of flows, in the order of the configuration; none when nobody asks. */
    public static List<String> of(NodeConfig config) {
        SubscribersConfig subscribers = config.enhance().subscribers();
        return subscribers == null
                ? List.of()
                : config.lanes().stream()
                        .filter(lane -> !subscribers.collectors().contains(lane))
                        .toList();
    }

    /** Whether this lane is one of them. */
    public static boolean has(NodeConfig config, String lane) {
        return of(config).contains(lane);
    }

    /** The name by which a lane acknowledges what it has read of a journal of sessions. */
    public static String reader(String lane) {
        return LaneRecovery.checkpointName(lane);
    }

    /**
     * Whether what a lane has not read must stay. The lane of imported files reads only as far as
     * its files go, which may be never: it takes what is there.
     */
    static boolean isWaitedFor(String lane) {
        return !lane.equals(NodeConfig.IMPORT);
    }

    /** Who must have read what a collector received before it may be deleted. */
    public static Set<String> readers(NodeConfig config, String collector) {
        Set<String> readers = new TreeSet<>(ServedJournal.accounting(config));
        SubscribersConfig subscribers = config.enhance().subscribers();
        if (subscribers != null && subscribers.journals().contains(collector)) {
            of(config).stream()
                    .filter(SubscriberLanes::isWaitedFor)
                    .map(SubscriberLanes::reader)
                    .forEach(readers::add);
        }
        return readers;
    }
}
