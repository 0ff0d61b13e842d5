package io.narwhal.transfer;

import java.util.function.Consumer;

/** One link to an agent, from the manager's side, over all its connections. */
public final class ManagerLink {
    /** The first wait after a connection ended. */
    public static final long BACKOFF_FIRST_MS = 200;

    /** The longest; each is twice the one before. */
    public static final long BACKOFF_LAST_MS = 10_000;

    ManagerLink() {}

    /** Name of the link. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** When the next connection is to be tried; meaningful while DISCONNECTED. */
    public long connectAtMs() {
        throw new UnsupportedOperationException();
    }

    /**
     * A connection stands.
     *
     * @param peer the agent's name by its certificate; empty in clear
     * @param outbox takes what is to be sent, in order
     */
    public void connected(String peer, Consumer<FromManager> outbox, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** A message has come. Whatever it says, it never throws: a wrong one ends the connection. */
    public void receive(FromAgent message, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * The connection has ended, or could not be made. To be called also after the machine ended it
     * (state DISCONNECTED, a Close in the outbox); then it does nothing.
     */
    public void disconnected(String why, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Other thresholds, times and credit; name, agent and journal stay. */
    public void change(LinkSettings settings, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Pulls as soon as may be. */
    public void pull(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * An administrator accepts every stream that is REFUSED: it goes on where the agent said. Ends
     * the connection; the next opens with the new positions.
     *
     * @return how many streams were accepted
     */
    public int accept(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** How it stands. */
    public ManagerState state() {
        throw new UnsupportedOperationException();
    }
}
