package io.narwhal.node;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFull;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.ServiceManager;
import io.narwhal.component.Command;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.DataFormat;
import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Parking;
import io.narwhal.component.Phase;
import io.narwhal.component.Progress;
import io.narwhal.component.Sockets;
import io.narwhal.config.NodeConfig;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Keeps the processes of one node running: starts them, starts them again, stops them in order, and
 * persists what it knows. When it is itself killed the processes go on without it; the next manager
 * finds them on their pages.
 */
public final class NodeManager {
    private static final Logger LOG = LoggerFactory.getLogger(NodeManager.class);
    private static final long LOOK_MS = 100;
    private static final long END_MS_MAX = 100;
    private static final long TAKE_MS_MAX = 5_000;
    private static final long SAVE_MS = 2_000;
    private static final long MEMORY_LOOK_MS = 1_000;

    /** Name of the manager's own page. */
    public static final String PAGE = "manager";

    /** What the manager needs of the machine. */
    public record Host(
            Disk disk, Net net, Processes processes, Clock clock, ServiceManager services) {
        /** One without a service manager. */
        public Host(Disk disk, Net net, Processes processes, Clock clock) {
            this(disk, net, processes, clock, ServiceManager.none());
        }
    }

    /** Makes the command line of a component's process. */
    @FunctionalInterface
    public interface Launcher {
        /** The command that runs this component, which inherits this many sockets. */
        List<String> command(String component, Kind kind, int sockets);
    }

    /** Another manager runs this node. The message says which. */
    public static final class AlreadyRunning extends RuntimeException {
        AlreadyRunning(String message) {
            super(message);
        }
    }

    private final NodeConfig config;
    private final NodeLayout layout;
    private final Host host;
    private final Launcher launcher;
    private final Consumer<String> onReady;
    private final Keeper keeper;
    private final Wanted wanted;
    private AlarmWatch alarms;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicBoolean finish = new AtomicBoolean();
    private final List<Member> members = new ArrayList<>();
    private List<Integer> descriptors = List.of();
    private String since = "";
    private boolean ready;
    private boolean draining;
    private long savedMs;
    private String savedAs = "";
    private boolean stale;
    private boolean newConfiguration;
    private long memoryLookMs;

    /**
     * A manager that has done nothing yet.
     *
     * @param onReady called once, when every component runs and every socket is bound
     */
    public NodeManager(NodeConfig config, Host host, Launcher launcher, Consumer<String> onReady) {
        this.config = config;
        this.layout = new NodeLayout(config.data());
        this.host = host;
        this.keeper = new Keeper(host, layout);
        this.wanted = new Wanted(host, new Wishes(host.disk(), layout));
        this.alarms = new AlarmWatch(config, host, List.of(), List.of());
        this.launcher = launcher;
        this.onReady = onReady;
    }

    /** Asks the manager to stop its components in order and to end; from any thread. */
    public void stop() {
        stop.set(true);
    }

    /**
     * Asks the manager to let its components take all that the journals hold, and then to end; from
     * any thread. Nothing of it is on the disk: a manager that is killed meanwhile leaves a node
     * that starts as ever.
     */
    public void finish() {
        finish.set(true);
    }

