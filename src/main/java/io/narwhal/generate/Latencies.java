package io.narwhal.generate;

/**
 * How often which time was taken, in microseconds: exact up to 127, beyond that to better than one
 * in 64.
 */
final class Latencies {
    private static final int EXACT_BITS = 7;
    private static final int HALF = 1 << EXACT_BITS - 1;

    private final long[] counts = new long[(Long.SIZE - EXACT_BITS + 2) * HALF];
    private long total;
    private long max;

    void add(long nanos) {
        long micros = Math.max(0, nanos / 1_000);
        counts[bucket(micros)]++;
        total++;
        max = Math.max(max, micros);
    }

    private static int bucket(long micros) {
        int shift = Math.max(0, Long.SIZE - EXACT_BITS - Long.numberOfLeadingZeros(micros));
        return shift * HALF + (int) (micros >>> shift);
    }

    /** The greatest time of a bucket. */
    private static long top(int bucket) {
        int shift = Math.max(0, bucket / HALF - 1);
        long first = bucket - (long) shift * HALF;
        return (first + 1 << shift) - 1;
    }

    /** The time that so many of a thousand did not exceed; 0 when there was none. */
    long perMille(int share) {
        long wanted = Math.max(1, (total * share + 999) / 1_000);
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= wanted) {
                return Math.min(max, top(bucket));
            }
        }
        return 0;
    }

    long max() {
        return max;
    }
}
