package io.narwhal.node;

import io.narwhal.base.Check;
import io.narwhal.component.Phase;

import java.util.OptionalLong;

/**
 * Decides what is to be done about one component's process, from what is seen of it. Performs
 * nothing and reads no clock: the caller says what time it is.
 */
final class Supervision {
    /**
     * How long a process may take from its start to its first heartbeat, and to end when asked to.
     */
    static final long START_MS_MAX = 60_000;

    static final long STOP_MS_MAX = 30_000;

    /** What has run this long is healthy: the deaths before it are forgotten. */
    static final long HEALTHY_MS = 60_000;

    /** From so many failures on, with no healthy run between them, it is a loop of crashes. */
    static final int LOOP_FAILURES = 3;

    private static final long MIB = 1 << 20;

    /**
     * What is seen of the process.
     *
     * @param finished whether it was told to drain and has done so: it is not started again
     * @param ofItself whether it ended by its own error, or was killed by us for one; false when it
     *     was killed from outside, and when that is not known
     * @param memory bytes that it has for itself; empty when nobody has looked
     */
    record Seen(
            boolean alive,
            Phase phase,
            boolean finished,
            boolean ofItself,
            long beats,
            OptionalLong memory,
            long nowMs) {}

    /** What is to be done. */
    sealed interface Action {
        /** Nothing. */
        record Leave() implements Action {}

        /** Start a process. */
        record Start() implements Action {}

        /** Ask the process to end. */
        record Terminate() implements Action {}

        /** End the process at once. */
        record Kill(String reason) implements Action {}
    }

    /** How long to wait before the next start of a process that fails to run. */
    record Delays(long firstMs, long mostMs) {
        long after(int failures) {
            long delay = firstMs;
            for (int i = 1; i < failures && delay < mostMs; i++) {
                delay *= 2;
            }
            return failures == 0 ? 0 : Math.min(delay, mostMs);
        }
    }

    /**
     * What a process may do.
     *
     * @param hangAfterMs how long it may be silent
     * @param memoryBytes how much memory it may have for itself
     */
    record Limits(long hangAfterMs, long memoryBytes) {}

    private static final Action LEAVE = new Action.Leave();

    private final Limits limits;
    private final Delays delays;
    private Standing standing = Standing.DOWN;
    private boolean wanted = true;
    private boolean restartAsked;
    private long ranFromMs = -1;
    private int failures;
    private long notBeforeMs = Long.MIN_VALUE;
    private long lastBeats = -1;
    private long beatMs;
    private long stopAskedMs;
    private int restarts;

    Supervision(Limits limits, Delays delays, int restarts) {
        this.limits = limits;
        this.delays = delays;
        this.restarts = restarts;
    }

    /** Goes on where a manager was when it ended: a loop of crashes must not outrun its delays. */
    void resume(int failuresBefore, long waitMs, long nowMs) {
        failures = failuresBefore;
        if (waitMs > 0) {
            notBeforeMs = nowMs + Math.min(waitMs, delays.mostMs());
            become(Standing.FAILED);
        }
    }

    /** Whether the process should run. */
    void setWanted(boolean wanted) {
        this.wanted = wanted;
    }

    /** Asks that the process ends and another takes its place, at once. */
    void restart(long nowMs) {
        if (standing.isAlive()) {
            restartAsked = true;
        } else {
            startNow(nowMs);
        }
    }

    /** Somebody who knows more asks that a start is tried now, whatever the delay. */
    void startNow(long nowMs) {
        notBeforeMs = nowMs;
        if (standing == Standing.FAILED) {
            become(Standing.DOWN);
        }
    }

    /** How often a process took the place of one that ended unasked. */
    int restarts() {
        return restarts;
    }

    /** Deaths by error since the component last ran for {@link #HEALTHY_MS}. */
    int failures() {
        return failures;
    }

    Standing standing() {
        return standing;
    }

    /** How long it is until the next start is tried; empty when it does not wait for one. */
    OptionalLong waitsMs(long nowMs) {
        return standing == Standing.FAILED
                ? OptionalLong.of(Math.max(0, notBeforeMs - nowMs))
                : OptionalLong.empty();
    }

    /** Says that a process was started, or found alive, just now. */
    void onStarted(long nowMs) {
        if (!standing.isAlive()) {
            become(Standing.UP);
        }
        ranFromMs = -1;
        lastBeats = -1;
        beatMs = nowMs;
    }

