package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.base.Processes.Identity;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Phase;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.NodeManager;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The node of a demo or a torture: {@code narwhal run} as a child process, and the processes that
 * it starts. Only those are ever signalled: each is known by its number together with when it
 * began.
 */
final class TrialNode {
    private static final long LOOK_MS = 50;
    private static final long START_MS_MAX = 60_000;
    private static final long DRAIN_MS_MAX = 300_000;
    private static final long STOP_MS_MAX = 30_000;

    /** A process that a killed manager had just started needs this long to show itself. */
    private static final long LATE_MS = 1_500;

    private final NodeConfig config;
    private final NodeLayout layout;
    private final Disk disk;
    private final Processes processes;
    private final Clock clock;
    private final List<String> jvmOptions;
    private @Nullable Identity manager;
    private boolean closed;

    /** The node does not do what it should; the message has the end of its log. */
    static final class Failed extends RuntimeException {
        Failed(String message) {
            super(message);
        }
    }

    /**
     * A node that was not started yet.
     *
     * @param jvmOptions further ones for the node manager
     */
    TrialNode(
            NodeConfig config,
            Disk disk,
            Processes processes,
            Clock clock,
            List<String> jvmOptions) {
        this.config = config;
        this.layout = new NodeLayout(config.data());
        this.disk = disk;
        this.processes = processes;
        this.clock = clock;
        this.jvmOptions = List.copyOf(jvmOptions);
    }

    /** Starts the node manager; the components follow, or are found running. */
    synchronized void start() {
        stopIfClosed();
        disk.createDirectories(layout.logs());
        manager = processes.start(command(), log(), List.of());
    }

    private List<String> command() {
        List<String> options = new ArrayList<>(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"));
        ThisProgram.classArchive("manager").ifPresent(options::add);
        options.addAll(jvmOptions);
        List<String> command = new ArrayList<>(ThisProgram.command(options));
        command.addAll(List.of("run", "--config", config.source().file().toString()));
        return command;
    }

    private Path log() {
        return layout.log("node-manager");
    }

    /** The names of the components, in the order of a record's way. */
    List<String> components() {
        return List.copyOf(Kind.components(config).keySet());
    }

    /** What kind of component that is. */
    String kind(String component) {
        return String.valueOf(Kind.components(config).get(component)).toLowerCase(Locale.ROOT);
    }

    /** Waits until every component runs. */
    void awaitReady() {
        long deadline = nowMs() + START_MS_MAX;
        while (!isReady()) {
            stopIfClosed();
            if (!isManagerAlive() || nowMs() > deadline) {
                throw new Failed("the node does not get ready: " + lastLines());
            }
            clock.sleepMillis(LOOK_MS);
        }
    }

    /** Whether the manager lives and every component runs. */
    private boolean isReady() {
        return isManagerAlive()
                && components().stream().allMatch(component -> running(component).isPresent());
    }

    /** Whether the node manager's process is there, halted or not. */
    synchronized boolean isManagerAlive() {
        return manager != null && processes.isAlive(manager);
    }

    /** The node manager's process. */
    synchronized long managerPid() {
        return manager == null ? 0 : manager.pid();
    }

    /** The process of that component, if it does its work. */
    Optional<Identity> running(String component) {
        return process(component, true);
    }

    /** The process of that component, whatever it is at. */
    Optional<Identity> process(String component) {
        return process(component, false);
    }

    private Optional<Identity> process(String component, boolean working) {
        if (!disk.exists(layout.page(component))) {
            return Optional.empty();
        }
        try (var page = ComponentPage.open(disk, layout.page(component))) {
            return Optional.of(page.owner())
                    .filter(_ -> !working || page.phase() == Phase.RUNNING)
                    .filter(processes::isAlive);
        }
    }

    /** Whether this node manager, not the one before it, does its work. */
    synchronized boolean isManagerRunning() {
        return manager != null && running(NodeManager.PAGE).equals(Optional.of(manager));
    }

    /** The node manager's process, if it lives. */
    synchronized Optional<Identity> managerProcess() {
        return Optional.ofNullable(manager).filter(processes::isAlive);
    }

    /** Ends a process of this node at once. */
    void kill(Identity process) {
        processes.kill(process);
    }

    /** Ends the node manager at once; which process that was, if it lived. */
    synchronized Optional<Identity> killManager() {
        Optional<Identity> process = managerProcess();
        process.ifPresent(processes::kill);
        return process;
    }

    /** Records accounted so far, as accounting says on its page. */
    long accounted() {
        if (!disk.exists(layout.page(NodeConfig.ACCOUNTING))) {
            return 0;
        }
        try (var page = ComponentPage.open(disk, layout.page(NodeConfig.ACCOUNTING))) {
            return page.records();
        }
    }

    /** Has the node take nothing more in and deliver all that it has. */
    void drain() {
        disk.open(layout.drainRequest(), Disk.Mode.REPLACE).close();
        long deadline = nowMs() + DRAIN_MS_MAX;
        while (disk.exists(layout.drainRequest())) {
            stopIfClosed();
            if (!isManagerAlive() || nowMs() > deadline) {
                throw new Failed("the node does not drain: " + lastLines());
            }
            clock.sleepMillis(LOOK_MS);
        }
    }

    /** Has the node manager stop in order. */
    void stop() {
        Identity process = currentManager();
        if (process == null) {
            return;
        }
        processes.terminate(process);
        long deadline = nowMs() + STOP_MS_MAX;
        while (processes.isAlive(process) && nowMs() < deadline) {
            clock.sleepMillis(LOOK_MS);
        }
        processes.kill(process);
    }

    /** Ends whatever still runs; nothing can be started afterwards. */
    void endAll() {
        close();
        boolean wasAlive = isManagerAlive();
        stop();
        long until = nowMs() + (wasAlive || managerPid() == 0 ? 0 : LATE_MS);
        do {
            owners().forEach(processes::kill);
            clock.sleepMillis(LOOK_MS);
        } while (nowMs() < until || owners().stream().anyMatch(processes::isAlive));
    }

    private List<Identity> owners() {
        List<Identity> owners = new ArrayList<>();
        for (String component : components()) {
            if (disk.exists(layout.page(component))) {
                try (var page = ComponentPage.open(disk, layout.page(component))) {
                    owners.add(page.owner());
                }
            }
        }
        return owners;
    }

    private synchronized @Nullable Identity currentManager() {
        return manager;
    }

    private synchronized void close() {
        closed = true;
    }

    private synchronized void stopIfClosed() {
        if (closed) {
            throw new TrialRun.Interrupted();
        }
    }

    private String lastLines() {
        if (!disk.exists(log())) {
            return "it printed nothing";
        }
        try (var file = disk.open(log(), Disk.Mode.READ)) {
            long from = Math.max(0, file.size() - 2_000);
            var bytes = ByteBuffer.allocate((int) (file.size() - from));
            file.read(bytes, from);
            return "it printed last:\n" + new String(bytes.array(), StandardCharsets.UTF_8).strip();
        }
    }

    private long nowMs() {
        return clock.monotonicNanos() / 1_000_000;
    }
}
