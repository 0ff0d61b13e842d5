package io.narwhal.record;

/**
 * Where a message came from and by which way: the transport session that templates, sampling rates
 * and sequence numbers belong to (RFC 7011 §8, with the domain). One object, reused for each
 * message, so that a message allocates none.
 */
public final class Source {
    private long high;
    private long low;
    private int port;
    private int listen;
    private Transport transport = Transport.UDP;
    private int path;

    /** Says where the next message came from; see the getters. */
    public Source set(long high, long low, int port, int listen, Transport transport) {
        this.high = high;
        this.low = low;
        this.port = port;
        this.listen = listen;
        this.transport = transport;
        return this;
    }

    /** High half of the source address, as {@link Addresses} has it. */
    public long high() {
        return high;
    }

    /** Low half of the source address. */
    public long low() {
        return low;
    }

    /** Source port. */
    public int port() {
        return port;
    }

    /** Number of the address that the collector listens at, in the order of its configuration. */
    public int listen() {
        return listen;
    }

    /** How it came. */
    public Transport transport() {
        return transport;
    }

    /**
     * By which path it came, where several hosts collect for this one: 0 is this host itself. What
     * came by another path is a stream of its own. Stays until it is set again.
     */
    public int path() {
        return path;
    }

    /** Says by which path what follows comes. */
    public void setPath(int path) {
        this.path = path;
    }

    @Override
    public String toString() {
        return Addresses.text(high, low) + " port " + port;
    }
}
