package io.narwhal.remote;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;

/** The contents of {@link TlsFiles}, as new as {@link #refresh} has found them. */
public final class Credentials {
    private Credentials() {}

    /** What the files give. */
    public sealed interface Read {
        /** They can be used. */
        record Good(Credentials credentials) implements Read {}

        /** One of them cannot; the message names it. */
        record Bad(String message) implements Read {}
    }

    /** Reads the files. */
    public static Read read(Disk disk, TlsFiles files, Clock clock) {
        throw new UnsupportedOperationException(disk + "" + files + clock);
    }

    /**
     * Looks whether a file has changed, at most every two seconds, and takes the new ones if they
     * can be used together; else those of before stay, which is told and logged.
     *
     * @return whether there are new ones
     */
    public boolean refresh() {
        return false;
    }

    /** What is wrong with the files as they are now; empty: nothing. */
    public String complaint() {
        return "";
    }
}
