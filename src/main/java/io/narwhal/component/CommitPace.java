package io.narwhal.component;

/**
 * Says when accounting commits. Three wishes meet: about every {@code every}; no more than a tenth
 * of the time spent on it, as a commit costs as much as the state is large; and never more work
 * behind the last checkpoint than a successor does again within {@code recovery}. The last goes
 * before the second, up to a quarter of the time: where the state alone takes longer to read than
 * that, a shorter way cannot help.
 *
 * <p>Reads no clock: durations come in, in nanoseconds.
 */
final class CommitPace {
    /** From the death of a process to the first line of its successor's recovery. */
    static final long START_NANOS = 300_000_000;

    /** A successor's program is not compiled yet: it works as much slower at first. */
    static final int COLD = 2;

    private static final int COMMIT_SHARE = 10;
    private static final int COMMIT_SHARE_MOST = 4;

    private final long everyNanos;
    private final long recoveryNanos;
    private long commitNanos;
    private long openNanos;
    private long workNanos;

    /**
     * A pace that knows nothing of the state yet.
     *
     * @param everyNanos wanted between two commits
     * @param recoveryNanos how long a restart may take until it is where its predecessor was
     */
    CommitPace(long everyNanos, long recoveryNanos) {
        this.everyNanos = everyNanos;
        this.recoveryNanos = recoveryNanos;
    }

    /** It took so long to read the state when the process started. */
    void opened(long nanos) {
        openNanos = nanos;
    }

    /** So long was worked on frames. */
    void worked(long nanos) {
        workNanos += nanos;
    }

    /** A commit is over that took so long, and there is nothing to do again. */
    void committed(long nanos) {
        commitNanos = nanos;
        workNanos = 0;
    }

    /** Whether to commit, this long after the last commit was over. */
    boolean isDue(long sinceNanos) {
        boolean mustBeShort = workNanos >= workNanosMax();
        return mustBeShort || sinceNanos >= Math.max(everyNanos, COMMIT_SHARE * commitNanos);
    }

    // To read a state takes longer than to write it: it has to be found again by its keys. What was
    // measured at the start stands for a state as large as it was then.
    private long workNanosMax() {
        long reading = Math.max(openNanos, COLD * commitNanos);
        long left = (recoveryNanos - START_NANOS - reading) / COLD;
        return Math.max(left, (COMMIT_SHARE_MOST - 1) * commitNanos);
    }
}