    /**
     * Runs the node until {@link #stop()}, or until it is done after {@link #finish()}.
     *
     * @param configuration the text of the configuration, kept beside the state for the components
     * @throws AlreadyRunning when another manager runs this node
     * @throws DataFormat.Refused when another release wrote the data directory
     * @throws io.narwhal.base.NetFailure when a socket cannot be bound
     * @throws DiskFailure when the data directory cannot be used
     */
    public void run(String configuration) {
        host.disk().createDirectories(layout.node());
        try (var ignored =
                host.processes()
                        .lock(layout.lock())
                        .orElseThrow(() -> new AlreadyRunning(alreadyRunning()))) {
            DataFormat.mark(host.disk(), layout);
            prepareDirectories();
            retireOthers(configuration);
            var parking = new Parking(host.services(), host.net(), config);
            try (var sockets = takeOrBind(parking);
                    var streams = new StreamKeeper(host, layout, config, parking);
                    var page = ComponentPage.open(host.disk(), layout.page(PAGE))) {
                host.processes().allowSharing();
                page.claim(host.processes().self());
                page.setSockets(sockets.held());
                parking.settle(config, sockets);
                descriptors = sockets.descriptors(config);
                keeper.hold(descriptors, sockets.heldByChild(config));
                page.become(Phase.RUNNING, "");
                since = now();
                openMembers();
                var report = new ServiceReport(host.services(), nowMs());
                superviseUntilStopped(page, sockets, streams, parking, report);
                page.become(Phase.STOPPING, "");
                report.stopping();
                keeper.dismiss();
                stopInOrder(page);
                page.become(Phase.STOPPED, "");
                page.setSockets(List.of());
                keeper.awaitEnd();
            }
        } finally {
            members.forEach(member -> member.page().close());
        }
    }

    // A component that a killed manager had just started holds the sockets and does not say so yet.
    private Sockets takeOrBind(Parking parking) {
        long deadline = nowMs() + TAKE_MS_MAX;
        while (true) {
            try {
                return Sockets.takeOrBind(
                        config, layout, host.disk(), host.net(), host.processes(), parking);
            } catch (NetFailure e) {
                if (nowMs() > deadline || stop.get() || !hasRunBefore()) {
                    throw e;
                }
                host.clock().sleepMillis(LOOK_MS);
            }
        }
    }

    private boolean hasRunBefore() {
        return host.disk().exists(layout.page(PAGE));
    }

    private String alreadyRunning() {
        String who =
                HostState.load(host.disk(), layout)
                        .map(state -> " as process " + state.manager().pid())
                        .orElse("");
        return "node "
                + config.node()
                + " runs already"
                + who
                + " on "
                + layout.data()
                + "; stop that one first, or give this one another data directory";
    }

    private void prepareDirectories() {
        for (var directory :
                List.of(
                        layout.run(),
                        layout.checkpoints(),
                        layout.logs(),
                        layout.natives(),
                        // Made by us, so that we may take away what another user puts there.
                        layout.desired(),
                        layout.restarts())) {
            host.disk().createDirectories(directory);
        }
    }

    // Processes that still run an older configuration, or are not in this one, end first.
    private void retireOthers(String configuration) {
        boolean same = configuration.equals(ConfigurationCopy.read(host.disk(), layout));
        Map<String, Kind> wanted = Kind.components(config);
        for (String file : host.disk().list(layout.run())) {
            String name = file.replaceFirst("\\.page$", "");
            if (file.endsWith(".page")
                    && !name.equals(PAGE)
                    && !name.equals(Keeper.PAGE)
                    && !(same && wanted.containsKey(name))) {
                retire(name);
            }
        }
        newConfiguration = !same;
        if (!same) {
            ConfigurationCopy.write(host.disk(), layout, configuration);
        }
    }

    private void retire(String name) {
        try (var page = ComponentPage.open(host.disk(), layout.page(name))) {
            Processes.Identity process = page.owner();
            if (host.processes().isAlive(process)) {
                LOG.info(
                        "{}: process {} runs another configuration: stopping it",
                        name,
                        process.pid());
                host.processes().terminate(process);
                long deadline = nowMs() + Supervision.STOP_MS_MAX;
                while (host.processes().isAlive(process) && nowMs() < deadline) {
                    host.clock().sleepMillis(LOOK_MS);
                }
                host.processes().kill(process);
            }
        }
    }

