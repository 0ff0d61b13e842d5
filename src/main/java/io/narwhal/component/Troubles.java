package io.narwhal.component;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.StreamId;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Whether those who fill the journals can do so, as their pages say it: what an agent reports to
 * its managers as an internal error. In trouble is a component that has failed, or whose process is
 * gone without having ended in order, for longer than a restart takes; and a journal that cannot be
 * read. Not in trouble is what an administrator has stopped. A component that waits for room makes
 * its journal full.
 */
final class Troubles {
    /** A component that is started again is back by then. */
    private static final long RESTART_MS = 5_000;

    private final Environment environment;
    private final Map<String, Long> goneSinceMs = new HashMap<>();
    private final TreeSet<StreamId> full = new TreeSet<>();

    Troubles(Environment environment) {
        this.environment = environment;
    }

    /** Looks at the pages; what is wrong, empty when nothing is. */
    String look(long nowMs) {
        NodeConfig config = environment.config();
        full.clear();
        List<String> troubles = new ArrayList<>();
        for (CollectorConfig collector : config.collectors()) {
            look(
                    collector.name(),
                    List.of(new StreamId(Journal.RECEIVED, collector.name())),
                    troubles,
                    nowMs);
        }
        if (!config.pull().isEmpty()) {
            var own =
                    List.of(
                            new StreamId(Journal.RECEIVED, NodeConfig.PULL),
                            new StreamId(Journal.USAGE, NodeConfig.PULLED));
            look(NodeConfig.PULL, own, troubles, nowMs);
        }
        if (config.hasAccounting()) {
            var own =
                    config.lanes().stream().map(lane -> new StreamId(Journal.USAGE, lane)).toList();
            look(NodeConfig.ACCOUNTING, own, troubles, nowMs);
        }
        return String.join("; ", troubles);
    }

    /** The journals whose writers waited for room when they were looked at last. */
    TreeSet<StreamId> full() {
        return new TreeSet<>(full);
    }

    private void look(String name, List<StreamId> writes, List<String> troubles, long nowMs) {
        NodeLayout layout = environment.layout();
        if (!environment.disk().exists(layout.page(name))) {
            return; // it was never started
        }
        try (var page = ComponentPage.open(environment.disk(), layout.page(name))) {
            Phase phase = page.phase();
            boolean alive = environment.processes().isAlive(page.owner());
            if (phase == Phase.WAITING && alive) {
                full.addAll(writes);
            }
            if (phase.isOver() || alive && phase != Phase.FAILED) {
                goneSinceMs.remove(name);
                return;
            }
            long since = goneSinceMs.computeIfAbsent(name, _ -> nowMs);
            if (phase == Phase.FAILED) {
                troubles.add(name + " has failed: " + page.message());
            } else if (nowMs - since >= RESTART_MS) {
                troubles.add(name + " does not run");
            }
        }
    }
}
