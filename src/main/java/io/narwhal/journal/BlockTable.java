package io.narwhal.journal;

import io.narwhal.base.DiskFile;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What lies behind the segment header of a compressed segment, big-endian:
 *
 * <pre>
 *  64         72        74       76           80     88      92       96
 *  +----------+---------+--------+------------+------+--------+--------+-----------+-----------+
 *  | NARWSEGZ | version | method | block size | size | blocks | crc32c | lengths…  | 0 or 4    |
 *  +----------+---------+--------+------------+------+--------+--------+-----------+-----------+
 * </pre>
 *
 * It says where each block lies, so that a reader can begin at any position. The checksum covers
 * all of it but itself, padding included.
 *
 * @param blockBytes what each block but the last holds uncompressed
 * @param size bytes of the uncompressed segment, header included
 * @param lengths bytes of each block in the file
 */
record BlockTable(int blockBytes, long size, int[] lengths) {
    static final int AT = SegmentHeader.BYTES;

    /** "NARWSEGZ". */
    static final long MAGIC = 0x4e4152575345475aL;

    static final int VERSION = 1;

    /** The data of a block is one frame of zstd (RFC 8878). */
    static final int ZSTD = 1;

    private static final int CRC_AT = 28;
    private static final int LENGTHS_AT = 32;

    /** What a file's table is. */
    sealed interface Read {
        record Intact(BlockTable table) implements Read {}

        record Broken(String what) implements Read {}
    }

    /** How many blocks a segment of that size makes. */
    static int count(long size, int blockBytes) {
        return (int) ((size - SegmentHeader.BYTES + blockBytes - 1) / blockBytes);
    }

    /** Where the first block begins in the file. */
    static long blocksAt(int count) {
        return AT + bytes(count);
    }

    private static int bytes(int count) {
        return (int) Frames.align(LENGTHS_AT + 4L * count);
    }

    ByteBuffer toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(bytes(lengths.length));
        bytes.putLong(MAGIC).putShort((short) VERSION).putShort((short) ZSTD).putInt(blockBytes);
        bytes.putLong(size).putInt(lengths.length).putInt(0);
        for (int length : lengths) {
            bytes.putInt(length);
        }
        bytes.putInt(CRC_AT, checksum(bytes.array()));
        return bytes.clear();
    }

    static Read read(DiskFile file) {
        ByteBuffer fixed = ByteBuffer.allocate(LENGTHS_AT);
        if (file.read(fixed, AT) < LENGTHS_AT || fixed.getLong(0) != MAGIC) {
            return new Read.Broken("the table of blocks does not begin with NARWSEGZ");
        }
        int count = fixed.getInt(24);
        if (count < 0 || blocksAtOrNone(count) > file.size()) {
            return new Read.Broken("the table of blocks does not fit the file");
        }
        ByteBuffer bytes = ByteBuffer.allocate(bytes(count));
        file.read(bytes, AT);
        if (bytes.getInt(CRC_AT) != checksum(bytes.array())) {
            return new Read.Broken("the table of blocks fails its checksum");
        }
        return trusted(bytes, count);
    }

    private static long blocksAtOrNone(int count) {
        return count > Integer.MAX_VALUE / 8 ? Long.MAX_VALUE : blocksAt(count);
    }

    private static Read trusted(ByteBuffer bytes, int count) {
        if (bytes.getShort(8) != VERSION || bytes.getShort(10) != ZSTD) {
            return new Read.Broken(
                    "compressed by version "
                            + bytes.getShort(8)
                            + ", method "
                            + bytes.getShort(10)
                            + "; this program reads version 1, method 1");
        }
        int blockBytes = bytes.getInt(12);
        long size = bytes.getLong(16);
        if (blockBytes <= 0
                || blockBytes > Blocks.PLAIN_BYTES_MAX
                || size < SegmentHeader.BYTES
                || count != count(size, blockBytes)) {
            return new Read.Broken("the table of blocks contradicts itself");
        }
        int[] lengths = new int[count];
        for (int i = 0; i < count; i++) {
            lengths[i] = bytes.getInt(LENGTHS_AT + 4 * i);
        }
        return new Read.Intact(new BlockTable(blockBytes, size, lengths));
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        crc.update(bytes, LENGTHS_AT, bytes.length - LENGTHS_AT);
        return (int) crc.getValue();
    }
}
