package io.narwhal.base;

/** A bound UDP socket. It lives as long as any process holds it. */
public interface UdpSocket extends AutoCloseable {
    /**
     * Number of the descriptor in this process, by which another can share it; −1: cannot be
     * shared.
     */
    int descriptor();

    /**
     * Identity of the socket, the same in every process that holds it; 0 where the system has none.
     */
    long cookie();

    /** The port that it is bound to. */
    int port();

    /** Datagrams that the kernel dropped at this socket since it was made, modulo 2^32. */
    long drops();

    /** What the kernel granted for its queue, in bytes. */
    int receiveBufferBytes();

    /**
     * Receives a batch into the empty area, waiting for the first datagram at most this long.
     *
     * @return datagrams received, in the first slots
     */
    int receive(InFlight area, int timeoutMs);

    /** For a socket whose datagrams are answered: everything is then received by what it gives. */
    Answers answers(InFlight area);

    @Override
    void close();
}
