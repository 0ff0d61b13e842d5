package io.narwhal.component;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.base.StateReader;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.config.CustomersConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.SamplingConfig;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.recovery.Evidence;
import io.narwhal.recovery.Plan;
import io.narwhal.recovery.RecoveryNote;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.DecoderLimits;
import io.narwhal.wire.SamplingRule;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens the lanes of accounting as the recovery plan says. */
public final class LaneRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LaneRecovery.class);

    /** A frame of a journal is no larger, whatever is configured. */
    static final int FRAME_BYTES_MAX = 8 << 20;

    private final Environment environment;
    private final Disk disk;
    private final NodeConfig config;

    /** Opens nothing yet. */
    public LaneRecovery(Environment environment) {
        this.environment = environment;
        this.disk = environment.disk();
        this.config = environment.config();
    }

    /**
     * The component cannot resume without losing or doubling something. The message says what next.
     */
    public static final class Refused extends RuntimeException {
        private final transient List<RecoveryNote.Lane> lanes;

        Refused(String message) {
            this(message, List.of());
        }

        Refused(String message, List<RecoveryNote.Lane> lanes) {
            super(message);
            this.lanes = lanes;
        }

        /** The lane that cannot resume, if it is one. */
        List<RecoveryNote.Lane> lanes() {
            return lanes;
        }
    }

    /** What the lanes do, by configuration, but for lines of files. */
    public static Lane.Work work(NodeConfig config, Disk disk) {
        return work(config, disk, LineWork.NONE);
    }

    /** What the lane of that name does, by configuration. */
    public static Lane.Work work(NodeConfig config, Disk disk, String lane) {
        return work(config, disk, LineWork.of(config, lane));
    }

    private static Lane.Work work(NodeConfig config, Disk disk, LineWork lines) {
        return new Lane.Work(
                config.usage(),
                customers(config, disk),
                new DecoderLimits(
                        config.limits().templatesPerExporter(),
                        config.limits().fieldsPerTemplate(),
                        config.limits().exporters(),
                        config.held().memoryBytes(),
                        config.held().forMs(),
                        config.limits().exporterIdleMs(),
                        config.limits().totalFlows(),
                        config.limits().exporterStateBytes()),
                new AggregationLimits(
                        config.limits().openKeys(),
                        AggregationLimits.DEFAULT.openBinsMax(),
                        AggregationLimits.DEFAULT.spanBinsMax()),
                config.sampling().stream().map(LaneRecovery::rule).toList(),
                sessionLimits(config),
                SessionFeed.holders(config),
                lines,
                config.limits().copies());
    }

    /** Bounds on the sessions that a lane knows. */
    static SessionLimits sessionLimits(NodeConfig config) {
        return new SessionLimits(
                config.limits().sessions(),
                config.sessions().keepMs(),
                config.sessions().expireMs());
    }

    private static SamplingRule rule(SamplingConfig sampling) {
        return new SamplingRule(
                sampling.exporter().high(),
                sampling.exporter().low(),
                sampling.exporter().bits(),
                sampling.inputIf(),
                sampling.rate(),
                sampling.always());
    }

    private static CustomerTable customers(NodeConfig config, Disk disk) {
        CustomersConfig customers = config.enhance().customers();
        if (customers == null) {
            return CustomerTable.empty();
        }
        byte[] csv = SmallFile.read(disk, customers.table());
        return switch (CustomerTable.read(customers.table().toString(), csv)) {
            case CustomerTable.Outcome.Loaded(CustomerTable table, List<?> _) -> table;
            case CustomerTable.Outcome.Refused(List<CustomerTable.Problem> problems) ->
                    throw new Refused(
                            "the customers table cannot be used: "
                                    + problems.getFirst()
                                    + " (see all with: narwhal check)");
        };
    }

    /** Opens the lane of this collector. */
    AccountingLane.Opened open(String collector) {
        NodeLayout layout = environment.layout();
        var checkpoints =
                new CheckpointStore(disk, layout.checkpoints(), checkpointName(collector));
        Loaded loaded = checkpoints.load();
        @Nullable StateReader state = LaneHead.bytes(loaded).map(StateReader::new).orElse(null);
        var head = state == null ? null : LaneHead.read(state);
        JournalPosition from = head == null ? JournalPosition.BEGINNING : head.input();
        JournalPosition to = head == null ? JournalPosition.BEGINNING : head.output();
        var input = Replay.Input.of(disk, layout.received(collector));
        var output = JournalEvidence.of(disk, layout.usage(collector));
        var evidence =
                new Evidence(
                        checkpoint(loaded), input.evidence().asInput(from), output.asOutput(to));
        Plan plan = Plan.of(evidence);
        var replay =
                new Replay(collector, input)
                        .decided(evidence, plan)
                        .checkpoint(checkpoints, loaded, environment.clock());
        say(collector, loaded, plan, replay);
        boolean anew = !(plan instanceof Plan.Resume || plan instanceof Plan.ResumePrevious);
        Lane.Work work = work(config, disk, collector);
        var lane = anew || state == null ? new Lane(work) : new Lane(work, state);
        replay.from(anew ? 0 : from.position(), lane.books().accounted().records());
        return new AccountingLane.Opened(
                JournalReader.open(disk, layout.received(collector), anew ? 0 : from.position()),
                openOutput(collector, anew ? JournalPosition.BEGINNING : to, replay),
                checkpoints,
                lane,
                LaneHeld.open(environment, collector),
                feed(collector, work, anew ? null : head, state, replay),
                plan instanceof Plan.Resume,
                replay);
    }

    // What is known of sessions stands behind the context, if the lane knew of any.
    private @Nullable SessionFeed feed(
            String lane,
            Lane.Work work,
            @Nullable LaneHead head,
            @Nullable StateReader rest,
            Replay replay) {
        if (!SubscriberLanes.has(config, lane)) {
            return null;
        }
        if (head == null || head.sessions().isEmpty()) {
            return SessionFeed.open(environment, lane, work.holders(), Map.of(), null, replay);
        }
        return SessionFeed.open(environment, lane, work.holders(), head.sessions(), rest, replay);
    }

    /** Name of the checkpoint of a collector's lane. */
    public static String checkpointName(String collector) {
        return NodeConfig.ACCOUNTING + "-" + collector;
    }

    static Evidence.Checkpoint checkpoint(Loaded loaded) {
        return switch (loaded) {
            case Loaded.None _ -> Evidence.Checkpoint.NONE;
            case Loaded.Found _ -> Evidence.Checkpoint.NEWEST;
            case Loaded.FellBack _ -> Evidence.Checkpoint.PREVIOUS;
            case Loaded.Unreadable _ -> Evidence.Checkpoint.UNREADABLE;
        };
    }

    static void say(String collector, Loaded loaded, Plan plan, Replay replay) {
        if (loaded instanceof Loaded.FellBack(long generation, byte[] _, String why)) {
            LOG.warn(
                    "{}: {}; going on from generation {}, what came since is computed again",
                    collector,
                    why,
                    generation);
        }
        if (loaded instanceof Loaded.Unreadable(List<String> reasons)) {
            LOG.error("{}: {}", collector, String.join("; ", reasons));
        }
        switch (plan) {
            case Plan.Begin _ -> LOG.info("{}: begins anew", collector);
            case Plan.Resume _ -> LOG.info("{}: resumes from its checkpoint", collector);
            case Plan.ResumePrevious _ ->
                    LOG.warn("{}: resumes from its previous checkpoint", collector);
            case Plan.Recompute _ ->
                    LOG.warn("{}: computes everything again from the received journal", collector);
            case Plan.Refuse refuse ->
                    throw new Refused(collector + ": " + refuse.message(), List.of(replay.lane()));
        }
    }

    private JournalWriter openOutput(String collector, JournalPosition position, Replay replay) {
        Set<String> readers = new HashSet<>();
        config.outputs().forEach(output -> readers.add(output.name()));
        var settings =
                JournalSettings.of(
                                environment.layout().usage(collector),
                                limits(config.journals().usage()),
                                ServedJournal.readers(
                                        environment,
                                        environment.layout().usage(collector),
                                        readers))
                        .byCommits();
        JournalWriter writer =
                JournalWriter.openAt(
                        disk,
                        environment.clock(),
                        settings,
                        () -> environment.clock().wallMicros(),
                        position);
        JournalLog.tell(LOG, writer.recovered());
        replay.opened("journal/usage/" + collector, writer.recovered());
        return ServedJournal.opened(environment, settings.directory(), writer);
    }

    /** The limits of a journal, by configuration. */
    static JournalLimits limits(io.narwhal.config.JournalSettings settings) {
        return new JournalLimits(
                settings.segmentBytes(),
                (int) Math.min(FRAME_BYTES_MAX, settings.segmentBytes() / 2),
                settings.capacityBytes(),
                settings.retentionMs());
    }
}
