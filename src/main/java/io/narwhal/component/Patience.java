package io.narwhal.component;

import io.narwhal.base.DiskFull;
import io.narwhal.journal.JournalFull;

/** Tries what there is no room for again until there is: a full disk is a state, not an end. */
final class Patience {
    private static final long RETRY_MS = 100;

    /** The component was asked to end while it waited for room. */
    static final class Interrupted extends RuntimeException {
        Interrupted(String message) {
            super(message);
        }
    }

    private Patience() {}

    /**
     * Does the step, as soon as there is room for it.
     *
     * @throws Interrupted when the component must end before that; the step was not done
     */
    static void until(Duty duty, Runnable step) {
        Phase before = duty.phase();
        while (true) {
            try {
                step.run();
                if (duty.phase() != before) {
                    duty.become(before, "");
                }
                return;
            } catch (DiskFull | JournalFull full) {
                waitFor(duty, String.valueOf(full.getMessage()));
            }
        }
    }

    private static void waitFor(Duty duty, String message) {
        if (duty.command() == Command.STOP) {
            throw new Interrupted(message);
        }
        duty.become(
                Phase.WAITING,
                message + "; free some space: going on by itself once there is room");
        duty.beat();
        duty.idle(RETRY_MS);
    }
}
