package io.narwhal.generate;

import io.narwhal.base.Check;
import io.narwhal.base.UdpSender;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is given to send, exporter by exporter. */
final class RecordingSender implements UdpSender {
    private static final int SLOT_BYTES = 8192;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SLOTS_MAX * SLOT_BYTES);
    final List<List<byte[]>> sent = new ArrayList<>();

    RecordingSender(int sockets) {
        for (int i = 0; i < sockets; i++) {
            sent.add(new ArrayList<>());
        }
    }

    @Override
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public int slotBytes() {
        return SLOT_BYTES;
    }

    @Override
    public int slots() {
        return SLOTS_MAX;
    }

    @Override
    public void send(int socket, int[] lengths, int count) {
        for (int slot = 0; slot < count; slot++) {
            Check.that(lengths[slot] <= SLOT_BYTES, "fits");
            byte[] datagram = new byte[lengths[slot]];
            buffer.get(slot * SLOT_BYTES, datagram);
            sent.get(socket).add(datagram);
        }
    }

    @Override
    public InetSocketAddress source(int socket) {
        return new InetSocketAddress("127.0.0." + (11 + socket), 40_000 + socket);
    }

    @Override
    public void close() {}
}
