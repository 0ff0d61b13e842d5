package io.narwhal.transfer;

/** One connection to a manager, from the agent's side. Made by {@link Agent#connect}. */
public final class AgentLink {
    AgentLink() {}

    /** A message has come. Whatever it says, it never throws: a wrong one closes the link. */
    public void receive(FromManager message, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends at most one message of data, if a pull is being answered.
     *
     * @return whether there is more to send
     */
    public boolean work(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** The connection has ended; or its opening failed, or a message could not be decoded. */
    public void disconnected(String why, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** How it stands. */
    public AgentState state() {
        throw new UnsupportedOperationException();
    }

    /** The manager as it calls itself; empty before its open. */
    public String manager() {
        throw new UnsupportedOperationException();
    }
}
