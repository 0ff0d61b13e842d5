package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Arrays;

/**
 * The fingerprints of the newest {@link #LIMIT} datagrams of an exporter: the window in which one
 * that comes again is known. The fingerprint covers the whole datagram and so its sequence number
 * and its times.
 */
final class Recent {
    /** Datagrams remembered: 2 KiB for each exporter, in memory and in a checkpoint. */
    static final int LIMIT = 256;

    private long[] ring = new long[0];
    private int size;
    private int oldest;

    boolean contains(long fingerprint) {
        for (int i = 0; i < size; i++) {
            if (ring[i] == fingerprint) {
                return true;
            }
        }
        return false;
    }

    void add(long fingerprint) {
        if (size < LIMIT) {
            if (size == ring.length) {
                ring = Arrays.copyOf(ring, Math.max(8, 2 * size));
            }
            ring[size++] = fingerprint;
        } else {
            ring[oldest] = fingerprint;
            oldest = oldest + 1 & LIMIT - 1;
        }
    }

    void clear() {
        ring = new long[0];
        size = 0;
        oldest = 0;
    }

    /** The oldest first, so that equal windows give equal bytes. */
    void snapshot(StateWriter out) {
        out.putInt(size).putLongs(ring, oldest, size - oldest).putLongs(ring, 0, oldest);
    }

    void restore(StateReader in) {
        for (int left = in.getCount(8); left > 0; left--) {
            add(in.getLong());
        }
    }
}
