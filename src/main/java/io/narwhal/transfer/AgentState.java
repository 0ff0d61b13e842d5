package io.narwhal.transfer;

import java.util.Locale;

/** How a link stands at the agent. Tables: docs/protocols/transfer.md. */
public enum AgentState {
    /** Not connected yet. */
    DISCONNECTED,
    /** The hello is sent; what the manager has saved is awaited. */
    RESYNC,
    /** Both know where they stand; nothing is asked or owed. */
    IDLE,
    /** The agent has asked to be pulled. */
    REQUESTED,
    /** A pull is being answered. */
    SENDING,
    /** It is answered; not everything is acknowledged. */
    AWAIT_ACK,
    /** The link has ended. */
    CLOSED;

    boolean mayBecome(AgentState next) {
        return switch (this) {
            case DISCONNECTED -> next == RESYNC || next == CLOSED;
            case RESYNC -> next == IDLE || next == CLOSED;
            case IDLE -> next == REQUESTED || next == SENDING || next == CLOSED;
            case REQUESTED -> next == SENDING || next == IDLE || next == CLOSED;
            case SENDING -> next == AWAIT_ACK || next == IDLE || next == CLOSED;
            case AWAIT_ACK -> next == SENDING || next == IDLE || next == CLOSED;
            case CLOSED -> false;
        };
    }

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
