package io.narwhal.component;

import io.narwhal.collect.StreamIntake;
import io.narwhal.config.Listen;

import java.util.List;

/** What receives on the connections of one address of a collector, by a thread of its own. */
sealed interface ConnectionReceiver extends Runnable, AutoCloseable
        permits StreamReceiver, RadsecReceiver {
    /** Where it listens. */
    Listen listen();

    /** How often it has looked; it is stuck when this no longer grows. */
    long steps();

    /** Whether something that was taken found no room in the journal yet. */
    boolean isHolding();

    /** What became of the connections of the predecessor; those by TLS end with their process. */
    default StreamIntake.Recovered recovered() {
        return new StreamIntake.Recovered(0, 0);
    }

    /** Connections now. */
    int sessions();

    /** Connections that TLS refused since this process began. */
    long refusedByTls();

    /** Connections that were closed because the client does not read what it is answered. */
    default long slowReaders() {
        return 0;
    }

    /** What the operator may want to know of these; empty when nothing. */
    static String tell(List<ConnectionReceiver> receivers) {
        if (receivers.isEmpty()) {
            return "";
        }
        int sessions = receivers.stream().mapToInt(ConnectionReceiver::sessions).sum();
        long refused = receivers.stream().mapToLong(ConnectionReceiver::refusedByTls).sum();
        long slow = receivers.stream().mapToLong(ConnectionReceiver::slowReaders).sum();
        return sessions
                + " sessions"
                + (refused == 0 ? "" : ", " + refused + " refused by TLS")
                + (slow == 0 ? "" : ", " + slow + " ended as they read no answers");
    }

    /** Ends all connections for good. */
    void endSessions();

    /** Journals that nothing more will come. */
    void endIntake();

    @Override
    void close();
}