    private void openMembers() {
        Map<String, HostState.Component> before = new HashMap<>();
        Optional<HostState> last = loadState();
        last.ifPresent(state -> state.components().forEach(c -> before.put(c.name(), c)));
        last.ifPresent(
                state ->
                        alarms =
                                new AlarmWatch(
                                        config, host, state.knownStalls(), state.knownAlarms()));
        Kind.components(config)
                .forEach(
                        (name, kind) -> {
                            var known = Optional.ofNullable(before.get(name));
                            var page = ComponentPage.open(host.disk(), layout.page(name));
                            page.setCommand(Command.RUN);
                            var supervision =
                                    new Supervision(
                                            new Supervision.Limits(
                                                    config.hangAfterMs(),
                                                    MemoryLimit.bytes(config.memory(), kind)),
                                            new Supervision.Delays(
                                                    config.restart().delayMs(),
                                                    config.restart().delayMaxMs()),
                                            known.map(HostState.Component::restarts).orElse(0));
                            var member =
                                    new Member(
                                            name,
                                            kind,
                                            page,
                                            supervision,
                                            known.map(HostState.Component::lastEnd).orElse(""));
                            members.add(member);
                            adopt(member, known);
                        });
    }

    private void adopt(Member member, Optional<HostState.Component> known) {
        // Whoever has changed the configuration has perhaps mended what failed.
        known.filter(c -> !newConfiguration)
                .ifPresent(c -> member.supervision().resume(c.failures(), waitsMs(c), nowMs()));
        known.ifPresent(c -> member.setSince(Instant.parse(c.since())));
        if (host.processes().isAlive(member.process())) {
            LOG.info(
                    "{}: process {} still runs: going on with it",
                    member.name(),
                    member.process().pid());
            member.setProcess(
                    member.process(),
                    known.map(c -> Instant.parse(c.since())).orElseGet(this::wall));
            member.supervision().onStarted(nowMs());
        } else if (known.isPresent() && known.get().pid() != 0 && !member.phase().isOver()) {
            // It ended while no manager was there to see it.
            member.supervision().onMissed();
        }
    }

    private long waitsMs(HostState.Component known) {
        return known.nextTry() == null
                ? 0
                : Instant.parse(known.nextTry()).toEpochMilli() - wall().toEpochMilli();
    }

    // A state that cannot be read costs the restart counts; the processes are on their pages.
    private Optional<HostState> loadState() {
        try {
            return HostState.load(host.disk(), layout);
        } catch (DiskFailure e) {
            LOG.warn("{}; going on without the restart counts", e.getMessage());
            return Optional.empty();
        }
    }

    private void superviseUntilStopped(
            ComponentPage page,
            Sockets sockets,
            StreamKeeper streams,
            Parking parking,
            ServiceReport report) {
        draining = host.disk().exists(layout.drainRequest());
        while (!stop.get()) {
            mustBeThere();
            page.beat();
            streams.look();
            wanted.look(members, nowMs());
            lookAtMemory();
            members.forEach(this::look);
            tellReady();
            if (finish.get() || host.disk().exists(layout.drainRequest())) {
                drain(page, sockets, parking);
            }
            report.look(nowMs(), ready || draining, ServiceReport.describe(members, draining));
            save(false);
            host.processes().awaitEnd(believedAlive(), LOOK_MS);
        }
    }

    // Whoever dies is seen at once. One that is known to be dead would end the wait every time.
    private List<Processes.Identity> believedAlive() {
        return members.stream()
                .filter(member -> member.supervision().standing().isAlive())
                .map(Member::process)
                .toList();
    }

    // Whatever is started or written below a directory that was removed is lost.
    private void mustBeThere() {
        if (!host.disk().exists(layout.node())) {
            throw new DiskFailure(
                    "the node stops, as its data directory was removed while it ran; put it back"
                            + " from a backup, or start anew:",
                    layout.data(),
                    null);
        }
    }

    private void lookAtMemory() {
        if (nowMs() - memoryLookMs < MEMORY_LOOK_MS) {
            return;
        }
        memoryLookMs = nowMs();
        members.forEach(
                member -> member.setMemory(host.processes().anonymousBytes(member.process())));
    }

