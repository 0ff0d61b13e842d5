package io.narwhal.base;

/**
 * Invariants that are always on. A broken one is a defect of ours, never of the input: the process
 * stops and is started again from its last checkpoint.
 */
public final class Check {
    private Check() {}

    /**
     * Stops with {@code invariant} in the message unless it holds.
     *
     * @throws BrokenInvariant when {@code holds} is false
     */
    public static void that(boolean holds, String invariant) {
        if (!holds) {
            throw new BrokenInvariant(invariant);
        }
    }

    /**
     * As {@link #that(boolean, String)}, with values in the message.
     *
     * @throws BrokenInvariant when {@code holds} is false
     */
    public static void that(boolean holds, String format, Object... values) {
        if (!holds) {
            throw new BrokenInvariant(String.format(format, values));
        }
    }

    /** What {@link Check} throws: a defect in Narwhal, with the invariant that did not hold. */
    public static final class BrokenInvariant extends IllegalStateException {
        BrokenInvariant(String invariant) {
            super("broken invariant: " + invariant);
        }
    }
}
