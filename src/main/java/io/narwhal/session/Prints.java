package io.narwhal.session;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Arrays;

/**
 * The fingerprints of the newest requests of a session or a device: what comes again is known by
 * them. The array of each owner holds its size and its oldest place in its last element, so that
 * the window costs one object.
 */
final class Prints {
    /** Requests of a session that are known again. */
    static final int LIMIT = 16;

    static final long[] NONE = {0};

    private Prints() {}

    static boolean contains(long[] prints, long print) {
        int size = size(prints);
        for (int i = 0; i < size; i++) {
            if (prints[i] == print) {
                return true;
            }
        }
        return false;
    }

    /** The array that is to be kept instead. */
    static long[] add(long[] prints, long print) {
        int size = size(prints);
        if (size == LIMIT) {
            int oldest = (int) (prints[LIMIT] >>> 32);
            prints[oldest] = print;
            prints[LIMIT] = (long) ((oldest + 1) % LIMIT) << 32 | LIMIT;
            return prints;
        }
        long[] into = prints;
        if (size == prints.length - 1) {
            into = Arrays.copyOf(prints, Math.min(LIMIT, Math.max(2, 2 * size)) + 1);
        }
        into[size] = print;
        into[into.length - 1] = size + 1;
        return into;
    }

    private static int size(long[] prints) {
        return (int) prints[prints.length - 1];
    }

    /** The oldest first, so that equal windows give equal bytes. */
    static void snapshot(long[] prints, StateWriter out) {
        int size = size(prints);
        int oldest = (int) (prints[prints.length - 1] >>> 32);
        out.putByte(size).putLongs(prints, oldest, size - oldest).putLongs(prints, 0, oldest);
    }

    static long[] restore(StateReader in) {
        long[] prints = NONE;
        for (int left = in.getByte(); left > 0; left--) {
            prints = add(prints, in.getLong());
        }
        return prints;
    }
}