    private void look(Member member) {
        boolean alive = host.processes().isAlive(member.process()) || findOther(member);
        boolean ended = !alive && member.supervision().standing().isAlive();
        if (ended) {
            // It counts as dead when its first thread is, and can tell how when all are.
            host.processes().awaitEnd(List.of(member.process()), END_MS_MAX);
            member.setExit(host.processes().exitCode(member.process()));
        } else if (!alive) {
            host.processes().exitCode(member.process()); // it must not stay a zombie
        }
        Phase phase = member.phase();
        boolean finished = phase == Phase.DRAINED && member.page().command() == Command.DRAIN;
        var seen =
                new Supervision.Seen(
                        alive,
                        phase,
                        finished,
                        member.endedOfItself(),
                        member.page().beats(),
                        member.memory(),
                        nowMs());
        int restartsBefore = member.supervision().restarts();
        Supervision.Action action = member.supervision().decide(seen);
        if (member.supervision().restarts() > restartsBefore
                || ended && !member.killedFor().isEmpty()) {
            noteEnd(member);
        }
        switch (action) {
            case Supervision.Action.Leave _ -> {}
            case Supervision.Action.Start _ -> start(member);
            case Supervision.Action.Terminate _ -> host.processes().terminate(member.process());
            case Supervision.Action.Kill(String reason) -> {
                if (member.killedFor().isEmpty()) {
                    LOG.warn(
                            "{}: process {}: {}: killing it",
                            member.name(),
                            member.process().pid(),
                            reason);
                }
                member.setKilledFor(reason);
                host.processes().kill(member.process());
            }
        }
    }

    // What a killed manager had just started was not on its page yet when we looked first.
    private boolean findOther(Member member) {
        Processes.Identity owner = member.page().owner();
        if (owner.equals(member.process()) || !host.processes().isAlive(owner)) {
            return false;
        }
        LOG.info("{}: process {} runs already: going on with it", member.name(), owner.pid());
        member.setProcess(owner, wall());
        member.supervision().onStarted(nowMs());
        return true;
    }

    private void noteEnd(Member member) {
        Optional<String> exit =
                member.exit()
                        .map(code -> code > 128 ? "signal " + (code - 128) : "exit code " + code);
        String how =
                member.killedFor().isEmpty()
                        ? exit.orElse("ended")
                        : "killed: " + member.killedFor();
        String message = member.phase() == Phase.FAILED ? ": " + member.page().message() : "";
        member.setLastEnd(how + message);
        LOG.warn(
                "{}: process {} ended ({}{})", member.name(), member.process().pid(), how, message);
    }

    private void start(Member member) {
        List<String> command = launcher.command(member.name(), member.kind(), descriptors.size());
        try {
            LogFile.rotate(host.disk(), layout.log(member.name()));
            member.setProcess(
                    host.processes().start(command, layout.log(member.name()), descriptors),
                    wall());
            member.supervision().onStarted(nowMs());
            LOG.info("{}: started as process {}", member.name(), member.process().pid());
        } catch (DiskFailure e) {
            member.setLastEnd(String.valueOf(e.getMessage()));
            member.supervision().onNotStarted(nowMs());
            LOG.error("{}: {}; trying again", member.name(), e.getMessage());
        }
    }

    private void tellReady() {
        boolean all =
                members.stream()
                        .filter(member -> !(wanted.of(member) instanceof Wish.Stopped))
                        .allMatch(
                                member ->
                                        member.phase() == Phase.RUNNING
                                                && host.processes().isAlive(member.process()));
        if (all && !ready && !draining) {
            ready = true;
            save(true);
            onReady.accept("ready");
        }
    }

    // Upstream first: a component is told to finish once nothing more can come to it.
    private void drain(ComponentPage page, Sockets sockets, Parking parking) {
        if (!draining) {
            LOG.info("drain: taking nothing more in");
        }
        draining = true;
        for (Kind kind : Kind.values()) {
            List<Member> stage = members.stream().filter(member -> member.kind() == kind).toList();
            stage.forEach(member -> member.page().setCommand(Command.DRAIN));
            if (!stage.stream().allMatch(this::isDrained)) {
                return;
            }
            if (kind == Kind.COLLECTOR) {
                releaseSockets(page, sockets, parking);
            }
        }
        LOG.info("drain: everything is delivered");
        save(true);
        host.disk().delete(layout.drainRequest());
        host.disk().forceDirectory(layout.node());
        if (finish.get()) {
            stop.set(true);
        }
    }

