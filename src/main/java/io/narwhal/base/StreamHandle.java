package io.narwhal.base;

/** A stream socket, be it one that listens or a connection. */
public sealed interface StreamHandle extends AutoCloseable permits StreamListener, StreamSocket {
    /**
     * Number of the descriptor in this process, by which another can share it; −1: cannot be
     * shared.
     */
    int descriptor();

    /**
     * Identity of the socket, the same in every process that holds it; 0 where the system has none.
     */
    long cookie();

    /** Lets go of it; the connection ends when no process holds it any more. */
    @Override
    void close();
}