    /** Says that the process could not be started just now. */
    void onNotStarted(long nowMs) {
        failures++;
        notBeforeMs = nowMs + delays.after(failures);
        if (standing != Standing.FAILED) {
            become(Standing.FAILED);
        }
    }

    /** Says that the process ended while no manager was there to see it. */
    void onMissed() {
        restarts++;
    }

    Action decide(Seen seen) {
        return seen.alive() ? decideAlive(seen) : decideDead(seen);
    }

    private Action decideDead(Seen seen) {
        if (standing.isAlive()) {
            onEnded(seen);
        }
        if (!wanted) {
            rest(Standing.STOPPED);
            return LEAVE;
        }
        if (seen.finished()) {
            rest(Standing.DRAINED);
            return LEAVE;
        }
        if (standing == Standing.STOPPED || standing == Standing.DRAINED) {
            become(Standing.DOWN);
            notBeforeMs = seen.nowMs();
        }
        return seen.nowMs() >= notBeforeMs ? new Action.Start() : LEAVE;
    }

    // What rests is healthy when it is started again: somebody has seen to it.
    private void rest(Standing how) {
        failures = 0;
        if (standing != how) {
            if (!standing.mayBecome(how)) {
                become(Standing.DOWN);
            }
            become(how);
        }
    }

    private void onEnded(Seen seen) {
        boolean asked = standing == Standing.STOPPING || seen.phase().isOver();
        restartAsked = false;
        if (asked) {
            failures = 0;
            notBeforeMs = seen.nowMs();
            become(Standing.DOWN);
            return;
        }
        restarts++;
        // Who has run is started at once, as exporters send on; but not when it fails on and on.
        boolean hasRun = ranFromMs >= 0;
        failures = hasRun && !isOwnFault(seen) ? 0 : failures + 1;
        long delayMs = delays.after(hasRun ? Math.max(0, failures - 1) : failures);
        notBeforeMs = seen.nowMs() + delayMs;
        become(delayMs == 0 ? Standing.DOWN : Standing.FAILED);
    }

    private static boolean isOwnFault(Seen seen) {
        return seen.ofItself() || seen.phase() == Phase.FAILED;
    }

    private Action decideAlive(Seen seen) {
        if (!standing.isAlive()) {
            become(Standing.UP);
        }
        noteHealth(seen);
        if (standing == Standing.STOPPING) {
            return patienceIsOver(seen);
        }
        if (!wanted || restartAsked) {
            become(Standing.STOPPING);
            stopAskedMs = seen.nowMs();
            return new Action.Terminate();
        }
        return judge(seen);
    }

    private void noteHealth(Seen seen) {
        if (seen.beats() != lastBeats) {
            lastBeats = seen.beats();
            beatMs = seen.nowMs();
        }
        if (ranFromMs < 0 && seen.phase() == Phase.RUNNING) {
            ranFromMs = seen.nowMs();
            beatMs = seen.nowMs(); // its silence until now was the patience of a start
        }
        if (ranFromMs >= 0 && seen.nowMs() - ranFromMs >= HEALTHY_MS) {
            failures = 0;
        }
    }

    private Action judge(Seen seen) {
        long hangAfterMs = limits.hangAfterMs();
        long patienceMs = ranFromMs >= 0 ? hangAfterMs : Math.max(START_MS_MAX, hangAfterMs);
        long silentMs = seen.nowMs() - beatMs;
        if (silentMs > patienceMs) {
            return new Action.Kill("no heartbeat for " + silentMs + " ms");
        }
        long memoryBytes = seen.memory().orElse(0);
        return memoryBytes > limits.memoryBytes()
                ? new Action.Kill(
                        "it has outgrown its memory: "
                                + memoryBytes / MIB
                                + " MiB of its own, the limit is "
                                + limits.memoryBytes() / MIB
                                + " MiB; raise memory")
                : LEAVE;
    }

    private Action patienceIsOver(Seen seen) {
        return seen.nowMs() - stopAskedMs > STOP_MS_MAX
                ? new Action.Kill("did not end within " + STOP_MS_MAX + " ms of being asked to")
                : LEAVE;
    }

    /** The one door by which the standing changes. */
    private void become(Standing next) {
        Check.that(
                standing.mayBecome(next), "a component that is %s may become %s", standing, next);
        standing = next;
    }
}
