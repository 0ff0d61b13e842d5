package io.narwhal.journal;

import io.narwhal.base.DiskFile;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The first 64 bytes of a segment file, big-endian:
 *
 * <pre>
 *  0          8         10       12        16           24     32               40              48      60
 *  +----------+---------+--------+---------+------------+------+----------------+---------------+-------+--------+
 *  | NARWSEG1 | version | length | 4 zeros | journal id | base | first sequence | created wall µs | zeros | crc32c |
 *  +----------+---------+--------+---------+------------+------+----------------+---------------+-------+--------+
 * </pre>
 *
 * The checksum covers the 60 bytes before it.
 *
 * @param journalId the same in all segments of a journal
 * @param base position of this header
 * @param firstSequence sequence of the first frame behind it
 * @param createdMicros wall clock when it was made
 */
record SegmentHeader(long journalId, long base, long firstSequence, long createdMicros) {
    static final int BYTES = 64;

    /** "NARWSEG1". */
    static final long MAGIC = 0x4e41525753454731L;

    static final int VERSION = 1;
    private static final int CRC_AT = 60;

    /** What the first bytes of a segment file are. */
    sealed interface Read {
        record Intact(SegmentHeader header) implements Read {}

        record Broken(String what) implements Read {}
    }

    ByteBuffer toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(MAGIC).putShort((short) VERSION).putShort((short) BYTES).putInt(0);
        bytes.putLong(journalId).putLong(base).putLong(firstSequence).putLong(createdMicros);
        bytes.putInt(CRC_AT, checksum(bytes.array()));
        return bytes.clear();
    }

    /** Reads the header of a segment whose file name says {@code base}. */
    static Read read(DiskFile file, long base) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        int read = file.read(bytes, 0);
        if (read < BYTES) {
            return new Read.Broken("the segment header has " + read + " bytes instead of " + BYTES);
        }
        if (bytes.getLong(0) != MAGIC) {
            return new Read.Broken("the segment header does not begin with NARWSEG1");
        }
        if (bytes.getInt(CRC_AT) != checksum(bytes.array())) {
            return new Read.Broken("the segment header fails its checksum");
        }
        if (bytes.getShort(8) != VERSION || bytes.getShort(10) != BYTES) {
            return new Read.Broken(
                    "the segment has format version "
                            + bytes.getShort(8)
                            + "; this program reads version "
                            + VERSION);
        }
        if (bytes.getLong(24) != base) {
            return new Read.Broken(
                    "the segment header names position "
                            + bytes.getLong(24)
                            + ", the file name "
                            + base);
        }
        return new Read.Intact(
                new SegmentHeader(bytes.getLong(16), base, bytes.getLong(32), bytes.getLong(40)));
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        return (int) crc.getValue();
    }
}
