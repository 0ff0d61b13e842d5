package io.narwhal.transfer;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The running digest of everything that was sent on a link. Low 32 bits: CRC-32C over, for each
 * message of data, txn, epoch, from and through (8 octets each, big-endian) and the frames; high 32
 * bits: how many octets of frames, modulo 2^32.
 */
public final class Digest {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer header = ByteBuffer.allocate(32);
    private long octets;

    /** Of nothing yet. */
    public Digest() {}

    /** The digest with one more message; the frames' position does not change. */
    public long with(long txn, long epoch, long from, long through, ByteBuffer frames) {
        header.clear().putLong(txn).putLong(epoch).putLong(from).putLong(through).flip();
        crc.update(header);
        crc.update(frames.duplicate());
        octets += frames.remaining();
        return octets << 32 | crc.getValue();
    }
}
