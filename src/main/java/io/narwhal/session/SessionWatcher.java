package io.narwhal.session;

/** Is told of sessions, in the order in which they change. */
public interface SessionWatcher {
    /** Watches nothing. */
    SessionWatcher NONE =
            new SessionWatcher() {
                @Override
                public void onSession(long number, Session session) {}

                @Override
                public void onForgotten(long number) {}
            };

    /**
     * A session is new or has changed in who holds what and when: subscriber, addresses, start, end
     * or state.
     *
     * @param number of the session in its lane's shard: the same for all calls of it, also after a
     *     restart
     */
    void onSession(long number, Session session);

    /** A session is forgotten. */
    void onForgotten(long number);
}
