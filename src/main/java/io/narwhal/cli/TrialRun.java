package io.narwhal.cli;

import java.io.IOException;

/**
 * Something that starts processes and must end them again, also when the user interrupts it (Ctrl-C
 * or SIGTERM).
 */
final class TrialRun {
    private final Console console;
    private final String what;
    private final Runnable cleanUp;
    private volatile boolean interrupted;
    private volatile boolean cleaned;

    /** The user wants it to end. */
    static final class Interrupted extends RuntimeException {}

    /** What is to be carried out; whether all was as it must be. */
    interface Body {
        /** Calls {@link #goOn} often. */
        boolean run() throws IOException;
    }

    /**
     * A run that did not begin yet.
     *
     * @param what is ended at an interrupt, for the message
     * @param cleanUp called once, from whichever thread
     */
    TrialRun(Console console, String what, Runnable cleanUp) {
        this.console = console;
        this.what = what;
        this.cleanUp = cleanUp;
    }

    /** Runs the body and cleans up, whatever happens. */
    boolean carryOut(Body body) throws IOException {
        var hook = new Thread(this::interrupt, "stop-trial");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return body.run();
        } catch (Interrupted e) {
            return false; // the hook cleans up, and the process ends
        } finally {
            cleanUp();
            forget(hook);
        }
    }

    /**
     * Returns unless the user wants an end.
     *
     * @throws Interrupted when so
     */
    void goOn() {
        if (interrupted) {
            throw new Interrupted();
        }
    }

    /** Whether the user wants an end. */
    boolean isInterrupted() {
        return interrupted;
    }

    // In the shutdown hook, while the main thread is wherever it is.
    private void interrupt() {
        interrupted = true;
        if (!cleaned) {
            console.err().println("narwhal: interrupted; ending " + what);
        }
        cleanUp();
    }

    private synchronized void cleanUp() {
        if (!cleaned) {
            cleanUp.run();
            cleaned = true;
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook has run or waits for cleanUp().
        }
    }
}
