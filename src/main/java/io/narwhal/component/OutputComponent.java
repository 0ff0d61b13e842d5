package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.output.LedgerWriter;
import io.narwhal.output.ParquetEncoder;
import io.narwhal.recovery.Evidence;
import io.narwhal.recovery.Plan;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;

/** Delivers the usage of all collectors to one ledger. */
public final class OutputComponent implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(OutputComponent.class);
    private static final int FRAMES_AT_ONCE = 16;
    private static final long IDLE_MS = 20;

    private final Environment environment;
    private final OutputConfig config;
    private final ParquetEncoder encoder;
    private final CheckpointStore checkpoints;
    private final List<OutputLane> lanes = new ArrayList<>();
    private final StateWriter snapshot = new StateWriter(256);

    /** A component that has opened nothing yet. */
    public OutputComponent(Environment environment, OutputConfig config, ParquetEncoder encoder) {
        this.environment = environment;
        this.config = config;
        this.encoder = encoder;
        this.checkpoints =
                new CheckpointStore(
                        environment.disk(), environment.layout().checkpoints(), config.name());
    }

    @Override
    public Phase run(Duty duty) {
        duty.become(Phase.RECOVERING, "");
        try {
            recover();
            duty.become(Phase.RUNNING, "");
            duty.opened(replays());
            return work(duty);
        } finally {
            close();
        }
    }

    /** Opens the lanes as their recovery plans say. */
    void recover() {
        Loaded loaded = checkpoints.load();
        var head = OutputHead.of(loaded);
        for (String lane : environment.config().usageLanes()) {
            lanes.add(open(lane, loaded, head.of(lane).orElse(null)));
        }
    }

    void close() {
        lanes.forEach(OutputLane::close);
    }

    private OutputLane open(String collector, Loaded loaded, OutputHead.@Nullable Mark mark) {
        Disk disk = environment.disk();
        var directory = environment.layout().usage(collector);
        JournalPosition from = mark == null ? JournalPosition.BEGINNING : mark.position();
        Evidence.Checkpoint checkpoint =
                mark == null && !(loaded instanceof Loaded.Unreadable)
                        ? Evidence.Checkpoint.NONE
                        : LaneRecovery.checkpoint(loaded);
        var input = Replay.Input.of(disk, directory);
        var evidence =
                new Evidence(
                        checkpoint, input.evidence().asInput(from), Evidence.Output.IDEMPOTENT);
        Plan plan = Plan.of(evidence);
        var replay =
                new Replay(collector, input)
                        .decided(evidence, plan)
                        .checkpoint(checkpoints, loaded, environment.clock());
        LaneRecovery.say(config.name() + ", " + collector, loaded, plan, replay);
        boolean anew = !(plan instanceof Plan.Resume || plan instanceof Plan.ResumePrevious);
        LedgerWriter ledger = ledger(collector);
        boolean isPulled = collector.equals(NodeConfig.PULLED);
        return new OutputLane(
                collector,
                JournalReader.open(disk, directory, anew ? 0 : from.position()),
                ledger,
                isPulled ? ledger(NodeLayout.PULLED_CORRECTIONS) : ledger,
                anew ? null : mark,
                replay.from(anew ? 0 : from.position(), anew || mark == null ? 0 : mark.rows()));
    }

    private LedgerWriter ledger(String part) {
        var ledger =
                new LedgerWriter(
                        environment.disk(),
                        environment.layout().ledger(config.name()).resolve(part),
                        encoder);
        ledger.start();
        return ledger;
    }

    private List<Replay> replays() {
        return lanes.stream().flatMap(lane -> lane.replay(environment.clock()).stream()).toList();
    }

    private Phase work(Duty duty) {
        while (true) {
            Command command = duty.command();
            int frames = step(duty, FRAMES_AT_ONCE);
            replays();
            duty.tellRecovery();
            if (command == Command.STOP || command == Command.DRAIN && frames == 0) {
                duty.become(Phase.STOPPING, "");
                LOG.info("everything accounted so far is delivered");
                return command == Command.DRAIN ? Phase.DRAINED : Phase.STOPPED;
            }
            if (frames == 0) {
                duty.idle(IDLE_MS);
            }
        }
    }

    /**
     * Delivers up to this many frames of each lane, and commits if there were any.
     *
     * @return frames delivered; 0 when there are none now
     */
    int step(Duty duty, int framesMax) {
        int frames = 0;
        for (OutputLane lane : lanes) {
            frames += lane.work(framesMax, duty);
        }
        duty.beat();
        if (lanes.stream().anyMatch(OutputLane::isDirty)) {
            commit(duty);
        }
        return frames;
    }

    private void commit(Duty duty) {
        snapshot.clear();
        new OutputHead(lanes.stream().map(OutputLane::mark).toList()).write(snapshot);
        Patience.until(duty, () -> checkpoints.save(snapshot.array(), snapshot.size()));
        lanes.forEach(lane -> lane.acknowledge(config.name()));
        duty.setRecords(lanes.stream().mapToLong(OutputLane::rows).sum());
    }
}
