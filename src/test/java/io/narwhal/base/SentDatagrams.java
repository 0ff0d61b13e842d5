package io.narwhal.base;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Takes what a traffic source sends, batch by batch; each exporter has its own loopback address.
 */
public abstract class SentDatagrams implements UdpSender {
    /** Room for each datagram. */
    protected static final int SLOT_BYTES = 8192;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SLOTS_MAX * SLOT_BYTES);

    /** The datagram in a slot of the batch that is being sent. */
    protected final ByteBuffer datagram(int slot, int length) {
        Check.that(length <= SLOT_BYTES, "a datagram of %d bytes fits", length);
        return buffer.slice(slot * SLOT_BYTES, length);
    }

    @Override
    public final ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public final int slotBytes() {
        return SLOT_BYTES;
    }

    @Override
    public final int slots() {
        return SLOTS_MAX;
    }

    /** The address of the exporter of that number. */
    public static InetSocketAddress address(int exporter) {
        return new InetSocketAddress("127.0.0." + (11 + exporter), 40_000 + exporter);
    }

    @Override
    public InetSocketAddress source(int socket) {
        return address(socket);
    }

    @Override
    public void close() {}
}
