package io.narwhal.generate;

/** A session that is being reported, and its one request that is on its way or about to be. */
final class OpenSession {
    /** Identifiers that one request holds at most; the oldest is given back before. */
    static final int HELD_MAX = 8;

    final SessionScript script;

    /** Its newest report. */
    int reached;

    /** At that report. */
    Counters counters = Counters.ZERO;

    /** A report to be sent again behind the next one; −1: none. */
    int postponed = -1;

    /** The report that is on its way. */
    int report;

    /** At the report on its way. */
    Counters reported = Counters.ZERO;

    /** Whether it was answered before, and is sent again on purpose. */
    boolean again;

    long firstNanos;
    long sentNanos;
    int sends;
    long delaySeconds;

    /** Socket and identifier that it was last sent with. */
    int socket;

    int identifier = Identifiers.NONE;

    private final int[] heldSockets = new int[HELD_MAX];
    private final int[] heldIdentifiers = new int[HELD_MAX];
    private int held;

    OpenSession(SessionScript script) {
        this.script = script;
    }

    /** Makes the next request a new report. */
    void aim(int next) {
        reached = next;
        counters = script.after(counters, next);
        report = next;
        reported = counters;
        again = false;
        delaySeconds = 0;
    }

    /** Makes the next request one that was answered before. */
    void aimAgain(int answered) {
        report = answered;
        reported = answered == reached ? counters : script.at(answered);
        again = true;
    }

    /** Notes an identifier that was taken for the request on its way, to be sent with it. */
    void hold(Identifiers[] all, int atSocket, int taken) {
        if (held == HELD_MAX) {
            all[heldSockets[0]].release(heldIdentifiers[0]);
            held--;
            System.arraycopy(heldSockets, 1, heldSockets, 0, held);
            System.arraycopy(heldIdentifiers, 1, heldIdentifiers, 0, held);
        }
        heldSockets[held] = atSocket;
        heldIdentifiers[held++] = taken;
        socket = atSocket;
        identifier = taken;
    }

    /** Gives back all identifiers of the request. */
    void release(Identifiers[] all) {
        for (int i = 0; i < held; i++) {
            all[heldSockets[i]].release(heldIdentifiers[i]);
        }
        held = 0;
    }
}
