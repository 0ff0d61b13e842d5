package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.config.CheckpointConfig;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;

/** Decodes, enhances and aggregates what the collectors of the node received: a lane for each. */
public final class AccountingComponent implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(AccountingComponent.class);
    private static final int FRAMES_AT_ONCE = 64;
    // Rows come of a step, which is 100 ms long: to look more often costs more than it tells.
    private static final long IDLE_MS = 40;

    private final Environment environment;
    private final UnaryOperator<Marks> marks;
    private final Crew crew;
    private final List<AccountingLane> lanes = new ArrayList<>();
    private final ReceivedCompression compression;
    private String told = "";
    private long committedNanos;
    private final CommitPace pace;

    /** A component that has opened nothing yet. */
    public AccountingComponent(Environment environment) {
        this(environment, marks -> marks);
    }

    /** One that tells somebody else, too, what it is doing. */
    AccountingComponent(Environment environment, UnaryOperator<Marks> told) {
        this.environment = environment;
        this.marks = told;
        this.crew = new Crew(threads(environment.config().accounting().threads()));
        this.compression = new ReceivedCompression(environment);
        CheckpointConfig checkpoint = environment.config().checkpoint();
        this.pace =
                new CommitPace(
                        checkpoint.everyMs() * 1_000_000, checkpoint.recoveryMs() * 1_000_000);
    }

    // One processor is left to receiving.
    private static int threads(int configured) {
        int processors = Runtime.getRuntime().availableProcessors();
        return configured > 0 ? configured : Math.clamp(processors - 1, 1, Shard.COUNT);
    }

    @Override
    public Phase run(Duty duty) {
        duty.become(Phase.RECOVERING, "");
        try {
            recover(duty);
            duty.become(Phase.RUNNING, "");
            duty.opened(replays());
            commit();
            compression.start();
            return work(duty);
        } finally {
            close();
        }
    }

    /** Opens the lanes as their recovery plans say. */
    void recover(Duty duty) {
        var recovery = new LaneRecovery(environment);
        long begun = environment.clock().monotonicNanos();
        for (String lane : environment.config().lanes()) {
            lanes.add(new AccountingLane(recovery.open(lane), crew, duty, marks));
            lanes.getLast().settle();
        }
        pace.opened(environment.clock().monotonicNanos() - begun);
        CorrectionJournal.heal(environment);
    }

    private List<Replay> replays() {
        return lanes.stream().map(lane -> lane.replay(environment.clock())).toList();
    }

    /** The lanes, in the order of the configuration. */
    List<AccountingLane> lanes() {
        return lanes;
    }

    void close() {
        compression.close();
        lanes.forEach(AccountingLane::close);
        crew.close();
    }

    private Phase work(Duty duty) {
        while (true) {
            Command command =
                    duty.command(); // before the work: what was published before it is seen
            long begun = environment.clock().monotonicNanos();
            int frames = step(duty, FRAMES_AT_ONCE);
            if (frames > 0) {
                pace.worked(environment.clock().monotonicNanos() - begun);
            }
            replays();
            duty.tellRecovery();
            if (due() || frames == 0 && lanes.stream().anyMatch(AccountingLane::isClosed)) {
                commit();
                duty.setRecords(lanes.stream().mapToLong(AccountingLane::records).sum());
                tellWaiting(duty);
            }
            if (command == Command.STOP || command == Command.DRAIN && frames == 0) {
                return finish(duty, command);
            }
            if (frames == 0) {
                duty.idle(IDLE_MS);
            }
        }
    }

    /**
     * Applies up to this many frames in each lane.
     *
     * @return frames applied; 0 when there are none now
     */
    int step(Duty duty, int framesMax) {
        int frames = 0;
        // Before the work: whatever the collectors published before they ended is seen.
        boolean ends = duty.command() == Command.DRAIN;
        for (AccountingLane lane : lanes) {
            frames += lane.work(framesMax, ends);
            duty.beat();
        }
        return frames;
    }

    private void tellWaiting(Duty duty) {
        List<String> names = environment.config().lanes();
        var waiting = new StringJoiner("; ");
        waiting.setEmptyValue("");
        for (int i = 0; i < lanes.size(); i++) {
            String what = lanes.get(i).waitsFor(names.get(i));
            if (!what.isEmpty()) {
                waiting.add(what);
            }
        }
        if (!waiting.toString().equals(told)) {
            told = waiting.toString();
            duty.become(Phase.RUNNING, told);
        }
    }

    private Phase finish(Duty duty, Command command) {
        duty.become(Phase.STOPPING, "");
        if (command == Command.DRAIN) {
            lanes.forEach(AccountingLane::endStep);
        }
        commit();
        duty.setRecords(lanes.stream().mapToLong(AccountingLane::records).sum());
        LOG.info("{}", command == Command.DRAIN ? "everything received is accounted" : "stopped");
        return command == Command.DRAIN ? Phase.DRAINED : Phase.STOPPED;
    }

    private boolean due() {
        return pace.isDue(environment.clock().monotonicNanos() - committedNanos);
    }

    /** Commits each lane that has something to commit. */
    void commit() {
        Clock clock = environment.clock();
        long begun = clock.monotonicNanos();
        for (AccountingLane lane : lanes) {
            lane.recycleAsked();
            if (lane.isDirty()) {
                lane.commit(clock.wallMicros());
            }
        }
        committedNanos = clock.monotonicNanos();
        pace.committed(committedNanos - begun);
    }
}
