package io.narwhal.component;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalDiverged;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.UsageRows;
import io.narwhal.wire.Problem;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Runs one {@link Lane}: from a received journal to a usage journal, with one checkpoint. The order
 * of a commit, and what a successor finds if the process dies behind each step: usage forced
 * (checkpoint old: rows behind it are cut and computed again) → checkpoint durable (rows are its
 * own, not yet visible: published at once) → usage published → input acknowledged (late
 * acknowledgement only keeps input longer).
 */
final class AccountingLane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccountingLane.class);
    private static final long TELL_MICROS = 10_000_000;
    private static final int TELL_MOST = 5;
    // Of each journal of sessions, between two looks at the duty.
    private static final int SESSION_FRAMES = 64;

    private final JournalReader input;
    private final JournalWriter output;
    private final CheckpointStore checkpoints;
    private final Lane lane;
    private final LaneHeld held;
    private final @Nullable SessionFeed sessions;
    private final boolean resumed;
    private final Replay replay;
    private final Crew crew;
    private final Duty duty;
    private final StateWriter scratch = new StateWriter(1 << 16);
    private final StateWriter snapshot = new StateWriter(1 << 16);
    private long position;
    private long toldMicros;
    private long wallMicros;
    private boolean dirty;
    private boolean closed;
    private boolean isAsked;
    private Due due = Due.NOTHING;

    /** What is to be done as soon as the sessions that it waits for are known. */
    private enum Due {
        /** Frames may be taken. */
        NOTHING,
        /** The step that was taken ends. */
        STEP,
        /** The step that was taken ends, at a damage behind it. */
        DAMAGE
    }

    /**
     * The journals and checkpoints of a lane, opened as the recovery plan says.
     *
     * @param resumed whether it goes on from its newest checkpoint
     */
    record Opened(
            JournalReader input,
            JournalWriter output,
            CheckpointStore checkpoints,
            Lane lane,
            LaneHeld held,
            @Nullable SessionFeed sessions,
            boolean resumed,
            Replay replay) {}

    AccountingLane(Opened opened, Crew crew, Duty duty, UnaryOperator<Marks> marks) {
        this.input = opened.input();
        this.output = opened.output();
        this.checkpoints = opened.checkpoints();
        this.lane = opened.lane();
        this.held = opened.held();
        this.sessions = opened.sessions();
        this.resumed = opened.resumed();
        this.replay = opened.replay();
        this.crew = crew;
        this.duty = duty;
        this.position = input.position();
        lane.setAside(held.list().aside());
        lane.setMarks(marks.apply(held.marks()));
    }

    /**
     * Writes out what a changed configuration leaves over. Where nothing has changed the checkpoint
     * says all there is to say, and only what follows from it may be missing yet.
     */
    void settle() {
        if (lane.settle(this::append) || !resumed) {
            dirty = true;
        } else {
            makeVisible();
        }
        recycleDue();
    }

    /**
     * Applies up to this many frames.
     *
     * @param ends whether all collectors have ended for good
     * @return frames taken; 0 when there are none now, or they wait for sessions
     */
    int work(int framesMax, boolean ends) {
        int frames = 0;
        while (frames < framesMax) {
            if (due != Due.NOTHING) {
                switch (advance(ends)) {
                    case WAITING -> {
                        return frames;
                    }
                    case MORE -> dirty = true;
                    case READY -> goOn();
                }
            } else {
                switch (input.next()) {
                    case END -> {
                        return frames;
                    }
                    case DAMAGED -> due = Due.DAMAGE;
                    case FRAME -> take();
                }
            }
            frames++;
        }
        return frames;
    }

    // Without sessions there is nothing to wait for, and nothing to wait with.
    private SessionFeed.Progress advance(boolean ends) {
        return sessions == null || !lane.hasTaken()
                ? SessionFeed.Progress.READY
                : sessions.advance(flows(), ends, SESSION_FRAMES);
    }

    private SessionFeed.Flows flows() {
        return new SessionFeed.Flows(lane.stepArrivalMs(), lane.stepLinks(), input.position());
    }

    private void goOn() {
        switch (due) {
            case NOTHING -> {}
            case STEP -> {
                applyStep();
                stepEnded();
            }
            case DAMAGE -> damage();
        }
        due = Due.NOTHING;
    }

    /** How the lane came back, as far as it is now. */
    Replay replay(Clock clock) {
        if (!replay.isCaughtUp()) {
            long taken = due == Due.NOTHING ? input.position() : position;
            replay.compared(output.comparedFrames(), output.comparedItems());
            replay.stands(position, taken, records(), clock);
        }
        return replay;
    }

    private void damage() {
        replay.damaged(input.damage());
        LOG.error("{}; what stood there is lost and booked", input.damage().line());
        applyStep();
        lane.onDamage(input.damage().to() - input.damage().from());
        stepEnded();
    }

    private void applyStep() {
        boolean alone =
                lane.hasTaken() && held.list().isSuspect(lane.stepPosition(), input.position());
        lane.endStep(crew, alone, this::append);
    }

    private void take() {
        replay.frame();
        int kindAt = input.payloadOffset() + 1;
        closed =
                input.payloadLength() > 1
                        && input.bytes()[kindAt] == ReceivedBlock.Kind.CLOSE.code();
        if (lane.take(
                input.bytes(),
                input.payloadOffset(),
                input.payloadLength(),
                input.framePosition())) {
            due = Due.STEP;
        }
    }

    /**
     * Applies what a step that has not ended holds, as nothing more will come. If it waits for
     * sessions of a collector that did not end in order, it stays in the journal.
     */
    void endStep() {
        SessionFeed.Progress progress = advance(true);
        while (progress == SessionFeed.Progress.MORE) {
            duty.beat();
            progress = advance(true);
        }
        if (progress == SessionFeed.Progress.READY) {
            due = due == Due.NOTHING ? Due.STEP : due;
            goOn();
        }
    }

    /** What it waits for, for the operator; empty when it does not wait. */
    String waitsFor(String name) {
        return sessions == null || due == Due.NOTHING
                ? ""
                : name
                        + ": what arrived from "
                        + Instant.ofEpochMilli(lane.stepBeganMs()).truncatedTo(SECONDS)
                        + " on waits "
                        + sessions.waitsFor(flows())
                        + "; "
                        + (input.publishedPosition() - position)
                        + " bytes wait in the journal";
    }

    private void stepEnded() {
        position = input.position();
        dirty = true;
        recycleDue();
        if (isAsked) {
            recycleAsked();
        }
    }

    /**
     * Looks whether an operator wants something recycled, and recycles it between this step and the
     * next.
     */
    void recycleAsked() {
        isAsked = held.isAsked();
        if (isAsked && mayRecycle()) {
            isAsked = false;
            Patience.until(duty, () -> held.recycle(lane, position));
            recycleDue();
        }
    }

    // Not before a replay has come to where its predecessor was: its rows are out already.
    private boolean mayRecycle() {
        return !lane.hasTaken()
                && !output.isComparing()
                && held.list().recycled() == lane.recycled();
    }

    // A replay finds the same ones at the same place.
    private void recycleDue() {
        for (HeldList.Recycle one : held.due(position, lane.recycled())) {
            lane.recycle(
                    one.number(),
                    held.list().datagrams(one),
                    new TreeSet<>(one.ids()),
                    crew,
                    this::append);
            dirty = true;
        }
    }

    private void append(UsageRows rows) {
        scratch.clear();
        rows.write(scratch);
        try {
            Patience.until(duty, () -> appendScratch(rows.size()));
        } catch (JournalDiverged e) {
            throw new LaneRecovery.Refused(
                    e.getMessage() + "; " + replay.whyOther(), List.of(replay.lane()));
        }
    }

    // Nobody else trims this journal while this thread waits for room in it.
    private void appendScratch(int rows) {
        try {
            output.append(scratch.array(), 0, scratch.size(), rows);
        } catch (JournalFull full) {
            if (output.trim(wallMicros) == 0) {
                throw full;
            }
            output.append(scratch.array(), 0, scratch.size(), rows);
        }
    }

    /** Whether the last frame applied said that the intake is over. */
    boolean isClosed() {
        return closed;
    }

    /** Whether there is something that the last checkpoint does not hold. */
    boolean isDirty() {
        return dirty;
    }

    /** Makes what was done since the last commit durable, and only then visible. */
    void commit(long nowMicros) {
        wallMicros = nowMicros;
        output.force();
        snapshot.clear();
        new LaneHead(
                        new JournalPosition(input.journalId(), position),
                        new JournalPosition(output.journalId(), output.end()),
                        output.nextSequence() - 1,
                        sessions == null ? new TreeMap<>() : sessions.positions())
                .write(snapshot);
        lane.snapshot(snapshot);
        if (sessions != null) {
            sessions.snapshot(snapshot);
        }
        Patience.until(duty, () -> checkpoints.save(snapshot.array(), snapshot.size()));
        makeVisible();
        output.trim(nowMicros);
        Patience.until(duty, () -> held.committed(position, lane.recycled()));
        dirty = false;
        tellProblems(nowMicros);
    }

    private void makeVisible() {
        output.publish(output.end());
        input.acknowledge(NodeConfig.ACCOUNTING, position);
        if (sessions != null) {
            sessions.acknowledge();
        }
    }

    // A flood of bad datagrams must not become a flood of log lines: the books have the counts.
    private void tellProblems(long nowMicros) {
        if (nowMicros - toldMicros < TELL_MICROS) {
            return;
        }
        List<Problem> problems =
                lane.decoders().stream().flatMap(one -> one.takeProblems().stream()).toList();
        if (problems.isEmpty()) {
            return;
        }
        toldMicros = nowMicros;
        problems.reversed().stream().limit(TELL_MOST).forEach(one -> LOG.warn("{}", one));
        if (problems.size() > TELL_MOST) {
            LOG.warn("and more of the kind; narwhal audit has the counts by reason");
        }
    }

    /** Records accounted in the life of this lane. */
    long records() {
        return lane.books().accounted().records();
    }

    Lane lane() {
        Check.that(lane != null, "a lane is open");
        return lane;
    }

    @Override
    public void close() {
        input.close();
        output.close();
        held.close();
        if (sessions != null) {
            sessions.close();
        }
    }
}
