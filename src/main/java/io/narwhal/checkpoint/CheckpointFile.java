package io.narwhal.checkpoint;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The layout of a checkpoint file, big-endian:
 *
 * <pre>
 *  0          8         10       12       16           24       32
 *  +----------+---------+--------+--------+------------+--------+----------+
 *  | NARWCKP1 | version | header | crc32c | generation | length | context… |
 *  +----------+---------+--------+--------+------------+--------+----------+
 * </pre>
 *
 * The checksum covers the whole file but itself.
 */
final class CheckpointFile {
    static final int HEADER_BYTES = 32;
    static final int CONTEXT_BYTES_MAX = Integer.MAX_VALUE - 64;

    /** "NARWCKP1". */
    static final long MAGIC = 0x4e415257434b5031L;

    static final int VERSION = 1;
    private static final int CRC_AT = 12;
    private static final int GENERATION_AT = 16;
    private static final int LENGTH_AT = 24;

    /** What a file turned out to be. */
    sealed interface Read {
        record Whole(byte[] bytes) implements Read {}

        record Refused(String why) implements Read {}
    }

    private CheckpointFile() {}

    static void write(DiskFile file, long generation, byte[] bytes, int length) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(MAGIC).putShort((short) VERSION).putShort((short) HEADER_BYTES);
        header.putInt(0).putLong(generation).putLong(length);
        header.putInt(CRC_AT, checksum(header, bytes, length)).clear();
        file.write(header, 0);
        file.write(ByteBuffer.wrap(bytes, 0, length), HEADER_BYTES);
    }

    /** Reads a file whose name says {@code generation}. */
    static Read read(Disk disk, Path path, long generation) {
        try (DiskFile file = disk.open(path, Disk.Mode.READ)) {
            return read(file, path, generation);
        }
    }

    private static Read read(DiskFile file, Path path, long generation) {
        long size = file.size();
        if (size == 0) {
            return refused(path, 0, "the file is empty, which is not an empty context");
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        if (file.read(header, 0) < HEADER_BYTES) {
            return refused(path, size, "the file ends within its header");
        }
        if (header.getLong(0) != MAGIC) {
            return refused(path, 0, "it does not begin with NARWCKP1");
        }
        if (header.getShort(8) != VERSION || header.getShort(10) != HEADER_BYTES) {
            return refused(
                    path,
                    8,
                    "format version "
                            + header.getShort(8)
                            + "; this program reads version "
                            + VERSION);
        }
        long length = header.getLong(LENGTH_AT);
        if (length < 0 || length > CONTEXT_BYTES_MAX || size != HEADER_BYTES + length) {
            return refused(
                    path,
                    Math.min(size, LENGTH_AT),
                    (size - HEADER_BYTES) + " bytes of context, the header says " + length);
        }
        byte[] bytes = new byte[(int) length];
        file.read(ByteBuffer.wrap(bytes), HEADER_BYTES);
        if (header.getInt(CRC_AT) != checksum(header, bytes, bytes.length)) {
            return refused(path, CRC_AT, "the checksum does not match");
        }
        if (header.getLong(GENERATION_AT) != generation) {
            return refused(
                    path, GENERATION_AT, "it is generation " + header.getLong(GENERATION_AT));
        }
        return new Read.Whole(bytes);
    }

    private static Read refused(Path path, long at, String why) {
        return new Read.Refused(path + ":" + at + ": " + why);
    }

    private static int checksum(ByteBuffer header, byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, CRC_AT);
        crc.update(header.array(), GENERATION_AT, HEADER_BYTES - GENERATION_AT);
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
