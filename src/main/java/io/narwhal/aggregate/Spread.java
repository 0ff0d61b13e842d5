package io.narwhal.aggregate;

/** Spreads a counter evenly over time, exact to the last unit (RFC 7015 §5.1.1, method 4). */
final class Spread {
    private Spread() {}

    /**
     * What has been counted after a part of the flow's time: floor(total × part / whole), exactly.
     * The share of a bin is the difference of two of these, so the shares of all bins add up to the
     * total, whatever the bins are.
     *
     * @param total the flow's counter, unsigned
     * @param partMs from the flow's start, 0 to {@code wholeMs}
     * @param wholeMs the flow's duration, above 0
     */
    static long until(long total, long partMs, long wholeMs) {
        if (partMs == wholeMs) {
            return total;
        }
        long high = Math.unsignedMultiplyHigh(total, partMs);
        long low = total * partMs;
        return high == 0 ? Long.divideUnsigned(low, wholeMs) : divide(high, low, wholeMs);
    }

    /**
     * 128 bits by 63, bit by bit: only counters above 2^64 / duration come here. The quotient fits
     * 64 bits because part is below whole; the remainder stays below the divisor, so doubling it
     * loses no bit.
     */
    private static long divide(long high, long low, long divisor) {
        long remainder = high;
        long quotient = low;
        for (int bit = 0; bit < 64; bit++) {
            remainder = remainder << 1 | quotient >>> 63;
            quotient <<= 1;
            if (Long.compareUnsigned(remainder, divisor) >= 0) {
                remainder -= divisor;
                quotient |= 1;
            }
        }
        return quotient;
    }
}
