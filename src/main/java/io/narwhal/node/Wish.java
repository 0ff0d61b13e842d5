package io.narwhal.node;

import java.time.Instant;

/** What the administrator wants of a component, as it stands on the disk. */
public sealed interface Wish {
    /** It is to run; nothing says otherwise. */
    record Run() implements Wish {}

    /**
     * It is to stay stopped until it is started, over restarts of the node manager and of the host.
     *
     * @param since when it was wished
     * @param by the user who wished it
     * @param reason why, in the user's words; empty when nothing was said
     */
    record Stopped(Instant since, String by, String reason) implements Wish {
        /** In a sentence: since when, by whom, why. */
        public String told() {
            return "stopped by "
                    + by
                    + " since "
                    + since
                    + (reason.isEmpty() ? "" : " (" + reason + ")");
        }
    }

    /**
     * The file cannot be understood. The component runs, as what is not received is lost.
     *
     * @param why what is wrong, with the file
     */
    record Unreadable(String why) implements Wish {}
}
