package io.narwhal.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.component.Kind;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.NodeManager;

import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Who accounts what is imported: the node that runs on the data directory; or, when none does, one
 * of our own without collectors, which ends with the import.
 */
final class ImportChain implements AutoCloseable {
    private static final long LOOK_MS = 100;

    private final NodeConfig config;
    private final Disk disk;
    private final @Nullable Own own;
    private final boolean absent;

    /** A node manager in this process. */
    private static final class Own {
        final NodeManager manager;
        final Thread thread;
        volatile String failure = "";

        Own(NodeConfig config, Disk disk, Processes processes) {
            // It has little to say that is not in the logs of the components too.
            if (LoggerFactory.getLogger("io.narwhal.node") instanceof Logger logger
                    && System.getenv("NARWHAL_LOG") == null) {
                logger.setLevel(Level.WARN);
            }
            manager =
                    new NodeManager(
                            config.withoutCollectors(),
                            new NodeManager.Host(disk, Net.system(), processes, Clock.system()),
                            new ComponentLauncher(config),
                            ignored -> {});
            thread = Thread.ofPlatform().name("node").start(() -> run(config.source().text()));
        }

        private void run(String configuration) {
            try {
                manager.run(configuration);
            } catch (NodeManager.AlreadyRunning | DiskFailure e) {
                failure = String.valueOf(e.getMessage());
            }
        }

        void join() {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ImportChain(NodeConfig config, Disk disk, @Nullable Own own, boolean absent) {
        this.config = config;
        this.disk = disk;
        this.own = own;
        this.absent = absent;
    }

    /**
     * Finds the node that runs, or starts one of our own.
     *
     * @param wanted whether somebody will wait for what is accounted
     */
    static ImportChain of(NodeConfig config, Disk disk, boolean wanted) {
        Processes processes = Processes.system();
        NodeStatus status = NodeStatus.of(config, disk, processes);
        boolean managed = status.managerPid() != 0;
        // A manager of ours knows no collectors, and must not end those that have lost theirs.
        boolean collecting =
                status.components().stream()
                        .anyMatch(one -> one.kind() == Kind.COLLECTOR && one.pid() != 0);
        boolean absent = !managed && (collecting || !wanted);
        var own = managed || absent ? null : new Own(config, disk, processes);
        return new ImportChain(config, disk, own, absent);
    }

    /** Whether nobody accounts now: the next {@code narwhal run} will. */
    boolean isAbsent() {
        return absent;
    }

    /** Asks our own node to end at once; from any thread. */
    void stop() {
        Own mine = own;
        if (mine != null) {
            mine.manager.stop();
        }
    }

    /** What accounting and outputs have not yet saved of imported data, in bytes of journals. */
    long lagBytes() {
        return Progress.of(config, disk).stream()
                .filter(one -> one.journal().endsWith("/" + NodeConfig.IMPORT))
                .mapToLong(Progress::lag)
                .sum();
    }

    /** Who waits. */
    interface Patience {
        /** Tells how far it is; answers whether to go on waiting. */
        boolean goOn(long lagBytes);

        /** A component says why it does not go on; it is tried again meanwhile. */
        void trouble(String message);
    }

    private boolean goesOn(Patience patience) {
        for (NodeStatus.Component one :
                NodeStatus.of(config, disk, Processes.system()).components()) {
            if (one.kind() != Kind.COLLECTOR && one.message() != null) {
                patience.trouble(one.name() + ": " + one.message());
            }
        }
        return patience.goOn(lagBytes());
    }

    /**
     * Waits until everything imported is accounted and delivered.
     *
     * @return why it is not; empty when it is
     */
    String await(Patience patience) {
        Own mine = own;
        if (mine != null) {
            String stopped = stopped(NodeStatus.of(config, disk, Processes.system()));
            if (!stopped.isEmpty()) {
                return stopped; // our node would never be done
            }
            mine.manager.finish();
            while (mine.thread.isAlive() && goesOn(patience)) {
                Clock.system().sleepMillis(LOOK_MS);
            }
            if (mine.thread.isAlive()) {
                mine.manager.stop();
            }
            mine.join();
            if (lagBytes() == 0) {
                return "";
            }
            return mine.failure.isEmpty() ? "it was interrupted" : mine.failure;
        }
        return awaitNode(patience);
    }

    // What is stopped on purpose is not started by an import, and the import does not wait for it.
    private static String stopped(NodeStatus status) {
        return status.components().stream()
                .filter(one -> one.kind() != Kind.COLLECTOR && one.isToStop())
                .map(
                        one ->
                                one.name()
                                        + " is stopped by the administrator (run: narwhal start "
                                        + one.name()
                                        + ")")
                .findFirst()
                .orElse("");
    }

    private String awaitNode(Patience patience) {
        while (lagBytes() > 0) {
            NodeStatus status = NodeStatus.of(config, disk, Processes.system());
            if (status.managerPid() == 0) {
                return "the node ended meanwhile";
            }
            String stopped = stopped(status);
            if (!stopped.isEmpty()) {
                return stopped;
            }
            boolean drained =
                    status.components().stream()
                            .anyMatch(
                                    one ->
                                            one.kind() == Kind.ACCOUNTING
                                                    && one.pid() == 0
                                                    && one.state().equals("drained"));
            if (drained) {
                return "the node was drained and takes nothing in until it is started again";
            }
            if (!goesOn(patience)) {
                return "it was interrupted";
            }
            Clock.system().sleepMillis(LOOK_MS);
        }
        return "";
    }

    @Override
    public void close() {
        Own mine = own;
        if (mine != null) {
            mine.manager.stop();
            mine.join();
        }
    }
}
