package io.narwhal.enhance;

import io.narwhal.record.Addresses;

import java.util.SortedMap;

/**
 * The ranges of the IPv4 addresses with a directory by their upper 16 bits: most lookups search a
 * handful of ranges, not all.
 */
final class Ipv4Ranges {
    private static final int BLOCKS = 1 << 16;

    private final long[] starts;
    private final int[] customers;

    /** By upper 16 bits: the range that holds the first address of the block. */
    private final int[] firstRange = new int[BLOCKS + 1];

    Ipv4Ranges(SortedMap<Prefix, Integer> networks) {
        Ranges ranges = Ranges.of(networks);
        starts = new long[ranges.size()];
        customers = new int[ranges.size()];
        for (int i = 0; i < starts.length; i++) {
            // The first range begins below the IPv4 addresses, and what lies behind them is none.
            starts[i] = ranges.low(i);
            customers[i] = ranges.customer(i);
        }
        int range = 0;
        for (int block = 0; block < BLOCKS; block++) {
            long first = Addresses.IPV4_MARK | (long) block << 16;
            while (range + 1 < starts.length && starts[range + 1] <= first) {
                range++;
            }
            firstRange[block] = range;
        }
        firstRange[BLOCKS] = starts.length - 1;
    }

    /** The customer of the range that an address is in, given its low half. */
    int find(long low) {
        int block = (int) (low >>> 16) & 0xffff;
        return customers[
                Ranges.lastAtMost(starts, firstRange[block], firstRange[block + 1] + 1, low)];
    }
}
