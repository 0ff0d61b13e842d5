package io.narwhal.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of a block of a compressed segment, big-endian, beginning at a multiple of 8:
 *
 * <pre>
 *  0       4        8        12           16         24
 *  +-------+--------+--------+------------+----------+------------+-----------+
 *  | magic | length | crc32c | plain size | position | zstd data… | 0…7 zeros |
 *  +-------+--------+--------+------------+----------+------------+-----------+
 * </pre>
 *
 * Length is that of the data; position is where the block's first byte lies in the journal. The
 * checksum covers the whole block but itself, padding included. So a block can be found and trusted
 * without the table before it.
 */
final class Blocks {
    static final int HEADER_BYTES = 24;

    /** What a block holds uncompressed; the last of a segment holds less. */
    static final int PLAIN_BYTES = 256 << 10;

    /** No reader takes memory for more, whatever a file says. */
    static final int PLAIN_BYTES_MAX = 16 << 20;

    /** "NARB". */
    static final int MAGIC = 0x4e415242;

    static final int LENGTH_AT = 4;
    static final int CRC_AT = 8;
    static final int PLAIN_AT = 12;
    static final int POSITION_AT = 16;

    private Blocks() {}

    /** The most that this many bytes can become when they do not shrink (ZSTD_COMPRESSBOUND). */
    static int dataBytesMax(int plainBytes) {
        return plainBytes + (plainBytes >>> 8) + 64;
    }

    /** A block with its header and padding. */
    static int totalBytes(int dataBytes) {
        return (int) Frames.align(HEADER_BYTES + (long) dataBytes);
    }

    /** The checksum of the block that lies in the buffer from 0 to {@code total}. */
    static int checksum(ByteBuffer block, int total) {
        CRC32C crc = new CRC32C();
        crc.update(block.duplicate().clear().limit(CRC_AT));
        crc.update(block.duplicate().clear().position(PLAIN_AT).limit(total));
        return (int) crc.getValue();
    }

    /** Puts header and padding round the data that lies in the buffer behind the header. */
    static int complete(ByteBuffer block, int dataBytes, int plainBytes, long position) {
        int total = totalBytes(dataBytes);
        for (int i = HEADER_BYTES + dataBytes; i < total; i++) {
            block.put(i, (byte) 0);
        }
        block.putInt(0, MAGIC).putInt(LENGTH_AT, dataBytes).putInt(PLAIN_AT, plainBytes);
        block.putLong(POSITION_AT, position);
        block.putInt(CRC_AT, checksum(block, total));
        return total;
    }

    /** Bytes of the block whose header lies at the buffer's beginning; 0 when it is none. */
    static int totalOf(ByteBuffer header) {
        int data = header.getInt(LENGTH_AT);
        int plain = header.getInt(PLAIN_AT);
        boolean plausible =
                header.getInt(0) == MAGIC
                        && plain > 0
                        && plain <= PLAIN_BYTES_MAX
                        && data > 0
                        && data <= dataBytesMax(plain);
        return plausible ? totalBytes(data) : 0;
    }
}
