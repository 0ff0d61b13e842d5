package io.narwhal.collect;

import io.narwhal.base.StreamSocket;

import java.nio.ByteBuffer;

/**
 * One connection by which requests come: the beginning of a packet whose rest has not come yet, and
 * the answers that have not left yet. One thread at a time.
 */
final class RadsecConnection {
    private static final byte[] NOTHING = new byte[0];

    private final StreamSocket socket;
    private final long acceptedNanos;
    private byte[] rest = NOTHING;
    // Answers: those up to `safe` may leave, the others wait for the force.
    private byte[] queue = NOTHING;
    private int from;
    private int safe;
    private int end;
    private int unsafe;
    private boolean closed;

    RadsecConnection(StreamSocket socket, long acceptedNanos) {
        this.socket = socket;
        this.acceptedNanos = acceptedNanos;
    }

    StreamSocket socket() {
        return socket;
    }

    long acceptedNanos() {
        return acceptedNanos;
    }

    boolean isClosed() {
        return closed;
    }

    /** Nothing is taken or sent any more. */
    void close() {
        closed = true;
        queue = NOTHING;
        rest = NOTHING;
        socket.shutdown();
        socket.close();
    }

    /** Puts the beginning of a packet, if there is one, and forgets it. */
    void takeRest(ByteBuffer into) {
        into.put(rest);
        rest = NOTHING;
    }

    /** Keeps what remains, the beginning of a packet. */
    void keepRest(ByteBuffer remaining) {
        if (remaining.hasRemaining() && !closed) {
            rest = new byte[remaining.remaining()];
            remaining.get(rest);
        }
    }

    /** Takes an answer that must not leave yet. */
    void put(byte[] answer, int length) {
        if (end + length > queue.length) {
            int left = end - from;
            byte[] larger = new byte[Math.max(1024, 2 * (left + length))];
            System.arraycopy(queue, from, larger, 0, left);
            queue = larger;
            safe -= from;
            end = left;
            from = 0;
        }
        System.arraycopy(answer, 0, queue, end, length);
        end += length;
        unsafe++;
    }

    /**
     * Lets go of all that was put.
     *
     * @return answers that may leave since
     */
    int release() {
        int released = unsafe;
        unsafe = 0;
        safe = end;
        return released;
    }

    /** Octets of answers that may leave, and for which there is no room. */
    int queued() {
        return safe - from;
    }

    /**
     * Sends what may leave, as far as there is room.
     *
     * @param through a direct buffer
     * @throws io.narwhal.base.NetFailure when the connection is broken
     */
    void flush(ByteBuffer through) {
        boolean moves = true;
        while (moves) {
            int count = Math.min(through.capacity(), safe - from);
            through.clear().put(queue, from, count).flip();
            socket.write(through);
            from += through.position();
            moves = !through.hasRemaining() && from < safe;
        }
        if (from == end) {
            from = 0;
            safe = 0;
            end = 0;
            queue = queue.length > 1024 ? NOTHING : queue;
        }
    }
}
