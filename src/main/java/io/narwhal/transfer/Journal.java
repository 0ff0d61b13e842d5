package io.narwhal.transfer;

import java.util.Locale;

/** At which journal a chain is cut. */
public enum Journal {
    /** Records as received: the manager accounts them. */
    RECEIVED,
    /** Usage: the agent has accounted it; the manager delivers it. */
    USAGE;

    /** As in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
