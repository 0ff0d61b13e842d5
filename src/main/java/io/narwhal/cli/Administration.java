package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.HostState;
import io.narwhal.node.Wishes;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Wishes something of components, waits until the node manager has seen to it, and prints what
 * became of it.
 */
final class Administration {
    private static final long LOOK_MS = 50;
    private static final long TELL_MS = 2_000;

    private final Console console;
    private final ComponentsOption options;
    private final NodeConfig config;
    private final NodeLayout layout;
    private final Disk disk = Disk.system();
    private final Processes processes = Processes.system();
    private final Clock clock = Clock.system();

    /** What one component has come to. */
    interface Goal {
        /**
         * Whether it is reached.
         *
         * @param one what is seen of the component
         * @param saved what the node manager says of it
         */
        boolean isReached(NodeStatus.Component one, HostState.Component saved);
    }

    Administration(Console console, ComponentsOption options) {
        this.console = console;
        this.options = options;
        this.config = options.require(console);
        this.layout = new NodeLayout(config.data());
    }

    Wishes wishes() {
        return new Wishes(disk, layout);
    }

    NodeStatus status() {
        return NodeStatus.of(config, disk, processes);
    }

    /** Whether the node has run here: before that there is nobody to wish anything of. */
    boolean hasNode() {
        if (disk.exists(layout.node())) {
            return true;
        }
        console.err()
                .println(
                        "narwhal: node "
                                + config.node()
                                + " has never run on "
                                + layout.data()
                                + "; start it first: narwhal run --config "
                                + config.source().file());
        return false;
    }

    /** Who gives the command. */
    String user() {
        String sudo = console.environment().get("SUDO_USER");
        return sudo == null ? System.getProperty("user.name", "unknown") : sudo;
    }

    Instant now() {
        return Instant.ofEpochMilli(clock.wallMicros() / 1_000);
    }

    /**
     * Waits until the goal is reached for every component, and prints them.
     *
     * @param doing what is being done, as in "stopping"
     * @return the exit code
     */
    int await(String doing, Goal goal) throws IOException {
        long began = nowMs();
        long told = began;
        while (true) {
            NodeStatus status = status();
            List<String> missing = missing(status, goal);
            boolean absent = status.managerPid() == 0;
            if (missing.isEmpty() || absent || isOver(began)) {
                print(status, missing);
                return tell(doing, status, missing, absent);
            }
            if (nowMs() - told >= TELL_MS) {
                told = nowMs();
                console.err().println(doing + ": waiting for " + states(status, missing));
            }
            clock.sleepMillis(LOOK_MS);
        }
    }

    private boolean isOver(long began) {
        return nowMs() - began >= options.timeoutSeconds * 1_000L;
    }

    private List<String> missing(NodeStatus status, Goal goal) {
        Optional<HostState> state = HostState.load(disk, layout);
        List<String> missing = new ArrayList<>();
        for (String name : options.names()) {
            boolean reached =
                    state.flatMap(saved -> saved.component(name))
                            .flatMap(
                                    saved ->
                                            status.component(name)
                                                    .map(one -> goal.isReached(one, saved)))
                            .orElse(false);
            if (!reached) {
                missing.add(name);
            }
        }
        return missing;
    }

    private int tell(String doing, NodeStatus status, List<String> missing, boolean absent) {
        if (absent) {
            console.err()
                    .println(
                            "no node manager runs: what was wished is on the disk, and holds from"
                                    + " the next start of the node on");
            return ExitCode.OK;
        }
        if (missing.isEmpty()) {
            return ExitCode.OK;
        }
        console.err()
                .println(
                        "narwhal: "
                                + doing
                                + ": not done within "
                                + options.timeoutSeconds
                                + " s: "
                                + states(status, missing)
                                + "; the wish holds, and the node manager goes on. See: narwhal"
                                + " status");
        return ExitCode.FAILURE;
    }

    private static String states(NodeStatus status, List<String> names) {
        return status.components().stream()
                .filter(one -> names.contains(one.name()))
                .map(
                        one ->
                                one.name()
                                        + " ("
                                        + one.state()
                                        + (one.message() == null ? "" : ": " + one.message())
                                        + ")")
                .collect(Collectors.joining(", "));
    }

    private void print(NodeStatus status, List<String> missing) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        options.printing.format,
                        Column.text("component"),
                        Column.text("desired"),
                        Column.text("state"),
                        Column.number("pid"),
                        Column.text("done"))) {
            for (NodeStatus.Component one : status.components()) {
                if (options.names().contains(one.name())) {
                    rows.row(
                            one.name(),
                            one.desired(),
                            one.state(),
                            one.pid() == 0 ? null : one.pid(),
                            !missing.contains(one.name()));
                }
            }
        }
    }

    private long nowMs() {
        return clock.monotonicNanos() / 1_000_000;
    }
}
