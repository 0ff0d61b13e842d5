package io.narwhal.transfer;

import java.nio.ByteBuffer;

/** Walks the frames of a message that came, and holds its numbers against them. */
final class FrameWalk {
    private long count;
    private long items;
    private long first;
    private long last;

    private FrameWalk() {}

    /** What is wrong with a message of frames; empty: nothing. */
    static String wrong(FromAgent.AccountingData data) {
        FrameWalk walk = new FrameWalk();
        String wrong = walk.walk(data.frames().duplicate(), data.from(), data.through());
        if (!wrong.isEmpty()) {
            return wrong;
        }
        boolean numbers =
                walk.count > 0
                        && walk.items == data.items()
                        && walk.first == data.firstSequence()
                        && walk.last == data.lastSequence();
        return numbers ? "" : "its numbers are not those of its frames";
    }

    /** Whether it is one frame alone: that may be larger than the credit. */
    static boolean single(ByteBuffer frames) {
        return frames.remaining() >= Slice.Frames.FRAME_HEADER_BYTES
                && (long) frames.getInt(frames.position()) + Slice.Frames.FRAME_HEADER_BYTES
                        == frames.remaining();
    }

    private String walk(ByteBuffer frames, long from, long through) {
        long behind = from;
        while (frames.hasRemaining()) {
            if (frames.remaining() < Slice.Frames.FRAME_HEADER_BYTES) {
                return "a frame is cut short";
            }
            int length = frames.getInt();
            int counted = frames.getInt();
            long sequence = frames.getLong();
            long position = frames.getLong();
            if (length < 0 || length > frames.remaining() || counted < 0) {
                return "a frame of %d octets with %d items".formatted(length, counted);
            }
            if (position < behind || position >= through || count > 0 && sequence <= last) {
                return "a frame at %d is out of order".formatted(position);
            }
            frames.position(frames.position() + length);
            first = count == 0 ? sequence : first;
            last = sequence;
            behind = position + 1;
            items += counted;
            count++;
        }
        return "";
    }
}
