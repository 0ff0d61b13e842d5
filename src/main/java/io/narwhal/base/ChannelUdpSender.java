package io.narwhal.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** A {@link UdpSender} for any system: one call a datagram. */
final class ChannelUdpSender implements UdpSender {
    private final List<DatagramChannel> channels = new ArrayList<>();
    private final InetSocketAddress target;
    private final ByteBuffer buffer;
    private final ByteBuffer view;
    private final int slots;
    private final int slotBytes;

    ChannelUdpSender(
            List<InetSocketAddress> sources, InetSocketAddress target, int slots, int slotBytes) {
        this.target = target;
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.buffer = ByteBuffer.allocateDirect(slots * slotBytes);
        this.view = buffer.duplicate();
        for (InetSocketAddress source : sources) {
            channels.add(bound(source));
        }
    }

    private DatagramChannel bound(InetSocketAddress source) {
        try {
            return DatagramChannel.open().bind(source);
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("cannot send from " + source + ": " + e, e);
        }
    }

    @Override
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public int slotBytes() {
        return slotBytes;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public void send(int socket, int[] lengths, int count) {
        DatagramChannel channel = channels.get(socket);
        for (int slot = 0; slot < count; slot++) {
            try {
                view.limit(slot * slotBytes + lengths[slot]).position(slot * slotBytes);
                int sent = channel.send(view, target);
                Check.that(sent == lengths[slot], "a datagram goes whole or not at all");
            } catch (IOException e) {
                String what = "sent " + slot + " of " + count + " datagrams to " + target;
                throw new UncheckedIOException(what + ", then: " + e, e);
            }
        }
    }

    @Override
    public InetSocketAddress source(int socket) {
        try {
            return (InetSocketAddress) channels.get(socket).getLocalAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (DatagramChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
