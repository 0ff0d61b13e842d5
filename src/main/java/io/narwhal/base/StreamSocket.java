package io.narwhal.base;

import java.nio.ByteBuffer;

/**
 * One TCP connection that was accepted. Nothing here ever waits; {@link Net#ready} does. It lives
 * as long as any process holds it.
 */
public non-sealed interface StreamSocket extends StreamHandle {
    /** The peer has ended the connection in order. */
    int ENDED = -1;

    /** High half of the peer's address, an IPv4 address in its IPv6 form. */
    long peerHigh();

    /** Low half of the peer's address. */
    long peerLow();

    /** The peer's port. */
    int peerPort();

    /**
     * Takes what has come, as far as the session's buffer has room for it.
     *
     * @return bytes taken; 0 when nothing can be taken now; {@link #ENDED}
     * @throws NetFailure when the connection is broken or, with TLS, the peer is refused
     */
    int receive(StreamSession into);

    /**
     * Takes what has come into a direct buffer, from its position on.
     *
     * @return as {@link #receive}
     * @throws NetFailure when the connection is broken
     */
    int read(ByteBuffer into);

    /**
     * Sends what the kernel has room for at once, and moves the direct buffer's position behind it.
     *
     * @throws NetFailure when the connection is broken
     */
    void write(ByteBuffer from);

    /** Ends the connection for every process that holds it. */
    void shutdown();
}
