package io.narwhal.recovery;

/**
 * What a component finds on disk when it starts.
 *
 * @param checkpoint its own checkpoint
 * @param input the journal that it reads
 * @param output the journal or destination that it writes
 */
public record Evidence(Checkpoint checkpoint, Input input, Output output) {
    /** What became of the checkpoint. */
    public enum Checkpoint {
        /** There never was one. */
        NONE,
        /** The newest generation is whole. */
        NEWEST,
        /** The newest is damaged; the one before it is whole. */
        PREVIOUS,
        /** None of those that are there is whole. */
        UNREADABLE
    }

    /** How the journal that is read stands to the checkpoint. */
    public enum Input {
        /**
         * It holds the checkpoint's position; without a checkpoint: it is there from its beginning.
         */
        COMPLETE,
        /**
         * It no longer holds the checkpoint's position; without a checkpoint: its beginning is
         * gone.
         */
        TRIMMED,
        /** It ends before the checkpoint's position. */
        SHORT,
        /** It is another journal than the one that the checkpoint was made with. */
        REPLACED
    }

    /** How what is written stands to the checkpoint. */
    public enum Output {
        /** Nothing was ever written. */
        EMPTY,
        /**
         * It is the journal that the checkpoint was made with; opening it proves that it is long
         * enough.
         */
        REACHES,
        /** It is another journal than the one that the checkpoint was made with. */
        REPLACED,
        /** Delivering the same thing again is harmless, so it need not be known how far it is. */
        IDEMPOTENT
    }
}
