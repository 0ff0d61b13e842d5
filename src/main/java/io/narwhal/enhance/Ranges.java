package io.narwhal.enhance;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.SortedMap;

/**
 * Nested networks laid flat: where each range of addresses begins, and who is in it up to the next.
 * The first range begins at address 0, so every address is in one.
 */
final class Ranges {
    private record Open(Prefix prefix, int customer) {}

    private long[] high = new long[16];
    private long[] low = new long[16];
    private int[] customers = new int[16];
    private int size;

    private Ranges() {}

    /** The ranges of these networks; 0 is the customer of none. */
    static Ranges of(SortedMap<Prefix, Integer> networks) {
        var ranges = new Ranges();
        ranges.begin(0, 0, 0);
        Deque<Open> open = new ArrayDeque<>();
        for (Map.Entry<Prefix, Integer> entry : networks.entrySet()) {
            Prefix next = entry.getKey();
            ranges.leave(open, next);
            open.push(new Open(next, entry.getValue()));
            ranges.begin(next.high(), next.low(), entry.getValue());
        }
        while (!open.isEmpty()) {
            ranges.leaveOne(open);
        }
        return ranges;
    }

    // Networks are nested or apart: those that end before the next one begins are left behind.
    private void leave(Deque<Open> open, Prefix next) {
        while (!open.isEmpty()) {
            Prefix innermost = open.peek().prefix();
            if (isAtMost(next.high(), next.low(), innermost.lastHigh(), innermost.lastLow())) {
                return;
            }
            leaveOne(open);
        }
    }

    private void leaveOne(Deque<Open> open) {
        Prefix left = open.pop().prefix();
        Open outer = open.peek();
        long nextLow = left.lastLow() + 1;
        long nextHigh = left.lastHigh() + (nextLow == 0 ? 1 : 0);
        if (nextHigh != 0 || nextLow != 0) {
            begin(nextHigh, nextLow, outer == null ? 0 : outer.customer());
        }
    }

    private void begin(long high, long low, int customer) {
        if (size > 0 && this.high[size - 1] == high && this.low[size - 1] == low) {
            size--;
        }
        if (size > 0 && customers[size - 1] == customer) {
            return;
        }
        if (size == customers.length) {
            this.high = Arrays.copyOf(this.high, 2 * size);
            this.low = Arrays.copyOf(this.low, 2 * size);
            customers = Arrays.copyOf(customers, 2 * size);
        }
        this.high[size] = high;
        this.low[size] = low;
        customers[size++] = customer;
    }

    private static boolean isAtMost(long high, long low, long otherHigh, long otherLow) {
        int byHigh = Long.compareUnsigned(high, otherHigh);
        return byHigh != 0 ? byHigh < 0 : Long.compareUnsigned(low, otherLow) <= 0;
    }

    int size() {
        return size;
    }

    long high(int range) {
        return high[range];
    }

    long low(int range) {
        return low[range];
    }

    int customer(int range) {
        return customers[range];
    }

    /**
     * The last place whose value, unsigned, is at most the wanted; {@code from} when none is. The
     * step is a choice of values, not of ways, so that no branch has to be guessed.
     */
    static int lastAtMost(long[] values, int from, int to, long wanted) {
        int at = from;
        for (int left = to - from; left > 1; ) {
            int half = left >>> 1;
            int middle = at + half;
            at = values[middle] + Long.MIN_VALUE <= wanted + Long.MIN_VALUE ? middle : at;
            left -= half;
        }
        return at;
    }
}
