package io.narwhal.enhance;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The ranges of the IPv6 addresses. The upper halves are searched by levels, each holding every
 * 16th value of the one below it: 200,000 ranges are five short scans, each within two or three
 * lines of memory. Only an address whose upper half is also where a range begins needs its lower
 * half.
 */
final class Ipv6Ranges {
    private static final int FAN_OUT = 16;

    /** From the few values at the top to the upper half of every range; sign turned to compare. */
    private final List<long[]> levels = new ArrayList<>();

    private final long[] high;
    private final long[] low;
    private final int[] customers;

    /** By range: the first that begins in the same upper half. */
    private final int[] firstAlike;

    Ipv6Ranges(SortedMap<Prefix, Integer> networks) {
        Ranges ranges = Ranges.of(networks);
        int size = ranges.size();
        high = new long[size];
        low = new long[size];
        customers = new int[size];
        firstAlike = new int[size];
        for (int i = 0; i < size; i++) {
            high[i] = ranges.high(i) + Long.MIN_VALUE;
            low[i] = ranges.low(i);
            customers[i] = ranges.customer(i);
            firstAlike[i] = i > 0 && high[i - 1] == high[i] ? firstAlike[i - 1] : i;
        }
        levels.add(high);
        while (levels.getFirst().length > FAN_OUT) {
            levels.addFirst(everyOther(levels.getFirst()));
        }
    }

    private static long[] everyOther(long[] values) {
        long[] chosen = new long[(values.length + FAN_OUT - 1) / FAN_OUT];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = values[i * FAN_OUT];
        }
        return chosen;
    }

    /** The customer of the range that an address is in. */
    int find(long addressHigh, long addressLow) {
        long wanted = addressHigh + Long.MIN_VALUE;
        int last = lastAtMost(wanted);
        if (high[last] != wanted) {
            return customers[last];
        }
        int first = firstAlike[last];
        return Long.compareUnsigned(addressLow, low[first]) < 0
                ? customers[first - 1]
                : customers[Ranges.lastAtMost(low, first, last + 1, addressLow)];
    }

    private int lastAtMost(long wanted) {
        int at = 0;
        for (int level = 0; level < levels.size(); level++) {
            long[] values = levels.get(level);
            int from = at * FAN_OUT;
            int to = Math.min(from + FAN_OUT, values.length);
            at = from;
            while (at + 1 < to && values[at + 1] <= wanted) {
                at++;
            }
        }
        return at;
    }
}
