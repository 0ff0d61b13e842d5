package io.narwhal.transfer;

import java.util.List;

/**
 * The manager's side: its links, whom it pulls next, and what it may acknowledge. Owned by one
 * thread; waits for nothing.
 *
 * <p>How it is driven: {@link #add} for each link of the configuration; {@link
 * ManagerLink#connected} when a connection stands (to be tried when {@link ManagerLink#connectAtMs}
 * has passed), {@link ManagerLink#receive} for what comes, {@link ManagerLink#disconnected} at its
 * end; {@link #tick} at least every 100 ms. After messages were received: {@code mark =
 * appended()}, force the journals, {@code forced(mark)}: that acknowledges.
 */
public final class Manager {
    /** A manager without links. */
    public Manager(ManagerSettings settings, Saving saving) {
        throw new UnsupportedOperationException();
    }

    /** A link of the configuration, not connected. */
    public ManagerLink add(LinkSettings link, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** A link is no longer in the configuration: says goodbye and forgets it. */
    public void remove(String link, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** All links, by name. */
    public List<ManagerLink> links() {
        throw new UnsupportedOperationException();
    }

    /** How many things were appended so far; grows by one with each. */
    public long appended() {
        throw new UnsupportedOperationException();
    }

    /** The first so many are forced: acknowledges them. */
    public void forced(long appended, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Whether nothing more is asked for or under way, so that a force at once costs nobody. */
    public boolean answered() {
        throw new UnsupportedOperationException();
    }

    /** Time passes: pulls that are due, keepalive, silence. */
    public void tick(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** How every link stands. */
    public List<LinkFacts> facts() {
        throw new UnsupportedOperationException();
    }
}
