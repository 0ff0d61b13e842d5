package io.narwhal.remote;

/**
 * Whoever uses links. It is called by threads of the transport, for one link by one at a time and
 * in this order: opened, then received and ready in any order, then closed; it must neither wait
 * nor throw, so it queues for its own loop. {@code closed} comes exactly once, for a dialled link
 * that never opened too (without {@code opened}).
 *
 * @param <R> what is received
 * @param <S> what is sent
 */
public interface LinkHandler<R, S> {
    /** The peer is verified and there; messages may be sent. */
    void opened(Link<S> link);

    /** A message. Its frames, if any, stay valid as long as they are referred to. */
    void received(Link<S> link, R message);

    /** {@link Link#isReady} has become true. */
    void ready(Link<S> link);

    /** The link is no more. */
    void closed(Link<S> link, Ending ending);
}
