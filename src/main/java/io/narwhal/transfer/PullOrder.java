package io.narwhal.transfer;

import java.util.Comparator;

/**
 * Who is pulled next: the fullest agent, of those the one with the oldest record, then by name.
 *
 * @param fillPercent of the agent's capacity, as last heard
 * @param oldestMicros arrival of its oldest record; 0: it holds none
 * @param link name
 */
record PullOrder(int fillPercent, long oldestMicros, String link) implements Comparable<PullOrder> {
    private static final Comparator<PullOrder> ORDER =
            Comparator.comparingInt(PullOrder::fillPercent)
                    .reversed()
                    .thenComparingLong(PullOrder::oldestOrNever)
                    .thenComparing(PullOrder::link);

    private long oldestOrNever() {
        return oldestMicros == 0 ? Long.MAX_VALUE : oldestMicros;
    }

    @Override
    public int compareTo(PullOrder other) {
        return ORDER.compare(this, other);
    }
}
