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

    /** Room that a buffer has for {@link #read} at the least: a record of TLS, and some. */
    int READ_BYTES_MIN = 20 * 1024;

    /**
     * Takes some of what has come into a direct buffer, from its position on.
     *
     * @param into with room for {@link #READ_BYTES_MIN} when the connection speaks TLS
     * @return as {@link #receive}; 0 also when only TLS itself had something to say
     * @throws NetFailure when the connection is broken or, with TLS, the peer is refused; also
     *     then, and at the end, the buffer has what came before
     */
    int read(ByteBuffer into);

    /**
     * Sends what there is room for at once, and moves the direct buffer's position behind it. Also
     * sends what was taken before and is not with the kernel yet, so an empty buffer has a purpose
     * too.
     *
     * @throws NetFailure when the connection is broken
     */
    void write(ByteBuffer from);

    /**
     * Whether the kernel had no room for all that was written last: {@link Net#ready} then tells
     * when it has some again.
     */
    default boolean isBlocked() {
        return false;
    }

    /** Whether the peer is who it must be: with TLS, whether the handshake is over. */
    default boolean isEstablished() {
        return true;
    }

    /** Ends the connection for every process that holds it. */
    void shutdown();
}
