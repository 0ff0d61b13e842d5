package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Phase;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.HostState;
import io.narwhal.node.NodeManager;
import io.narwhal.recovery.RecoveryNote;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a node from outside, whether its manager lives or not.
 *
 * @param managerPid 0 when no manager runs
 */
record NodeStatus(
        String node,
        boolean ready,
        boolean draining,
        long managerPid,
        List<Component> components,
        List<Progress> processed) {
    /**
     * One component.
     *
     * @param pid 0 when it does not run
     * @param records datagrams, records or rows that it has processed in its life
     * @param recovery how it came back last; null when nothing is written down
     */
    record Component(
            String name,
            Kind kind,
            long pid,
            String state,
            int restarts,
            long records,
            @Nullable String since,
            @Nullable String lastEnd,
            @Nullable String message,
            @Nullable RecoveryNote recovery) {}

    static NodeStatus of(NodeConfig config, Disk disk, Processes processes) {
        var layout = new NodeLayout(config.data());
        Optional<HostState> state = state(disk, layout);
        long manager = managerPid(layout, disk, processes);
        List<Component> components = new ArrayList<>();
        Kind.components(config)
                .forEach(
                        (name, kind) ->
                                components.add(
                                        component(layout, disk, processes, name, kind, state)));
        boolean draining = disk.exists(layout.drainRequest());
        boolean ready =
                manager != 0
                        && components.stream()
                                .allMatch(c -> c.state().equals(Phase.RUNNING.label()));
        return new NodeStatus(
                config.node(), ready, draining, manager, components, Progress.of(config, disk));
    }

    // What cannot be read costs the restart counts; the rest stands on the pages.
    private static Optional<HostState> state(Disk disk, NodeLayout layout) {
        try {
            return HostState.load(disk, layout);
        } catch (DiskFailure e) {
            return Optional.empty();
        }
    }

    private static long managerPid(NodeLayout layout, Disk disk, Processes processes) {
        if (!disk.exists(layout.page(NodeManager.PAGE))) {
            return 0;
        }
        try (var page = ComponentPage.open(disk, layout.page(NodeManager.PAGE))) {
            return processes.isAlive(page.owner()) ? page.owner().pid() : 0;
        }
    }

    private static Component component(
            NodeLayout layout,
            Disk disk,
            Processes processes,
            String name,
            Kind kind,
            Optional<HostState> state) {
        Optional<HostState.Component> known =
                state.flatMap(
                        host ->
                                host.components().stream()
                                        .filter(one -> one.name().equals(name))
                                        .findFirst());
        int restarts = known.map(HostState.Component::restarts).orElse(0);
        String lastEnd = known.map(HostState.Component::lastEnd).orElse(null);
        RecoveryNote recovery = RecoveryText.last(disk, layout, name).orElse(null);
        if (!disk.exists(layout.page(name))) {
            return new Component(name, kind, 0, "down", restarts, 0, null, lastEnd, null, recovery);
        }
        try (var page = ComponentPage.open(disk, layout.page(name))) {
            boolean alive = processes.isAlive(page.owner());
            Phase phase = page.phase();
            return new Component(
                    name,
                    kind,
                    alive ? page.owner().pid() : 0,
                    alive || phase.isOver() ? phase.label() : "down",
                    restarts,
                    page.records(),
                    known.map(HostState.Component::since).orElse(null),
                    lastEnd,
                    page.message().isEmpty() ? null : page.message(),
                    recovery);
        }
    }
}
