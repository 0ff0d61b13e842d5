package io.narwhal.cli;

import io.narwhal.base.Check;

/** Numbers that look random and follow from a seed alone (splitmix64). */
final class Dice {
    private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

    private long state;

    Dice(long seed) {
        this.state = seed;
    }

    /** 64 bits. */
    long bits() {
        state += STEP;
        long z = (state ^ state >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    /** From 0 to one less than this. */
    int below(int limit) {
        Check.that(limit > 0, "a die has a side");
        return (int) Long.remainderUnsigned(bits(), limit);
    }

    /** One of these, both included. */
    long between(long from, long to) {
        Check.that(from <= to, "%d is at most %d", from, to);
        return from + Long.remainderUnsigned(bits(), to - from + 1);
    }
}
