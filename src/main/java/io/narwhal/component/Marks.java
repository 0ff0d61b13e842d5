package io.narwhal.component;

import io.narwhal.record.ReceivedBlock;

/**
 * Is told what a lane is doing before it does it, so that whoever comes after the death of the
 * process knows what it died of. Called by whatever thread does the work; each shard is one
 * thread's at a time.
 */
interface Marks {
    /** Remembers nothing. */
    Marks NONE =
            new Marks() {
                @Override
                public void stepBegins(long position, long recycle, boolean alone) {}

                @Override
                public void decoding(int shard, long mark, ReceivedBlock datagram) {}

                @Override
                public void decoded(int shard) {}

                @Override
                public void stepEnded() {}

                @Override
                public void failed(Throwable why) {}
            };

    /** What a datagram is in a step: how far behind the step's beginning its frame, and which. */
    static long mark(long frameOffset, int index) {
        return frameOffset << 16 | index + 1;
    }

    /**
     * A step begins.
     *
     * @param position of its first frame in the received journal; of something recycled where that
     *     once stood
     * @param recycle number of the recycling that it is of; 0: of none
     * @param alone whether one thread takes one datagram at a time, to its end
     */
    void stepBegins(long position, long recycle, boolean alone);

    /**
     * A shard begins with a datagram.
     *
     * @param mark as {@link #mark} makes it
     */
    void decoding(int shard, long mark, ReceivedBlock datagram);

    /** A shard has no datagram in hand any more. */
    void decoded(int shard);

    /** The step is over. */
    void stepEnded();

    /** The step ends here for that reason: whoever has a datagram in hand died of it. */
    void failed(Throwable why);
}
