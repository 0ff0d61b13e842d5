package io.narwhal.component;

import io.narwhal.record.ReceivedBlock;

import java.util.Arrays;

/**
 * The frames of a received journal that are applied together, copied, with the datagrams of each
 * shard. Where a step ends depends on the frames alone, and a checkpoint is taken only between
 * steps: so a replay cuts the same steps, and the same rows come of them.
 */
final class Step {
    /** Frames of a step at the most. */
    static final int FRAMES_MAX = 64;

    /** A step ends with the frame that makes it this large. */
    static final int BYTES_MAX = 4 << 20;

    /** A step ends with the first frame that is this much later than the end of the one before. */
    static final long ARRIVAL_MS = 100;

    private byte[] bytes = new byte[1 << 20];
    private int size;
    private int frames;
    // Of each frame: where its payload begins and how long it is.
    private final int[] frameAt = new int[FRAMES_MAX];
    private final int[] frameBytes = new int[FRAMES_MAX];
    private final long[] framePosition = new long[FRAMES_MAX];
    private final int[][] places;
    private final long[][] marksOf;
    private final short[][] pathsOf;
    private final int[] counts;
    private final long[] datagramBytes;
    private long allDatagramBytes;
    private Marks marks = Marks.NONE;
    private boolean alone;
    private boolean again;

    /** An empty step. */
    Step(int shards) {
        places = new int[shards][0];
        marksOf = new long[shards][0];
        pathsOf = new short[shards][0];
        counts = new int[shards];
        datagramBytes = new long[shards];
    }

    /** Says who is told what is being done. */
    void setMarks(Marks marks) {
        this.marks = marks;
    }

    /** Who is told what is being done. */
    Marks marks() {
        return marks;
    }

    /**
     * How the datagrams are to be taken.
     *
     * @param alone by one thread, each to its end before the next
     * @param again once more, long after they came
     */
    void take(boolean alone, boolean again) {
        this.alone = alone;
        this.again = again;
    }

    /** Whether each datagram is taken to its end before the next. */
    boolean isAlone() {
        return alone;
    }

    /** Whether the datagrams had been set aside when they came. */
    boolean isAgain() {
        return again;
    }

    /** Copies the payload of a frame that stands there in its journal. */
    void add(byte[] payload, int offset, int length, long position) {
        if (bytes.length - size < length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + length));
        }
        System.arraycopy(payload, offset, bytes, size, length);
        frameAt[frames] = size;
        frameBytes[frames] = length;
        framePosition[frames] = position;
        size += length;
        frames++;
    }

    /**
     * Gives a datagram to a shard: the block that it is in, its place there, its length, its mark,
     * and the number of its path.
     */
    void route(int shard, int blockAt, int datagramAt, int length, long mark, int path) {
        datagramBytes[shard] += length;
        allDatagramBytes += length;
        int count = counts[shard];
        if (count == places[shard].length) {
            places[shard] = Arrays.copyOf(places[shard], Math.max(128, 2 * count));
            marksOf[shard] = Arrays.copyOf(marksOf[shard], places[shard].length / 2);
            pathsOf[shard] = Arrays.copyOf(pathsOf[shard], places[shard].length / 2);
        }
        marksOf[shard][count / 2] = mark;
        pathsOf[shard][count / 2] = (short) path;
        places[shard][count] = blockAt;
        places[shard][count + 1] = datagramAt;
        counts[shard] = count + 2;
    }

    /** Whether it ends with the frame that was added last. */
    boolean ends(ReceivedBlock last, long watermarkMs) {
        return frames >= FRAMES_MAX
                || size >= BYTES_MAX
                || !last.kind().isData()
                || last.arrivalMicros() / 1_000 - watermarkMs >= ARRIVAL_MS;
    }

    byte[] bytes() {
        return bytes;
    }

    int frames() {
        return frames;
    }

    /** Where the payload of a frame begins. */
    int frameAt(int frame) {
        return frameAt[frame];
    }

    /** Where a frame begins in its journal. */
    long framePosition(int frame) {
        return framePosition[frame];
    }

    /** Length of the payload of a frame. */
    int frameBytes(int frame) {
        return frameBytes[frame];
    }

    /** Datagrams of a shard. */
    int datagrams(int shard) {
        return counts[shard] / 2;
    }

    /** Where the block of a shard's datagram begins. */
    int blockAt(int shard, int datagram) {
        return places[shard][2 * datagram];
    }

    /** Where a shard's datagram, its header first, begins. */
    int datagramAt(int shard, int datagram) {
        return places[shard][2 * datagram + 1];
    }

    /** The mark of a shard's datagram; see {@link Marks#mark}. */
    long mark(int shard, int datagram) {
        return marksOf[shard][datagram];
    }

    /** The number of the path that a shard's datagram came by. */
    int path(int shard, int datagram) {
        return pathsOf[shard][datagram];
    }

    /** What part of the bytes of all datagrams is this shard's, 0 to 1. */
    double share(int shard) {
        return allDatagramBytes == 0 ? 0 : (double) datagramBytes[shard] / allDatagramBytes;
    }

    void clear() {
        Arrays.fill(datagramBytes, 0);
        allDatagramBytes = 0;
        size = 0;
        frames = 0;
        Arrays.fill(counts, 0);
    }
}
