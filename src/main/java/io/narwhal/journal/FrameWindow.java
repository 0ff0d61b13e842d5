package io.narwhal.journal;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * A stretch of one segment in memory, that slides forward as frames are asked for. Reads at least 1
 * MiB at a time where there is so much; allocates only to grow for a larger frame.
 */
final class FrameWindow {
    static final int CHUNK_BYTES = 1 << 20;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final CRC32C crc = new CRC32C();
    private final byte[] seed = new byte[Long.BYTES];
    private byte[] bytes = new byte[CHUNK_BYTES];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private @Nullable SegmentFile file;
    private long base;
    private long start;
    private long end;

    private int frameOffset;
    private int payloadLength;

    /** Slides over this file, whose first byte lies at position {@code base}. */
    void over(SegmentFile file, long base) {
        this.file = file;
        this.base = base;
        start = base;
        end = base;
    }

    /**
     * The size of the valid frame that begins at {@code at} and ends at or before {@code limit}, or
     * 0 when there is none. After a size the accessors speak of that frame.
     */
    int frameAt(long at, long limit) {
        int header = index(at, Frames.HEADER_BYTES, limit);
        if (header < 0 || (int) INT.get(bytes, header) != Frames.MAGIC) {
            return 0;
        }
        int length = (int) INT.get(bytes, header + Frames.LENGTH_AT);
        long forcedThen = (long) LONG.get(bytes, header + Frames.FORCED_AT);
        if (length < 0 || length > Frames.PAYLOAD_BYTES_MAX || forcedThen < 0 || forcedThen > at) {
            return 0;
        }
        int total = Frames.totalBytes(length);
        int frame = index(at, total, limit);
        if (frame < 0
                || checksum(at, frame, total) != (int) INT.get(bytes, frame + Frames.CRC_AT)) {
            return 0;
        }
        frameOffset = frame;
        payloadLength = length;
        return total;
    }

    /** The position of the next valid frame from {@code from} on, or -1 when there is none. */
    long search(long from, long limit) {
        for (long at = Frames.align(from); at + Frames.HEADER_BYTES <= limit; at += 8) {
            int i = index(at, Integer.BYTES, limit);
            if (i < 0) {
                return -1;
            }
            if ((int) INT.get(bytes, i) == Frames.MAGIC && frameAt(at, limit) > 0) {
                return at;
            }
        }
        return -1;
    }

    byte[] bytes() {
        return bytes;
    }

    int payloadOffset() {
        return frameOffset + Frames.HEADER_BYTES;
    }

    int payloadLength() {
        return payloadLength;
    }

    int items() {
        return (int) INT.get(bytes, frameOffset + Frames.ITEMS_AT);
    }

    long sequence() {
        return (long) LONG.get(bytes, frameOffset + Frames.SEQUENCE_AT);
    }

    long forced() {
        return (long) LONG.get(bytes, frameOffset + Frames.FORCED_AT);
    }

    private int checksum(long at, int frame, int total) {
        LONG.set(seed, 0, at);
        crc.reset();
        crc.update(seed, 0, Long.BYTES);
        crc.update(bytes, frame, Frames.CRC_AT);
        crc.update(bytes, frame + Frames.ITEMS_AT, total - Frames.ITEMS_AT);
        return (int) crc.getValue();
    }

    /** Where this stretch lies in {@link #bytes}, or -1 when the file or the limit ends before. */
    private int index(long position, int count, long limit) {
        if (position + count > limit) {
            return -1;
        }
        if (position < start || position + count > end) {
            fill(position, count, limit);
        }
        return position + count <= end ? (int) (position - start) : -1;
    }

    private void fill(long position, int count, long limit) {
        SegmentFile from = Objects.requireNonNull(file, "a window slides over a file");
        int kept = position >= start && position < end ? (int) (end - position) : 0;
        byte[] target = count <= bytes.length ? bytes : new byte[grown(count)];
        if (kept > 0) {
            System.arraycopy(bytes, (int) (position - start), target, 0, kept);
        }
        if (target != bytes) {
            bytes = target;
            view = ByteBuffer.wrap(target);
        }
        long wanted = Math.min(bytes.length - kept, limit - position - kept);
        view.clear().position(kept).limit(kept + (int) wanted);
        int read = from.read(view, position + kept - base);
        start = position;
        end = position + kept + read;
    }

    private static int grown(int count) {
        return Math.max(count, Math.min(2 * count, Frames.totalBytes(Frames.PAYLOAD_BYTES_MAX)));
    }

    /** Whether the payload of the current frame equals what remains in the buffer. */
    boolean payloadEquals(ByteBuffer other) {
        if (other.remaining() != payloadLength) {
            return false;
        }
        if (other.hasArray()) {
            int from = other.arrayOffset() + other.position();
            return Arrays.equals(
                    bytes,
                    payloadOffset(),
                    payloadOffset() + payloadLength,
                    other.array(),
                    from,
                    from + payloadLength);
        }
        return view.clear().slice(payloadOffset(), payloadLength).equals(other);
    }
}
