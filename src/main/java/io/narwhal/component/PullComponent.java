package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.DiskFull;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.config.JournalsConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalSettings;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;
import io.narwhal.recovery.Evidence;
import io.narwhal.recovery.Plan;
import io.narwhal.remote.Limits;
import io.narwhal.remote.ManagerClient;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.LinkSettings;
import io.narwhal.transfer.Manager;
import io.narwhal.transfer.ManagerSettings;
import io.narwhal.transfer.Thresholds;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Pulls from agents: the component of all links of this node. One thread does everything but the
 * transport: it hears what comes, saves it, forces it, and only then acknowledges it.
 *
 * <p>The order of a commit, and what a successor finds if the process dies behind each step:
 * appended (the agent sends it again, and is told on opening the link that it is there) → forced →
 * published (the lane takes it) → acknowledged (the agent may forget it).
 */
final class PullComponent implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(PullComponent.class);
    private static final long CHECKPOINT_MS = 2_000;
    private static final long LOOK_MS = 1_000;
    private static final long TICK_MS = 100;

    /** Credit that all links together may have outstanding; what is pulled may stand in memory. */
    static final long OUTSTANDING_BYTES_MAX = 64L << 20;

    /** Origins come before the largest frame that an agent may have. */
    private static final int ORIGIN_ROOM_BYTES = 4 << 10;

    private final Environment environment;
    private long commitNanos;
    private long checkpointNanos;
    private long lookNanos;
    private long tickNanos;
    private long forced;

    /** A component that has opened nothing yet. */
    PullComponent(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Phase run(Duty duty) {
        duty.become(Phase.RECOVERING, "");
        var checkpoints = checkpoints(environment);
        Loaded loaded = checkpoints.load();
        List<Replay> replays = replays(checkpoints, loaded, PullState.of(loaded));
        try (PullStore store = opened(duty, checkpoints, loaded)) {
            replays.forEach(one -> tell(one, store));
            enter(store);
            var manager = new Manager(settings(store), store);
            NodeConfig config = environment.config();
            try (var client =
                            new ManagerClient(
                                    new ManagerClient.Settings(
                                            Limits.DEFAULT, Runnable::run, environment.clock()));
                    var links = new PullLinks(environment, manager, client)) {
                config.pull().forEach(one -> links.add(one, settings(one), nowMs()));
                duty.become(Phase.RUNNING, "");
                duty.opened(replays);
                return work(duty, store, manager, links);
            }
        }
    }

    // To make a journal takes room; who had it before and waits for some, waits here too.
    private PullStore opened(Duty duty, CheckpointStore checkpoints, Loaded loaded) {
        List<PullStore> opened = new ArrayList<>();
        Patience.until(
                duty,
                () ->
                        opened.add(
                                PullStore.open(
                                        setup(environment, checkpoints), PullState.of(loaded))));
        return opened.getFirst();
    }

    // Managers that pull from here in turn tell by it whether they have the same.
    private void enter(PullStore store) {
        for (PullState.Place place : List.of(PullState.Place.RECEIVED, PullState.Place.USAGE)) {
            if (store.journals().has(place)) {
                ServedJournal.opened(
                        environment,
                        store.journals().settings(place).directory(),
                        store.journals().writer(place));
            }
        }
    }

    static CheckpointStore checkpoints(Environment environment) {
        return new CheckpointStore(
                environment.disk(), environment.layout().checkpoints(), NodeConfig.PULL);
    }

    private ManagerSettings settings(PullStore store) {
        return new ManagerSettings(
                environment.config().node(), store.state().instance(), OUTSTANDING_BYTES_MAX);
    }

    /** A link as the state machine knows it. */
    static LinkSettings settings(PullConfig link) {
        PullConfig.Thresholds when = link.thresholds();
        return new LinkSettings(
                link.name(),
                link.identity(),
                journal(link),
                link.everyMs(),
                new Thresholds(
                        when.fillPercent(),
                        when.clearPercent(),
                        when.records(),
                        when.ageMs(),
                        when.retryMs()),
                link.credit().records(),
                link.credit().bytes());
    }

    /** Which journals of the agent a link pulls. */
    static Journal journal(PullConfig link) {
        return switch (link.journal()) {
            case RECEIVED -> Journal.RECEIVED;
            case USAGE -> Journal.USAGE;
        };
    }

    // ---- what it opens ----

    static PullStore.Setup setup(Environment environment, CheckpointStore checkpoints) {
        NodeConfig config = environment.config();
        NodeLayout layout = environment.layout();
        JournalsConfig sizes = config.journals();
        Map<PullState.Place, JournalSettings> journals = new EnumMap<>(PullState.Place.class);
        journals.put(
                PullState.Place.PARKED,
                new JournalSettings(
                        layout.parked(), limits(larger(sizes)), List.of(NodeConfig.PULL)));
        if (config.pulls(PullConfig.Journal.RECEIVED)) {
            journals.put(
                    PullState.Place.RECEIVED,
                    journal(
                            environment,
                            layout.received(NodeConfig.PULL),
                            sizes.received(),
                            SubscriberLanes.readers(config, NodeConfig.PULL)));
        }
        if (config.pulls(PullConfig.Journal.USAGE)) {
            Set<String> outputs =
                    config.outputs().stream().map(OutputConfig::name).collect(Collectors.toSet());
            journals.put(
                    PullState.Place.USAGE,
                    journal(environment, layout.usage(NodeConfig.PULLED), sizes.usage(), outputs));
        }
        return new PullStore.Setup(
                environment.disk(),
                environment.clock(),
                checkpoints,
                journals,
                config.usage(),
                environment.identities(),
                NodeConfig.PULL);
    }

    private static JournalSettings journal(
            Environment environment,
            Path directory,
            io.narwhal.config.JournalSettings sizes,
            Set<String> readers) {
        Set<String> own = new TreeSet<>(readers);
        own.add(NodeConfig.PULL);
        return JournalSettings.of(
                directory, limits(sizes), ServedJournal.readers(environment, directory, own));
    }

    // What is parked may be of either.
    private static io.narwhal.config.JournalSettings larger(JournalsConfig sizes) {
        return sizes.usage().segmentBytes() > sizes.received().segmentBytes()
                ? sizes.usage()
                : sizes.received();
    }

    // A frame is larger here than at the agent by what stands before it.
    private static JournalLimits limits(io.narwhal.config.JournalSettings sizes) {
        JournalLimits plain = LaneRecovery.limits(sizes);
        return new JournalLimits(
                plain.segmentBytes(),
                plain.frameBytesMax() + ORIGIN_ROOM_BYTES,
                plain.capacityBytes(),
                plain.retentionMs());
    }

    private List<Replay> replays(CheckpointStore checkpoints, Loaded loaded, PullState state) {
        List<Replay> replays = new ArrayList<>();
        setup(environment, checkpoints)
                .journals()
                .forEach((place, one) -> replays.add(replay(checkpoints, loaded, state, place)));
        return replays;
    }

    // What it reads when it starts is its own journal; what comes of it is computed, not written.
    private Replay replay(
            CheckpointStore checkpoints, Loaded loaded, PullState state, PullState.Place place) {
        var directory =
                Objects.requireNonNull(setup(environment, checkpoints).journals().get(place))
                        .directory();
        var input = Replay.Input.of(environment.disk(), directory);
        var at = state.end(place);
        Evidence.Checkpoint checkpoint =
                at.journalId() == 0 && !(loaded instanceof Loaded.Unreadable)
                        ? Evidence.Checkpoint.NONE
                        : LaneRecovery.checkpoint(loaded);
        var evidence =
                new Evidence(checkpoint, input.evidence().asInput(at), Evidence.Output.IDEMPOTENT);
        Plan plan = Plan.of(evidence);
        String name = place == PullState.Place.RECEIVED ? NodeConfig.PULL : name(place);
        var replay =
                new Replay(name, input)
                        .decided(evidence, plan)
                        .checkpoint(checkpoints, loaded, environment.clock())
                        .from(at.position(), 0);
        LaneRecovery.say(NodeConfig.PULL + ", " + name, loaded, plan, replay);
        return replay;
    }

    private static String name(PullState.Place place) {
        return place == PullState.Place.USAGE ? NodeConfig.PULLED : "parked";
    }

    private void tell(Replay replay, PullStore store) {
        for (PullState.Place place : PullState.Place.values()) {
            String name = place == PullState.Place.RECEIVED ? NodeConfig.PULL : name(place);
            if (store.journals().has(place) && replay.lane().lane().equals(name)) {
                var writer = store.journals().writer(place);
                replay.opened("journal of " + name, writer.recovered());
                replay.stands(writer.end(), writer.end(), 0, environment.clock());
            }
        }
    }

    // ---- what it does ----

    private long nowMs() {
        return environment.clock().monotonicNanos() / 1_000_000;
    }

    private Phase work(Duty duty, PullStore store, Manager manager, PullLinks links) {
        long now = environment.clock().monotonicNanos();
        commitNanos = now;
        checkpointNanos = now;
        tickNanos = now;
        Command command = duty.command();
        while (command == Command.RUN || command == Command.RELEASE) {
            links.hear(waitMs(store, manager), nowMs());
            step(duty, store, manager, links);
            command = duty.command();
        }
        duty.become(Phase.STOPPING, "");
        links.close();
        return finish(duty, store, manager, links, command);
    }

    private long waitMs(PullStore store, Manager manager) {
        boolean isDue = manager.appended() > forced || !store.waiting().isEmpty();
        return isDue ? Math.min(5, environment.config().commit().everyMs()) : TICK_MS;
    }

    private void step(Duty duty, PullStore store, Manager manager, PullLinks links) {
        long nanos = environment.clock().monotonicNanos();
        if (store.work()) {
            links.taken();
            commitIfDue(store, manager, nanos);
        } else if (!store.waiting().isEmpty()) {
            // What is appended already is shown to the lane, which is to make the room. It is
            // acknowledged later, with the rest.
            store.commit();
        }
        if (nanos - tickNanos >= TICK_MS * 1_000_000 / 2) {
            tickNanos = nanos;
            manager.tick(nowMs());
            links.connect(nowMs());
        }
        if (nanos - lookNanos >= LOOK_MS * 1_000_000) {
            lookNanos = nanos;
            links.look(store, nowMs());
            say(duty, store, links);
            duty.tellRecovery();
        }
        if (store.isDirty() && nanos - checkpointNanos >= CHECKPOINT_MS * 1_000_000) {
            checkpointNanos = nanos;
            checkpoint(store, manager);
        }
        duty.beat();
    }

    private void commitIfDue(PullStore store, Manager manager, long nanos) {
        boolean pending = manager.appended() > forced;
        long everyNanos = environment.config().commit().everyMs() * 1_000_000;
        if (pending && (manager.answered() || nanos - commitNanos >= everyNanos)) {
            commitNanos = nanos;
            commit(store, manager);
        }
    }

    private void commit(PullStore store, Manager manager) {
        long mark = manager.appended();
        store.commit();
        forced = mark;
        manager.forced(mark, nowMs());
    }

    private void checkpoint(PullStore store, Manager manager) {
        if (manager.appended() > forced) {
            commit(store, manager);
        }
        try {
            store.checkpoint();
        } catch (DiskFull full) {
            LOG.debug("no checkpoint yet: {}", full.getMessage());
        }
    }

    private static void say(Duty duty, PullStore store, PullLinks links) {
        String waiting = store.waiting();
        if (!waiting.isEmpty()) {
            duty.become(Phase.WAITING, waiting + "; agents keep what they have until there is");
        } else {
            duty.become(Phase.RUNNING, said(store, links));
        }
        duty.setRecords(
                store.state().streams().stream().mapToLong(one -> one.counts().items()).sum());
    }

    private static String said(PullStore store, PullLinks links) {
        List<String> missing = store.missing();
        if (!missing.isEmpty()) {
            return "usage is held until the configuration has it: "
                    + missing.getFirst()
                    + (missing.size() > 1 ? ", and " + (missing.size() - 1) + " more" : "")
                    + "; see narwhal transfer";
        }
        return links.complaint();
    }

    // The links are closed: what came is saved, and with a drain the lane is told that it is all.
    private Phase finish(
            Duty duty, PullStore store, Manager manager, PullLinks links, Command command) {
        Patience.until(
                duty,
                () -> {
                    if (!store.work()) {
                        throw new DiskFull(store.waiting(), environment.layout().data(), null);
                    }
                });
        commit(store, manager);
        boolean drains = command == Command.DRAIN;
        if (drains && environment.config().pulls(PullConfig.Journal.RECEIVED)) {
            Patience.until(duty, () -> store.closeIntake(closed()));
        }
        Patience.until(duty, store::checkpoint);
        links.look(store, nowMs());
        say(store);
        return drains ? Phase.DRAINED : Phase.STOPPED;
    }

    private static void say(PullStore store) {
        Check.that(!store.isDirty(), "the checkpoint has everything");
        LOG.info("everything that was pulled is saved");
    }

    // As a collector says that nothing more will come, so that open bins close.
    private ByteBuffer closed() {
        var header =
                new ReceivedBlock.Header(
                        ReceivedBlock.Kind.CLOSE,
                        0,
                        0,
                        Transport.UDP,
                        0,
                        environment.clock().wallMicros(),
                        0,
                        0,
                        0,
                        0,
                        0);
        ByteBuffer block = ByteBuffer.allocate(ReceivedBlock.HEADER_BYTES);
        header.write(block);
        return block.flip();
    }
}
