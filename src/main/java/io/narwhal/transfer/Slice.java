package io.narwhal.transfer;

import java.nio.ByteBuffer;

/** A stretch of a journal of the agent, as it is read to be sent. */
public sealed interface Slice {
    /** Position behind it. */
    long through();

    /**
     * Whole frames.
     *
     * @param from position of the first
     * @param through position behind the last
     * @param firstSequence of the first in its journal
     * @param lastSequence of the last
     * @param items what they count: datagrams, requests, lines, or rows
     * @param records as the agent counts them
     * @param frames each: length (4 octets), items (4), sequence (8), position (8), payload
     */
    record Frames(
            long from,
            long through,
            long firstSequence,
            long lastSequence,
            long items,
            long records,
            ByteBuffer frames)
            implements Slice {
        /** Octets before a frame's payload in {@link #frames()}. */
        public static final int FRAME_HEADER_BYTES = 24;
    }

    /** Frames that cannot be read. */
    record Damaged(long from, long through, String why) implements Slice {}

    /** The store cannot be read now. */
    record Unavailable(long through, String why) implements Slice {}

    /** Nothing more is held. */
    record End(long through) implements Slice {}
}
