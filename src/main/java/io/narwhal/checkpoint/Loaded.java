package io.narwhal.checkpoint;

import java.util.List;

/** What {@link CheckpointStore#load} found on the disk. */
public sealed interface Loaded {
    /** No checkpoint was ever saved. */
    record None() implements Loaded {}

    /** The newest generation is whole. */
    record Found(long generation, byte[] bytes) implements Loaded {}

    /**
     * The newest generation cannot be used, an older one can.
     *
     * @param refused why the newer was refused, with its file and byte
     */
    record FellBack(long generation, byte[] bytes, String refused) implements Loaded {}

    /**
     * There are checkpoints, but none can be used.
     *
     * @param reasons one for each file, newest first
     */
    record Unreadable(List<String> reasons) implements Loaded {
        /** Copies the list. */
        public Unreadable {
            reasons = List.copyOf(reasons);
        }
    }
}
