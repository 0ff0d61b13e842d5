package io.narwhal.aggregate;

import io.narwhal.base.Check;

/**
 * How much one aggregation keeps before it writes rows early.
 *
 * @param openKeysMax keys over all open bins; when there are more at the end of a step all open
 *     rows are written as partial rows and the tables start empty. Within a step all shards
 *     together may open half as many once more, each its share by bytes; a shard that needs more
 *     writes its own rows early
 * @param openBinsMax open bins, corrections included, or {@code spanBinsMax} for each shard if that
 *     is more; the same happens. An exporter with a wild clock reaches this one
 * @param spanBinsMax bins that one flow is spread over; one that spans more is charged whole to the
 *     bin of its end. So is any flow of a shard once that had to write early more than its share of
 *     a million rows in one step
 */
public record AggregationLimits(int openKeysMax, int openBinsMax, int spanBinsMax) {
    /** About 130 MB of tables for a pair of addresses; a day and an hour of one-minute bins. */
    public static final AggregationLimits DEFAULT = new AggregationLimits(2_000_000, 10_000, 1_500);

    /** With more keys than this the longest key no longer fits a snapshot of 2 GiB. */
    private static final int OPEN_KEYS_MOST = 10_000_000;

    public AggregationLimits {
        Check.that(
                openKeysMax >= 1 && openKeysMax <= OPEN_KEYS_MOST,
                "open keys are limited to 1 to %d, not %d",
                OPEN_KEYS_MOST,
                openKeysMax);
        Check.that(openBinsMax >= 1, "at least one bin can be open, not %d", openBinsMax);
        Check.that(spanBinsMax >= 1, "a flow spans at least one bin, not %d", spanBinsMax);
    }
}
