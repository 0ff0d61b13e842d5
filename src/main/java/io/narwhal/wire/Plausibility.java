package io.narwhal.wire;

/**
 * Which times of a record can be right, by the clock of its arrival, and what stands for those that
 * cannot. Ours is the one clock that all records share; what a wrong clock says would otherwise be
 * billed to 1970, or to 2106, or over half a century.
 *
 * <ul>
 *   <li>A flow that ends before 1980, or more than a day after it arrived, is taken to end as it
 *       arrived; its duration is kept, if that can be right.
 *   <li>A flow of more than 30 days, or that starts before 1970, is taken to start at its end.
 * </ul>
 *
 * A time long past is left alone: records may wait for long, and files are read later.
 */
final class Plausibility {
    /** 1980-01-01: an earlier clock was never set. */
    static final long EARLIEST_MS = 315_532_800_000L;

    /** How far after its arrival a flow may end: time zones taken for UTC stay below. */
    static final long AHEAD_MS = 86_400_000L;

    /** The longest flow, 30 days; a sysUptime reaches 24.8 days back. */
    static final long SPAN_MS = 30 * 86_400_000L;

    /** 2000-01-01: before it our own clock is not set, and judges nobody. */
    private static final long OURS_MS = 946_684_800_000L;

    private Plausibility() {}

    /** Whether the clock of the arrival is set. */
    static boolean isKnown(long arrivalMs) {
        return arrivalMs >= OURS_MS;
    }

    static long latestMs(long arrivalMs) {
        return isKnown(arrivalMs) ? arrivalMs + AHEAD_MS : Long.MAX_VALUE;
    }

    /** Negative when the times cannot be right; the end is not before the start. */
    static long oddness(long startMs, long endMs, long latestMs) {
        return startMs | endMs - EARLIEST_MS | latestMs - endMs | SPAN_MS - (endMs - startMs);
    }

    /** Replaces what cannot be right; how many records had something that cannot. */
    static long mend(long[] start, long[] end, int from, int to, long arrivalMs) {
        long latestMs = latestMs(arrivalMs);
        long mended = 0;
        for (int i = from; i < to; i++) {
            if (oddness(start[i], end[i], latestMs) >= 0) {
                continue;
            }
            mended++;
            long span = end[i] - start[i];
            boolean spanIsRight = start[i] >= 0 && span >= 0 && span <= SPAN_MS;
            if (end[i] < EARLIEST_MS || end[i] > latestMs) {
                end[i] = arrivalMs;
            }
            start[i] = spanIsRight ? end[i] - span : end[i];
        }
        return mended;
    }
}
