package io.narwhal.generate;

/** Octets, packets and flows of every pair of addresses. */
final class Sums {
    /** Takes nothing: for what is withheld. */
    static final Sums NONE = new Sums(0);

    private static final int WIDTH = 4;

    private final long[] sums;

    Sums(int pairs) {
        this.sums = new long[pairs * WIDTH];
    }

    /** Adds a flow; false when this takes nothing. */
    boolean add(Flow flow) {
        if (sums.length == 0) {
            return false;
        }
        int at = flow.pair * WIDTH;
        sums[at] += flow.octets;
        sums[at + 1] += flow.packets;
        sums[at + 2]++;
        return true;
    }

    long octets(int pair) {
        return sums[pair * WIDTH];
    }

    long packets(int pair) {
        return sums[pair * WIDTH + 1];
    }

    long flows(int pair) {
        return sums[pair * WIDTH + 2];
    }
}
