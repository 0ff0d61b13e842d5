/**
 * Append-only, segmented, checksummed queue of opaque frames: what lies between two components.
 *
 * <p>Constraints: one writer process, any number of reader processes; a frame is at most 64 MiB
 * (default limit 8 MiB) and never crosses segments; a segment is 128 MiB by default; readers see
 * nothing beyond the published position, which is never beyond the forced one. Positions are byte
 * offsets in the whole journal, segment headers included. Layout: docs/formats/journal.md.
 *
 * <p>This room never interprets a payload, never deletes what a required reader has not
 * acknowledged, never cuts bytes that were forced and cannot be computed again, never retries a
 * failed force, and never skips damage without saying so.
 */
@NullMarked
package io.narwhal.journal;

import org.jspecify.annotations.NullMarked;
