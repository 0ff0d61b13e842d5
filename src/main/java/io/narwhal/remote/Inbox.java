package io.narwhal.remote;

import java.util.ArrayDeque;

/** Received messages that wait to be worked off, by size: whether one more may come. */
final class Inbox {
    private final int aheadBytes;
    private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean isAsking = true;

    /** One message has been asked for. */
    Inbox(int aheadBytes) {
        this.aheadBytes = aheadBytes;
    }

    /** A message came; says whether to ask for the next at once. */
    boolean received(int size) {
        waiting.add(size);
        bytes += size;
        isAsking = bytes < aheadBytes;
        return isAsking;
    }

    /** One was worked off; says whether to ask for the next now. */
    boolean taken() {
        Integer size = waiting.poll();
        if (size == null) {
            return false;
        }
        bytes -= size;
        if (isAsking || bytes >= aheadBytes) {
            return false;
        }
        isAsking = true;
        return true;
    }
}
