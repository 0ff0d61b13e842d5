package io.narwhal.journal;

/**
 * The layout of a frame, big-endian, beginning at a multiple of 8:
 *
 * <pre>
 *  0       4        8        12      16         24        32
 *  +-------+--------+--------+-------+----------+---------+----------+-----------+
 *  | magic | length | crc32c | items | sequence | forced  | payload… | 0…7 zeros |
 *  +-------+--------+--------+-------+----------+---------+----------+-----------+
 * </pre>
 *
 * The checksum covers the frame's own position (8 bytes, not stored) and then the whole frame but
 * the checksum itself, padding included. The position is in it so that a frame inside another's
 * payload, or in a stale block of the file system, is never taken for one that was written here.
 */
final class Frames {
    static final int HEADER_BYTES = 32;
    static final int PADDING_BYTES_MAX = 7;
    static final int PAYLOAD_BYTES_MAX = 64 << 20;

    /** "NARF". */
    static final int MAGIC = 0x4e415246;

    static final int LENGTH_AT = 4;
    static final int CRC_AT = 8;
    static final int ITEMS_AT = 12;
    static final int SEQUENCE_AT = 16;
    static final int FORCED_AT = 24;

    private Frames() {}

    static int totalBytes(int payloadBytes) {
        return (int) align(HEADER_BYTES + (long) payloadBytes);
    }

    /** The next multiple of 8. */
    static long align(long position) {
        return position + 7 & -8;
    }
}
