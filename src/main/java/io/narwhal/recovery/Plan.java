package io.narwhal.recovery;

/** How a component resumes. */
public sealed interface Plan {
    /** From the oldest input, with an empty context: there is nothing to recover. */
    record Begin() implements Plan {}

    /** From the checkpoint. */
    record Resume() implements Plan {}

    /**
     * From the previous checkpoint; what was written since is computed again and must come out the
     * same.
     */
    record ResumePrevious() implements Plan {}

    /** From the oldest input, with an empty context; what was written must come out the same. */
    record Recompute() implements Plan {}

    /** Not at all: going on would lose or double something. */
    record Refuse(String reason, String remedy) implements Plan {
        /** For the operator. */
        public String message() {
            return reason + "; " + remedy;
        }
    }

    /** As in docs/recovery.md. */
    default String label() {
        return switch (this) {
            case Begin _ -> "begin";
            case Resume _ -> "resume";
            case ResumePrevious _ -> "resume-previous";
            case Recompute _ -> "recompute";
            case Refuse _ -> "refuse";
        };
    }

    /** The one plan for this evidence. */
    static Plan of(Evidence evidence) {
        return switch (evidence.checkpoint()) {
            case NONE -> withoutCheckpoint(evidence, "there is no checkpoint");
            case UNREADABLE -> withoutCheckpoint(evidence, "no checkpoint can be read");
            case NEWEST -> withCheckpoint(evidence, new Resume());
            case PREVIOUS -> withCheckpoint(evidence, new ResumePrevious());
        };
    }

    private static Plan withoutCheckpoint(Evidence evidence, String why) {
        boolean never = evidence.checkpoint() == Evidence.Checkpoint.NONE;
        return switch (evidence.output()) {
            case IDEMPOTENT -> never ? new Begin() : new Recompute();
            case EMPTY ->
                    never || evidence.input() == Evidence.Input.COMPLETE
                            ? new Begin()
                            : beginningGone(why);
            case REACHES, REPLACED ->
                    evidence.input() == Evidence.Input.COMPLETE
                            ? new Recompute()
                            : beginningGone(why);
        };
    }

    private static Plan beginningGone(String why) {
        return new Refuse(
                why
                        + ", and the input's beginning is gone, so the context cannot be computed"
                        + " again",
                "restore the checkpoint directory from a backup");
    }

    private static Plan withCheckpoint(Evidence evidence, Plan plan) {
        return switch (evidence.input()) {
            case TRIMMED ->
                    new Refuse(
                            "the input was deleted beyond the position of the checkpoint",
                            "restore the input journal from a backup");
            case SHORT ->
                    new Refuse(
                            "the input ends before the position of the checkpoint: it has lost"
                                    + " records that were accounted",
                            "restore the input journal from a backup, or restore the whole data"
                                    + " directory to one point in time");
            case REPLACED ->
                    new Refuse(
                            "the input is another journal than the one that the checkpoint was made"
                                    + " with",
                            "restore the data directory as a whole, or move it away to begin anew");
            case COMPLETE -> withOutput(evidence.output(), plan);
        };
    }

    private static Plan withOutput(Evidence.Output output, Plan plan) {
        return switch (output) {
            case REACHES, IDEMPOTENT -> plan;
            case EMPTY ->
                    new Refuse(
                            "the output journal is gone, and with it rows that were written",
                            "restore the output journal from a backup");
            case REPLACED ->
                    new Refuse(
                            "the output journal is another than the one that the checkpoint was"
                                    + " made with",
                            "restore the data directory as a whole, or move it away to begin anew");
        };
    }
}
