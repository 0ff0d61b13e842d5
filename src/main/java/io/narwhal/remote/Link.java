package io.narwhal.remote;

/**
 * One link to the other side. May be used by any thread; the messages of one thread go in its
 * order. Nothing here waits.
 *
 * @param <S> what is sent: {@link io.narwhal.transfer.FromAgent} by an agent, {@link
 *     io.narwhal.transfer.FromManager} by a manager
 */
public interface Link<S> {
    /** Unlike that of any other link of this process. */
    long id();

    /** Who is there. */
    Peer peer();

    /**
     * Whether little enough waits to be sent that more is welcome. When this is false the sender
     * keeps its data; {@link LinkHandler#ready} says when to look again. Small messages
     * (acknowledgements, status) may be sent anyway.
     */
    boolean isReady();

    /**
     * Sends, or queues at the connection. Does nothing on a link that has ended. The message, and
     * the buffer of its frames, are done with when this returns. Frames in a heap buffer that gives
     * its array ({@link java.nio.ByteBuffer#hasArray}) are copied once, others twice.
     */
    void send(S message);

    /**
     * One received message has been worked off. Is to be said once for each, in any order, or no
     * more come: that is what bounds the memory of a receiver that is slower than its peer.
     */
    void taken();

    /** Ends the link in order: what was sent before goes out first. */
    void close(String reason);
}
