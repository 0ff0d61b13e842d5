package io.narwhal.recovery;

/**
 * How a lane of flows comes back to what it knows of sessions: its second input, the journal of a
 * collector that hears of them.
 */
public enum SessionPlan {
    /** From the oldest that is there: nothing was known yet. */
    BEGIN,
    /** From the place that the checkpoint names, with what it knows. */
    RESUME,
    /**
     * From the oldest that is there, with nothing: what is known came of a place that is gone.
     * Flows of sessions that began before it have no subscriber; they are accounted all the same.
     */
    LEARN_ANEW;

    /** As in docs/recovery.md. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /**
     * The one plan for this evidence.
     *
     * @param known whether the lane resumes from a checkpoint that holds what it knew
     * @param journal how the journal of sessions stands to the place that the checkpoint names
     */
    public static SessionPlan of(boolean known, Evidence.Input journal) {
        if (!known) {
            return BEGIN;
        }
        return switch (journal) {
            case COMPLETE -> RESUME;
            case TRIMMED, SHORT, REPLACED -> LEARN_ANEW;
        };
    }
}
