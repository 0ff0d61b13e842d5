package io.narwhal.node;

import io.narwhal.component.Phase;

/**
 * Decides what is to be done about one process, from what is seen of it. Performs nothing and reads
 * no clock: the caller says what time it is.
 */
final class Supervision {
    /**
     * How long a process may take from its start to its first heartbeat, and to end when asked to.
     */
    static final long START_MS_MAX = 60_000;

    static final long STOP_MS_MAX = 30_000;

    /**
     * What is seen of the process.
     *
     * @param finished whether it was told to drain and has done so: it is not started again
     */
    record Seen(boolean alive, Phase phase, boolean finished, long beats, long nowMs) {}

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
            return Math.min(delay, mostMs);
        }
    }

    private static final Action LEAVE = new Action.Leave();

    private final long hangAfterMs;
    private final Delays delays;
    private boolean wanted = true;
    private boolean wasAlive;
    private boolean hasRun;
    private int failures;
    private long notBeforeMs;
    private long lastBeats = -1;
    private long beatMs;
    private long stopAskedMs = -1;
    private int restarts;

    Supervision(long hangAfterMs, Delays delays, int restarts) {
        this.hangAfterMs = hangAfterMs;
        this.delays = delays;
        this.restarts = restarts;
    }

    /** Whether the process should run. */
    void setWanted(boolean wanted) {
        this.wanted = wanted;
    }

    /** How often a process took the place of one that ended unasked. */
    int restarts() {
        return restarts;
    }

    /** Says that a process was started, or found alive, just now. */
    void onStarted(long nowMs) {
        wasAlive = true;
        hasRun = false;
        lastBeats = -1;
        beatMs = nowMs;
        stopAskedMs = -1;
    }

    /** Says that the process could not be started just now. */
    void onNotStarted(long nowMs) {
        failures++;
        notBeforeMs = nowMs + delays.after(failures);
    }

    /** Says that the process ended while no manager was there to see it. */
    void onMissed() {
        restarts++;
    }

    Action decide(Seen seen) {
        if (seen.alive()) {
            return decideAlive(seen);
        }
        if (wasAlive) {
            wasAlive = false;
            onEnded(seen);
        }
        boolean due = wanted && !seen.finished() && seen.nowMs() >= notBeforeMs;
        return due ? new Action.Start() : LEAVE;
    }

    private void onEnded(Seen seen) {
        if (seen.phase().isOver()) {
            failures = 0;
            return;
        }
        restarts++;
        failures = hasRun ? 0 : failures + 1;
        notBeforeMs = failures == 0 ? seen.nowMs() : seen.nowMs() + delays.after(failures);
    }

    private Action decideAlive(Seen seen) {
        wasAlive = true;
        if (!hasRun && seen.phase() == Phase.RUNNING) {
            hasRun = true;
            beatMs = seen.nowMs(); // its silence until now was the patience of a start
        }
        if (seen.beats() != lastBeats) {
            lastBeats = seen.beats();
            beatMs = seen.nowMs();
        }
        if (!wanted) {
            return decideStop(seen);
        }
        long patienceMs = hasRun ? hangAfterMs : Math.max(START_MS_MAX, hangAfterMs);
        long silentMs = seen.nowMs() - beatMs;
        return silentMs > patienceMs
                ? new Action.Kill("no heartbeat for " + silentMs + " ms")
                : LEAVE;
    }

    private Action decideStop(Seen seen) {
        if (stopAskedMs < 0) {
            stopAskedMs = seen.nowMs();
            return new Action.Terminate();
        }
        return seen.nowMs() - stopAskedMs > STOP_MS_MAX
                ? new Action.Kill("did not end within " + STOP_MS_MAX + " ms of being asked to")
                : LEAVE;
    }
}
