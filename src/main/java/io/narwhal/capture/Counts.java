package io.narwhal.capture;

import java.util.LinkedHashMap;
import java.util.Map;

/** How many packets had which fate: together, all packets of the file that were read. */
public final class Counts {
    private final long[] byFate = new long[Fate.values().length];

    Counts() {}

    void add(Fate fate) {
        byFate[fate.ordinal()]++;
    }

    void add(Fate fate, long packets) {
        byFate[fate.ordinal()] += packets;
    }

    /** Packets that had this fate. */
    public long of(Fate fate) {
        return byFate[fate.ordinal()];
    }

    /** All packets. */
    public long total() {
        long sum = 0;
        for (long count : byFate) {
            sum += count;
        }
        return sum;
    }

    /** Those that occurred, by label, in the order of {@link Fate}. */
    public Map<String, Long> byLabel() {
        Map<String, Long> labels = new LinkedHashMap<>();
        for (Fate fate : Fate.values()) {
            if (of(fate) > 0) {
                labels.put(fate.label(), of(fate));
            }
        }
        return labels;
    }
}
