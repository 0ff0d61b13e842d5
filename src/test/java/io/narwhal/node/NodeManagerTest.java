package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** R20, R21: the node manager with components that are shells, which do what a test tells them. */
@Timeout(60)
class NodeManagerTest {
    private static final String SLEEP = "exec sleep 300";
    private static final Wish.Stopped STOPPED = new Wish.Stopped(Instant.EPOCH, "alice", "");

    @TempDir Path directory;

    private final Map<String, String> scripts = new ConcurrentHashMap<>();
    private final AtomicInteger ready = new AtomicInteger();
    private NodeConfig config;
    private Wishes wishes;
    private NodeManager manager;
    private Thread thread;

    @BeforeEach
    void configure() throws IOException {
        assumeTrue(
                "Linux".equals(System.getProperty("os.name")), "the shells are told of by /proc");
        Path file = directory.resolve("narwhal.yaml");
        Files.writeString(
                file,
                """
                node: edge-1
                data: ./data
                collectors:
                  flows: { protocol: netflow, listen: "127.0.0.1:0" }
                usage:
                  total: { keys: [], bin: 1h }
                memory: { collector: 32MiB, beside-heap: 128MiB }
                restart: { delay: 1ms, delay-max: 20ms }
                """
                        .replace(":0\"", ":" + freePort() + "\""));
        config = ((Loaded.Valid) ConfigLoader.load(file)).config();
        wishes = new Wishes(Disk.system(), layout());
        for (String name : List.of("flows", "accounting", "ledger")) {
            scripts.put(name, SLEEP);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new java.net.DatagramSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private NodeLayout layout() {
        return new NodeLayout(config.data());
    }

    private void run() {
        manager =
                new NodeManager(
                        config,
                        new NodeManager.Host(
                                Disk.system(), Net.system(), Processes.system(), Clock.system()),
                        (component, kind, sockets) ->
                                List.of("/bin/sh", "-c", scripts.get(component)),
                        line -> ready.incrementAndGet());
        thread = Thread.ofPlatform().start(() -> manager.run(config.source().text()));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (thread != null) {
            manager.stop();
            thread.join();
        }
    }

    private HostState.Component awaitThat(String name, Predicate<HostState.Component> what) {
        return await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () ->
                                HostState.load(Disk.system(), layout())
                                        .flatMap(state -> state.component(name)),
                        one -> one.isPresent() && what.test(one.get()))
                .orElseThrow();
    }

    @Test
    void whatIsToStayStoppedIsNotStartedAndTheNodeIsReadyWithoutIt() {
        for (String name : scripts.keySet()) {
            wishes.stop(name, STOPPED);
        }
        run();
        await().until(() -> ready.get() == 1);
        HostState.Component flows = awaitThat("flows", one -> one.state().equals("stopped"));
        assertThat(flows.desired()).isEqualTo("stopped");
        assertThat(flows.pid()).isZero();

        wishes.start("flows");
        assertThat(awaitThat("flows", one -> one.pid() != 0).desired()).isEqualTo("running");
        assertThat(awaitThat("ledger", one -> true).pid()).isZero();
    }

    @Test
    void whatIsStoppedEndsInOrderAndIsNoRestart() {
        scripts.put("ledger", "trap 'echo in order; exit 0' TERM; while :; do sleep 0.02; done");
        run();
        awaitThat("ledger", one -> one.pid() != 0);
        wishes.stop("ledger", STOPPED);
        HostState.Component ledger = awaitThat("ledger", one -> one.state().equals("stopped"));
        assertThat(ledger.restarts()).isZero();
        assertThat(layout().log("ledger")).content().contains("in order");
    }

    @Test
    void aHaltedComponentEndsWhenItIsStopped() throws Exception {
        run();
        long pid = awaitThat("flows", one -> one.pid() != 0).pid();
        new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
        long began = System.nanoTime();
        wishes.stop("flows", STOPPED);
        HostState.Component flows = awaitThat("flows", one -> one.state().equals("stopped"));
        assertThat(flows.lastEnd()).as("it was not killed").isNullOrEmpty();
        assertThat(System.nanoTime() - began)
                .as("the time in which one that does not end would be killed")
                .isLessThan(Supervision.STOP_MS_MAX * 1_000_000);
    }

    @Test
    void aRestartIsDoneOnceAndTakesItsWishAway() {
        run();
        HostState.Component before = awaitThat("flows", one -> one.pid() != 0);
        var process = new Processes.Identity(before.pid(), before.began());
        wishes.restart("flows", new Wishes.Restart(process, "alice", "new secret"));
        HostState.Component after =
                awaitThat("flows", one -> one.pid() != 0 && one.pid() != before.pid());
        await().until(() -> !wishes.wantsRestart("flows"));
        assertThat(awaitThat("flows", one -> !"".equals(String.valueOf(one.lastEnd()))).pid())
                .isEqualTo(after.pid());
        assertThat(after.restarts()).as("it was asked for").isZero();

        // The same wish again, as a manager leaves it that was killed before it took it away.
        wishes.restart("flows", new Wishes.Restart(process, "alice", "new secret"));
        await().until(() -> !wishes.wantsRestart("flows"));
        assertThat(awaitThat("flows", one -> true).pid()).isEqualTo(after.pid());
    }

    @Test
    void aLoopOfCrashesIsSlowedDownAndToldAndKeepsTheSocket() throws Exception {
        scripts.put("flows", "readlink /proc/$$/fd/3; exit 3");
        run();
        HostState.Component flows =
                awaitThat("flows", one -> one.failures() >= 6 && one.nextTry() != null);
        assertThat(flows.state()).isEqualTo("failed");
        assertThat(flows.lastEnd()).isEqualTo("exit code 3");
        assertThat(flows.restarts()).isEqualTo(flows.failures());
        List<String> sockets = Files.readAllLines(layout().log("flows"));
        assertThat(sockets).hasSizeGreaterThanOrEqualTo(6);
        assertThat(sockets.stream().distinct())
                .as("the very same socket, and with it what it queues")
                .singleElement()
                .asString()
                .startsWith("socket:[");
        assertThat(awaitThat("ledger", one -> true).restarts()).isZero();

        scripts.put("flows", SLEEP);
        awaitThat("flows", one -> one.pid() != 0);
    }

    @Test
    void aLoopOfCrashesIsAnAlarm() {
        scripts.put("flows", "exit 3");
        run();
        awaitThat("flows", one -> one.failures() >= Supervision.LOOP_FAILURES);
        await().atMost(Duration.ofSeconds(20))
                .until(
                        () ->
                                HostState.load(Disk.system(), layout()).stream()
                                        .flatMap(state -> state.knownAlarms().stream())
                                        .toList(),
                        alarms -> alarms.stream().anyMatch(a -> a.what().equals("crash-loop")));
    }

    @Test
    void whatOutgrowsItsMemoryIsKilledAndStartedAgain() {
        scripts.put(
                "flows",
                "exec awk 'BEGIN { s = \"x\"; while (length(s) < 250000000) s = s s;"
                        + " while (1) system(\"sleep 1\") }'");
        run();
        HostState.Component flows = awaitThat("flows", one -> one.restarts() == 1);
        assertThat(flows.lastEnd()).startsWith("killed: it has outgrown its memory: ");
    }

    @Test
    void aWishThatCannotBeReadStopsNothing() throws Exception {
        run();
        long pid = awaitThat("flows", one -> one.pid() != 0).pid();
        Files.writeString(layout().desired().resolve("flows"), "");
        wishes.stop("ledger", STOPPED);
        awaitThat("ledger", one -> one.state().equals("stopped"));
        HostState.Component flows = awaitThat("flows", one -> true);
        assertThat(flows.pid()).isEqualTo(pid);
        assertThat(flows.desired()).isEqualTo("running");
    }

    @Test
    void aWishHoldsForTheNextManager() throws Exception {
        run();
        awaitThat("ledger", one -> one.pid() != 0);
        wishes.stop("ledger", STOPPED);
        awaitThat("ledger", one -> one.state().equals("stopped"));
        stop();
        run();
        HostState.Component ledger =
                awaitThat("flows", one -> one.pid() != 0 && !one.state().equals("stopped"));
        assertThat(ledger.pid()).isPositive();
        assertThat(awaitThat("ledger", one -> one.desired().equals("stopped")).pid()).isZero();
        assertThat(Optional.of(wishes.of("ledger"))).contains(STOPPED);
    }
}