    // Not before: while the collectors take what is queued, any of them may be killed, and the
    // queue lives as long as somebody holds the socket and hands it to the successor.
    private void releaseSockets(ComponentPage page, Sockets sockets, Parking parking) {
        keeper.dismiss();
        parking.release();
        page.setSockets(List.of());
        descriptors = List.of();
        sockets.close();
        members.stream()
                .filter(member -> member.kind() != Kind.COLLECTOR)
                .filter(member -> member.page().command() == Command.RUN)
                .forEach(member -> member.page().setCommand(Command.RELEASE));
    }

    private boolean isDrained(Member member) {
        // A page may yet say how the process of an earlier manager ended.
        return (member.isKnown() || !finish.get())
                && member.phase() == Phase.DRAINED
                && !host.processes().isAlive(member.process());
    }

    private void stopInOrder(ComponentPage page) {
        for (Kind kind : Kind.values()) {
            List<Member> stage = members.stream().filter(member -> member.kind() == kind).toList();
            stage.forEach(member -> member.supervision().setWanted(false));
            while (stage.stream().anyMatch(member -> host.processes().isAlive(member.process()))) {
                page.beat();
                stage.forEach(this::look);
                host.processes().awaitEnd(believedAlive(), LOOK_MS);
            }
        }
        ready = false;
        save(true);
    }

    private void save(boolean now) {
        if (!now && nowMs() - savedMs < SAVE_MS && signature().equals(savedAs)) {
            return;
        }
        savedMs = nowMs();
        savedAs = signature();
        try {
            state().save(host.disk(), layout);
            stale = false;
        } catch (DiskFull e) {
            // The components wait for room, and so does the state; supervision goes on.
            if (!stale) {
                LOG.warn("{}; the state is not saved until there is room", e.getMessage());
            }
            stale = true;
        }
    }

    private HostState state() {
        Processes.Identity self = host.processes().self();
        List<Progress> progress = Progress.of(config, host.disk());
        alarms.look(progress, members.stream().map(this::sight).toList());
        return new HostState(
                config.node(),
                ready,
                draining,
                new HostState.Manager(self.pid(), self.began(), since),
                members.stream().map(this::describe).toList(),
                progress,
                alarms.stalls(),
                alarms.alarms());
    }

    private Sight.Component sight(Member member) {
        return new Sight.Component(
                member.name(),
                wanted.of(member),
                member.supervision().failures(),
                nextTry(member),
                member.lastEnd());
    }

    private @Nullable String nextTry(Member member) {
        OptionalLong waitsMs = member.supervision().waitsMs(nowMs());
        return waitsMs.isPresent() ? wall().plusMillis(waitsMs.getAsLong()).toString() : null;
    }

    // What makes the state worth saving at once.
    private String signature() {
        var text = new StringBuilder().append(ready).append(draining);
        members.forEach(
                member ->
                        text.append(member.process().pid())
                                .append(member.phase())
                                .append(member.supervision().standing())
                                .append(wanted.of(member) instanceof Wish.Stopped)
                                .append(' '));
        return text.toString();
    }

    private HostState.Component describe(Member member) {
        boolean alive = host.processes().isAlive(member.process());
        Phase phase = member.phase();
        String message = member.page().message();
        return new HostState.Component(
                member.name(),
                member.kind().label(),
                alive ? member.process().pid() : 0,
                member.process().began(),
                member.since().toString(),
                wanted.of(member) instanceof Wish.Stopped
                        ? "stopped"
                        : draining ? "drained" : "running",
                member.supervision().standing().label(alive, phase),
                member.supervision().restarts(),
                member.supervision().failures(),
                nextTry(member),
                member.lastEnd().isEmpty() ? null : member.lastEnd(),
                message.isEmpty() ? null : message);
    }

    private String now() {
        return wall().toString();
    }

    private Instant wall() {
        return Instant.ofEpochMilli(host.clock().wallMicros() / 1_000);
    }

    private long nowMs() {
        return host.clock().monotonicNanos() / 1_000_000;
    }
}
