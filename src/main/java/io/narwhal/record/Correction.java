package io.narwhal.record;

import io.narwhal.base.Check;

/**
 * Where rows of corrections come from: what reading a stored copy again gave more, or less, than
 * had been accounted.
 *
 * @param run number of the run of {@code narwhal reprocess}, from 1
 * @param lane whose received journal was read again
 * @param reason why, in the words of who asked; may be empty
 */
public record Correction(long run, String lane, String reason) {
    public Correction {
        Check.that(run > 0, "runs are numbered from 1, not %d", run);
    }
}
