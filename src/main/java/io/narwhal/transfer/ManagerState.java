package io.narwhal.transfer;

import java.util.Locale;

/** How a link stands at the manager. Tables: docs/protocols/transfer.md. */
public enum ManagerState {
    /** No connection. */
    DISCONNECTED,
    /** Connected; hello, force, open and opened are under way. */
    RESYNC,
    /** A pull may be issued. */
    READY,
    /** A pull is being answered. */
    PULLING,
    /** It is answered; not everything is forced. */
    SAVING,
    /** All is forced and is being acknowledged. */
    ACKING,
    /** A pull is due and cannot be saved. */
    BACKPRESSURED,
    /** The link is taken out of the configuration. */
    CLOSED;

    boolean mayBecome(ManagerState next) {
        return switch (this) {
            case DISCONNECTED -> next == RESYNC || next == CLOSED;
            case RESYNC -> next == READY || next == DISCONNECTED || next == CLOSED;
            case READY ->
                    next == PULLING
                            || next == BACKPRESSURED
                            || next == DISCONNECTED
                            || next == CLOSED;
            case PULLING ->
                    next == SAVING || next == ACKING || next == DISCONNECTED || next == CLOSED;
            case SAVING ->
                    next == ACKING || next == PULLING || next == DISCONNECTED || next == CLOSED;
            case ACKING -> next == READY || next == DISCONNECTED || next == CLOSED;
            case BACKPRESSURED ->
                    next == READY || next == PULLING || next == DISCONNECTED || next == CLOSED;
            case CLOSED -> false;
        };
    }

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
