package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.SamplingSource;

import java.util.Arrays;

/**
 * The sampling rates that options records of one exporter announced and that are in force: of all,
 * by sampler, by input interface. 0 is unknown; nothing is taken for 1 unless it was said.
 */
final class Rates {
    /** Samplers, and interfaces, that one exporter can name. */
    static final int LIMIT = 4096;

    private long all;
    private final Table samplers;
    private final Table interfaces;

    Rates(StateRoom room) {
        samplers = new Table(room);
        interfaces = new Table(room);
    }

    /** About what they take in memory, but for what any exporter may have. */
    long stateBytes() {
        return samplers.stateBytes() + interfaces.stateBytes();
    }

    long ofAll() {
        return all;
    }

    SamplingSource sourceOfAll() {
        return all == 0 ? SamplingSource.UNKNOWN : SamplingSource.EXPORTER;
    }

    /** What a rate is of. */
    enum Of {
        /** All packets of the exporter. */
        ALL(SamplingSource.EXPORTER),
        /** Those of a sampler or selector. */
        SAMPLER(SamplingSource.SAMPLER),
        /** Those that came in by an interface. */
        INTERFACE(SamplingSource.INTERFACE);

        private final SamplingSource source;

        Of(SamplingSource source) {
            this.source = source;
        }

        SamplingSource source() {
            return source;
        }
    }

    /** Whether any rate of that kind is known. */
    boolean has(Of of) {
        return of == Of.ALL ? all != 0 : table(of).size > 0;
    }

    /** The rate of that sampler or interface; 0 when it has none of its own. */
    long get(Of of, long id) {
        return of == Of.ALL ? all : table(of).get(id);
    }

    private Table table(Of of) {
        return of == Of.SAMPLER ? samplers : interfaces;
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
        samplers.clear();
        interfaces.clear();
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

    /**
     * Rate of a probability (IE 311, a float of 8 or 4 bytes), rounded; 0 when it is none above 0
     * and up to 1, or the rate has more than 32 bits.
     */
    static long ofProbability(byte[] bytes, int at, int width) {
        double probability =
                switch (width) {
                    case 4 -> Float.intBitsToFloat(Wire.i32(bytes, at));
                    case 8 -> Double.longBitsToDouble(Wire.i64(bytes, at));
                    default -> 0;
                };
        double rate = probability > 0 && probability <= 1 ? Math.rint(1 / probability) : 0;
        return rate <= 0xffff_ffffL ? (long) rate : 0;
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
        private static final int FREE_ENTRIES = 64;
        private static final int ENTRY_BYTES = 16;

        private final StateRoom room;
        private long[] keys = new long[4];
        private long[] rates = new long[4];
        private int size;

        Table(StateRoom room) {
            this.room = room;
        }

        long stateBytes() {
            return (long) Math.max(0, size - FREE_ENTRIES) * ENTRY_BYTES;
        }

        long get(long key) {
            int at = Arrays.binarySearch(keys, 0, size, key);
            return at < 0 ? 0 : rates[at];
        }

        void clear() {
            size = 0;
            keys = new long[4];
            rates = new long[4];
        }

        boolean put(long key, long rate) {
            int at = Arrays.binarySearch(keys, 0, size, key);
            if (at >= 0) {
                rates[at] = rate;
                return true;
            }
            if (size == LIMIT || size >= FREE_ENTRIES && !room.take(ENTRY_BYTES)) {
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
