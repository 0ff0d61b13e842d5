package io.narwhal.cli;

/** How a command ends, for scripts. */
public final class ExitCode {
    /** Done as asked. */
    public static final int OK = 0;

    /** It failed, or it found damage. */
    public static final int FAILURE = 1;

    /** The command line or the configuration is wrong; nothing was done. */
    public static final int USAGE = 2;

    /** The books do not balance. */
    public static final int UNBALANCED = 3;

    private ExitCode() {}
}
