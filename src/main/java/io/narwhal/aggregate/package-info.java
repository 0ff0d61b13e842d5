/**
 * The operator that sums records by declared keys and time bins: blocks of records in, rows of
 * usage out.
 *
 * <p>Constraints: one {@link io.narwhal.aggregate.Aggregation} is one usage definition of one lane,
 * which each shard sums by itself ({@link io.narwhal.aggregate.Sums}). It is a pure function of its
 * input: no clock, no disk, no randomness, and no order of a hash map reaches a row, so the same
 * records give the same bytes, wherever snapshots were taken and however the records were cut into
 * blocks. Shares of a flow over its bins add up to the flow exactly. Limits: {@link
 * io.narwhal.aggregate.AggregationLimits} (2,000,000 open keys, 10,000 open bins, 1,500 bins for
 * one flow); when room runs out, rows are written early, as partial rows. Nothing is allocated per
 * record. What an operator sees: docs/operations/usage.md.
 *
 * <p>This package never drops a record, never changes a row that it has written, and never asks
 * what time it is: bins close by the arrival times that travel in the data.
 */
@NullMarked
package io.narwhal.aggregate;

import org.jspecify.annotations.NullMarked;
