package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.journal.JournalFull;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * What each receiving thread of a collector does: takes what comes until it is told to finish, then
 * what is still queued. When nothing comes for a second it journals that time has passed; when
 * there is no room it says so, and tries again.
 */
final class IntakeLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(IntakeLoop.class);
    private static final int RECEIVE_MS = 100;
    private static final long TICK_NANOS = 1_000_000_000;
    private static final long LAST_NANOS_MAX = 2_000_000_000L;
    private static final long RETRY_MS = 100;
    private static final long GATHER_MS = 10;

    /**
     * What it has in common with the collector's other threads.
     *
     * @param finish whether to take what is queued and end
     * @param fail takes what nobody can go on after
     * @param waiting why there is no room, while there is none
     */
    record Watch(
            BooleanSupplier finish,
            Consumer<Throwable> fail,
            AtomicReference<@Nullable String> waiting) {}

    /**
     * What is done again and again.
     *
     * @param place for people: where it receives
     * @param step receives and appends, waiting so many ms at the most; how much came
     * @param isHolding whether something that was taken found no room in the journal yet
     * @param tick journals that time has passed
     * @param few when less came than this, though something did, a pause follows in which the
     *     kernel gathers more; 0: somebody waits for an answer, so there is never one
     * @param lastMs when for so long nothing comes, what was queued is taken in, and it may end
     * @param whenFull what being without room means for who sends
     */
    record Work(
            Object place,
            IntUnaryOperator step,
            BooleanSupplier isHolding,
            Runnable tick,
            int few,
            int lastMs,
            String whenFull) {
        /** Of a queue that the kernel has, whose end shows at once. */
        static final int QUEUE_LAST_MS = 1;

        /** Of connections: a sender that had to wait needs a while to see that there is room. */
        static final int STREAM_LAST_MS = 250;
    }

    private final Clock clock;
    private final Work work;
    private final Watch watch;
    private final AtomicLong steps = new AtomicLong();
    private long blockNanos;

    IntakeLoop(Clock clock, Work work, Watch watch) {
        this.clock = clock;
        this.work = work;
        this.watch = watch;
        this.blockNanos = clock.monotonicNanos();
    }

    /** How often it has looked; it is stuck when this no longer grows. */
    long steps() {
        return steps.get();
    }

    @Override
    public void run() {
        try {
            while (!watch.finish().getAsBoolean()) {
                int taken = step(RECEIVE_MS);
                if (taken > 0 && taken < work.few()) {
                    // What the kernel queues is as safe as what we hold, and each piece costs the
                    // same.
                    clock.sleepMillis(GATHER_MS);
                }
            }
            takeWhatIsQueued();
        } catch (Throwable e) {
            LOG.error("{}", work.place(), e);
            watch.fail().accept(e);
        }
    }

    // They go on sending: what comes after this time would never end.
    private void takeWhatIsQueued() {
        long deadline = clock.monotonicNanos() + LAST_NANOS_MAX;
        while ((step(work.lastMs()) > 0 || work.isHolding().getAsBoolean())
                && clock.monotonicNanos() < deadline) {
            steps.incrementAndGet();
        }
    }

    private int step(int timeoutMs) {
        int taken = 0;
        try {
            taken = work.step().applyAsInt(timeoutMs);
            long now = clock.monotonicNanos();
            if (taken > 0) {
                blockNanos = now;
            } else if (now - blockNanos > TICK_NANOS) {
                work.tick().run();
                blockNanos = now;
            }
            if (watch.waiting().get() != null) {
                watch.waiting().set(null);
            }
        } catch (DiskFull | JournalFull full) {
            watch.waiting().set(full.getMessage() + "; free some space: " + work.whenFull());
            clock.sleepMillis(RETRY_MS);
        }
        steps.incrementAndGet();
        return taken;
    }
}
