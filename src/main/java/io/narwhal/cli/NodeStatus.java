package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Phase;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.Alarm;
import io.narwhal.node.Alarms;
import io.narwhal.node.HostState;
import io.narwhal.node.NodeManager;
import io.narwhal.node.Sight;
import io.narwhal.node.Stall;
import io.narwhal.node.Wish;
import io.narwhal.node.Wishes;
import io.narwhal.recovery.RecoveryNote;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a node from outside, whether its manager lives or not.
 *
 * @param ready whether a manager lives and every component runs that should
 * @param managerPid 0 when no manager runs
 */
record NodeStatus(
        String node,
        boolean ready,
        boolean draining,
        long managerPid,
        List<Component> components,
        List<Progress> processed,
        List<Alarm> alarms) {
    /** The state of a component of which there is no process, and nothing more is known. */
    private static final String DOWN = "down";

    private static final String FAILED = Phase.FAILED.label();

    /**
     * One component.
     *
     * @param process the last that claimed its page; of pid 0 when none ever has
     * @param pid 0 when it does not run
     * @param wish what the administrator wants of it
     * @param desired running, stopped by the administrator, or drained
     * @param records datagrams, records or rows that it has processed in its life
     * @param failures deaths by error since it last ran for a minute
     * @param nextTry when its next start is tried, if that waits
     * @param recovery how it came back last; null when nothing is written down
     */
    record Component(
            String name,
            Kind kind,
            Processes.Identity process,
            long pid,
            Wish wish,
            String desired,
            String state,
            int restarts,
            int failures,
            long records,
            @Nullable String since,
            @Nullable String nextTry,
            @Nullable String lastEnd,
            @Nullable String message,
            @Nullable RecoveryNote recovery) {
        /** Whether it is to stay stopped. */
        boolean isToStop() {
            return wish instanceof Wish.Stopped;
        }

        /** Whether it runs, and has said so itself. */
        boolean isRunning() {
            return state.equals(Phase.RUNNING.label());
        }
    }

    static NodeStatus of(NodeConfig config, Disk disk, Processes processes) {
        return new Look(config, disk, processes).status();
    }

    /** The component of that name. */
    Optional<Component> component(String name) {
        return components.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** One look at the disk. */
    private static final class Look {
        private final NodeConfig config;
        private final Disk disk;
        private final Processes processes;
        private final NodeLayout layout;
        private final Wishes wishes;
        private final Optional<HostState> state;
        private final long manager;

        Look(NodeConfig config, Disk disk, Processes processes) {
            this.config = config;
            this.disk = disk;
            this.processes = processes;
            this.layout = new NodeLayout(config.data());
            this.wishes = new Wishes(disk, layout);
            this.state = state();
            this.manager = managerPid();
        }

        NodeStatus status() {
            List<Component> components = new ArrayList<>();
            Kind.components(config).forEach((name, kind) -> components.add(component(name, kind)));
            boolean ready =
                    manager != 0
                            && components.stream().allMatch(c -> c.isToStop() || c.isRunning());
            List<Progress> progress = Progress.of(config, disk);
            return new NodeStatus(
                    config.node(),
                    ready,
                    disk.exists(layout.drainRequest()),
                    manager,
                    components,
                    progress,
                    alarms(components, progress));
        }

        // What the manager has watched tells since when.
        private List<Alarm> alarms(List<Component> components, List<Progress> progress) {
            long nowMs = Clock.system().wallMicros() / 1_000;
            List<Stall> stalls = state.map(HostState::knownStalls).orElse(List.of());
            List<Alarm> known = state.map(HostState::knownAlarms).orElse(List.of());
            try {
                var sight =
                        Sight.of(
                                config,
                                disk,
                                components.stream().map(Look::sight).toList(),
                                progress,
                                Stall.of(progress, stalls, nowMs),
                                nowMs);
                return Alarms.of(sight, known);
            } catch (DiskFailure e) {
                return known; // a segment was deleted while we looked
            }
        }

        private static Sight.Component sight(Component one) {
            return new Sight.Component(
                    one.name(), one.wish(), one.failures(), one.nextTry(), one.lastEnd());
        }

        // What cannot be read costs the restart counts; the rest stands on the pages.
        private Optional<HostState> state() {
            try {
                return HostState.load(disk, layout);
            } catch (DiskFailure e) {
                return Optional.empty();
            }
        }

        private long managerPid() {
            if (!disk.exists(layout.page(NodeManager.PAGE))) {
                return 0;
            }
            try (var page = ComponentPage.open(disk, layout.page(NodeManager.PAGE))) {
                return processes.isAlive(page.owner()) ? page.owner().pid() : 0;
            }
        }

        private Component component(String name, Kind kind) {
            Optional<HostState.Component> known = state.flatMap(saved -> saved.component(name));
            if (!disk.exists(layout.page(name))) {
                var none = new Processes.Identity(0, 0);
                return component(name, kind, none, 0, stateOfNone(name, known), 0, "", known);
            }
            try (var page = ComponentPage.open(disk, layout.page(name))) {
                boolean alive = processes.isAlive(page.owner());
                return component(
                        name,
                        kind,
                        page.owner(),
                        alive ? page.owner().pid() : 0,
                        alive ? stateOf(name, page.phase()) : stateOfDead(name, page, known),
                        page.records(),
                        page.message(),
                        known);
            }
        }

        private Component component(
                String name,
                Kind kind,
                Processes.Identity process,
                long pid,
                String shown,
                long records,
                String message,
                Optional<HostState.Component> known) {
            boolean waits = pid == 0 && manager != 0;
            Wish wish = wishes.of(name);
            boolean drains = manager != 0 && state.map(HostState::draining).orElse(false);
            return new Component(
                    name,
                    kind,
                    process,
                    pid,
                    wish,
                    wish instanceof Wish.Stopped ? "stopped" : drains ? "drained" : "running",
                    shown,
                    known.map(HostState.Component::restarts).orElse(0),
                    known.map(HostState.Component::failures).orElse(0),
                    records,
                    known.map(HostState.Component::since).orElse(null),
                    waits ? known.map(HostState.Component::nextTry).orElse(null) : null,
                    known.map(HostState.Component::lastEnd).orElse(null),
                    message.isEmpty() ? null : message,
                    RecoveryText.last(disk, layout, name).orElse(null));
        }

        private boolean isToStop(String name) {
            return wishes.of(name) instanceof Wish.Stopped;
        }

        private String stateOf(String name, Phase phase) {
            return manager != 0 && isToStop(name) ? Phase.STOPPING.label() : phase.label();
        }

        private String stateOfDead(
                String name, ComponentPage page, Optional<HostState.Component> known) {
            return page.phase().isOver() ? page.phase().label() : stateOfNone(name, known);
        }

        private String stateOfNone(String name, Optional<HostState.Component> known) {
            if (isToStop(name)) {
                return Phase.STOPPED.label();
            }
            boolean waits =
                    manager != 0 && known.map(HostState.Component::nextTry).orElse(null) != null;
            return waits ? FAILED : DOWN;
        }
    }
}
