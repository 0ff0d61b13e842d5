/**
 * The usage ledger: one Parquet file for each frame of the usage journal, written so that writing
 * it twice is harmless, and read by queries.
 *
 * <p>Constraints: a frame holds at most 32,768 rows, so a file is built in memory and written
 * whole; its name is its frame's sequence, and a name once there is never written again. Every
 * durable step goes through {@link io.narwhal.base.Disk}; DuckDB itself writes only to its work
 * directory, which may be lost at any time. Counters are unsigned 64-bit in the files and their
 * sums exact beyond. Layouts: docs/formats/ledger.md, docs/formats/usage.md. This room never
 * changes or deletes a file of the ledger, and never opens the network.
 */
@NullMarked
package io.narwhal.output;

import org.jspecify.annotations.NullMarked;
