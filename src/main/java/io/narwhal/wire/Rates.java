package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Arrays;

/**
 * The sampling rates that options records of one exporter announced and that are in force: of all,
 * by sampler, by input interface. 0 is unknown; nothing is taken for 1 unless it was said.
 */
final class Rates {
    /** Samplers, and interfaces, that one exporter can name. */
    static final int LIMIT = 4096;

    private long all;
    private final Table samplers = new Table();
    private final Table interfaces = new Table();

    long ofAll() {
        return all;
    }

    boolean byInterface() {
        return interfaces.size > 0;
    }

    long ofSampler(long id) {
        long rate = samplers.get(id);
        return rate != 0 ? rate : all;
    }

    long ofInterface(long index) {
        long rate = interfaces.get(index);
        return rate != 0 ? rate : all;
    }

    boolean known() {
        return all != 0 || samplers.size > 0 || interfaces.size > 0;
    }

    void setAll(long rate) {
        all = rate;
    }

    /** False when there are too many samplers. */
    boolean setSampler(long id, long rate) {
        return samplers.put(id, rate);
    }

    /** False when there are too many interfaces. */
    boolean setInterface(long index, long rate) {
        return interfaces.put(index, rate);
    }

    void clear() {
        all = 0;
        samplers.size = 0;
        interfaces.size = 0;
    }

    /** Rate of {@code interval} packets looked at and {@code space} left out (RFC 5477 §8.2.2). */
    static long ofInterval(long interval, long space) {
        return ofPopulation(interval, interval + space);
    }

    /** Rate of {@code size} packets out of {@code population}, rounded; 0 when it says nothing. */
    static long ofPopulation(long size, long population) {
        if (size <= 0 || population < size || population > 0xffff_ffffL) {
            return 0;
        }
        return (population + size / 2) / size;
    }

    void snapshot(StateWriter out) {
        out.putLong(all);
        samplers.snapshot(out);
        interfaces.snapshot(out);
    }

    void restore(StateReader in) {
        all = in.getLong();
        samplers.restore(in);
        interfaces.restore(in);
    }

    /** Sorted keys with their rates. */
    private static final class Table {
        private long[] keys = new long[4];
        private long[] rates = new long[4];
        private int size;

        long get(long key) {
            int at = Arrays.binarySearch(keys, 0, size, key);
            return at < 0 ? 0 : rates[at];
        }

        boolean put(long key, long rate) {
            int at = Arrays.binarySearch(keys, 0, size, key);
            if (at >= 0) {
                rates[at] = rate;
                return true;
            }
            if (size == LIMIT) {
                return false;
            }
            if (size == keys.length) {
                keys = Arrays.copyOf(keys, size * 2);
                rates = Arrays.copyOf(rates, size * 2);
            }
            int to = -at - 1;
            System.arraycopy(keys, to, keys, to + 1, size - to);
            System.arraycopy(rates, to, rates, to + 1, size - to);
            keys[to] = key;
            rates[to] = rate;
            size++;
            return true;
        }

        void snapshot(StateWriter out) {
            out.putInt(size).putLongs(keys, 0, size).putLongs(rates, 0, size);
        }

        void restore(StateReader in) {
            size = in.getCount(16);
            keys = new long[Math.max(4, size)];
            rates = new long[Math.max(4, size)];
            in.getLongs(keys, 0, size);
            in.getLongs(rates, 0, size);
        }
    }
}
