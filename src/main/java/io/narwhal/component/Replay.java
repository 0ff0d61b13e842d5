package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.journal.Damage;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.Recovered;
import io.narwhal.recovery.Evidence;
import io.narwhal.recovery.Plan;
import io.narwhal.recovery.RecoveryNote;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How one lane comes back: what was found, and, until it has worked again on all that was there
 * when it started, how much that was. One thread.
 */
final class Replay implements RecoveryDiary.Part {
    private static final long SETTLE_NANOS = 1_000_000_000;
    // A collector journals at least this often that time has passed, which ends the step before.
    private static final long STEP_NANOS_MAX = 2_000_000_000;

    /** The input of a lane as it was at the start. */
    record Input(Disk disk, Path directory, JournalEvidence evidence) {
        static Input of(Disk disk, Path directory) {
            return new Input(disk, directory, JournalEvidence.of(disk, directory));
        }
    }

    private final String lane;
    private final Input input;
    private final SortedMap<String, String> found = new TreeMap<>();
    private final List<RecoveryNote.Cut> cut = new ArrayList<>();
    private final List<RecoveryNote.Loss> lost = new ArrayList<>();
    private Plan plan = new Plan.Begin();
    private RecoveryNote.@Nullable Checkpoint checkpoint;
    private long from;
    private long until;
    private long at;
    private long recordsBefore;
    private long frames;
    private long records;
    private RecoveryNote.Amount compared = RecoveryNote.Amount.NONE;
    private @Nullable String damagedInput;
    private boolean caughtUp;
    private long settledNanos;
    private long takenNanos;

    Replay(String lane, Input input) {
        this.lane = lane;
        this.input = input;
    }

    /** What the plan was made from, and the plan. */
    Replay decided(Evidence evidence, Plan plan) {
        found("checkpoint", label(evidence.checkpoint()));
        found("input", label(evidence.input()));
        found("output", label(evidence.output()));
        this.plan = plan;
        return this;
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** What else was found. */
    void found(String what, String how) {
        found.put(what, how);
    }

    /** Which checkpoint there is, and how old. */
    Replay checkpoint(CheckpointStore store, Loaded loaded, Clock clock) {
        long generation =
                switch (loaded) {
                    case Loaded.None _, Loaded.Unreadable _ -> 0;
                    case Loaded.Found(long one, byte[] _) -> one;
                    case Loaded.FellBack(long one, byte[] _, String _) -> one;
                };
        if (generation > 0) {
            long saved = store.savedMs(generation);
            long age = Math.max(0, clock.wallMicros() / 1_000 - saved);
            checkpoint = new RecoveryNote.Checkpoint(generation, saved == 0 ? null : age);
        }
        return this;
    }

    /** From where on the input is read, by a lane that has processed so many records before. */
    Replay from(long position, long recordsBefore) {
        this.from = Math.max(position, input.evidence.oldest());
        this.until = Math.max(from, input.evidence.end());
        this.at = from;
        this.recordsBefore = recordsBefore;
        this.caughtUp = from >= until;
        return this;
    }

    /** What opening the journal that is written found and did. */
    Replay opened(String journal, Recovered recovered) {
        if (recovered.cutBytes() > 0) {
            cut.add(cutOf(journal, recovered));
        }
        recovered.damage().forEach(one -> lost.add(lossOf(one)));
        return this;
    }

    static RecoveryNote.Cut cutOf(String journal, Recovered recovered) {
        return new RecoveryNote.Cut(
                journal,
                recovered.cutFrom(),
                recovered.cutBytes(),
                recovered.kept().stream().map(Path::toString).toList());
    }

    static RecoveryNote.Loss lossOf(Damage damage) {
        return new RecoveryNote.Loss(damage.to() - damage.from(), "bytes", damage.line());
    }

    /** Something cannot be had again. */
    void lost(long amount, String of, String why) {
        lost.add(new RecoveryNote.Loss(amount, of, why));
    }

    /** A frame of the input was taken. */
    void frame() {
        if (!caughtUp) {
            frames++;
        }
    }

    /** A stretch of the input cannot be read. */
    void damaged(Damage damage) {
        if (!caughtUp) {
            lost.add(lossOf(damage));
            damagedInput = damagedInput == null ? damage.line() : damagedInput;
        }
    }

    /** Why rows may come out other than they were, the likeliest first, and what to do. */
    String whyOther() {
        String changed =
                "the configuration, the customers table or the program changed since: start once"
                        + " with the old ones, then change";
        String another = "the checkpoint belongs to another journal: restore both as one";
        if (damagedInput == null) {
            return "either " + changed + "; or " + another;
        }
        return "the input is damaged at "
                + damagedInput
                + ", and no checkpoint of behind that stretch can be read: restore the received"
                + " journal, or the checkpoint directory, from a backup. If neither is to be had,"
                + " move the data directory away to begin anew. Less likely, "
                + changed
                + "; or "
                + another;
    }

    /**
     * Where the lane stands now.
     *
     * @param done behind the last frame whose step has ended
     * @param taken behind the last frame taken; its step ends with a frame that may never come
     * @param recordsNow how many records it has processed in its life
     */
    void stands(long done, long taken, long recordsNow, Clock clock) {
        if (caughtUp) {
            return;
        }
        long now = clock.monotonicNanos();
        at = Math.max(at, taken);
        records = recordsNow - recordsBefore;
        if (at < until) {
            settle(now);
            takenNanos = now;
        }
        caughtUp = done >= until || at >= until && now - takenNanos > STEP_NANOS_MAX;
    }

    // A torn tail that stood there at the start is cut by the journal's writer, and never read.
    private void settle(long nowNanos) {
        if (nowNanos - settledNanos > SETTLE_NANOS) {
            settledNanos = nowNanos;
            until = Math.min(until, JournalReader.physicalEnd(input.disk, input.directory));
        }
    }

    /** What was written again was held against so much of what was there. */
    void compared(long frames, long rows) {
        compared = new RecoveryNote.Amount(0, frames, rows);
    }

    @Override
    public boolean isCaughtUp() {
        return caughtUp;
    }

    @Override
    public RecoveryNote.Lane lane() {
        long bytes = Math.min(at, until) - from;
        return new RecoveryNote.Lane(
                lane,
                plan.label(),
                found,
                checkpoint,
                from,
                until,
                new RecoveryNote.Amount(Math.max(0, bytes), frames, records),
                compared,
                cut,
                lost);
    }
}
