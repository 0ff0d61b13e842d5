package io.narwhal.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link UdpClient} by the JDK alone. The sockets are connected, so that the kernel discards what
 * comes from any other address than the one asked.
 */
final class ChannelUdpClient implements UdpClient {
    private static final int QUEUE_BYTES = 1 << 20;
    private static final long NANOS_PER_MS = 1_000_000;

    private final InetSocketAddress target;
    private final List<DatagramChannel> channels = new ArrayList<>();
    private final Selector selector;
    private final ByteBuffer out = ByteBuffer.allocateDirect(65_536);
    private final ByteBuffer in = ByteBuffer.allocateDirect(ANSWER_BYTES_MAX);
    private final byte[] answer = new byte[ANSWER_BYTES_MAX];

    ChannelUdpClient(List<InetSocketAddress> sources, InetSocketAddress target) {
        this.target = target;
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (InetSocketAddress source : sources) {
            open(source);
        }
    }

    private void open(InetSocketAddress source) {
        try {
            var channel = DatagramChannel.open();
            channels.add(channel);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, QUEUE_BYTES);
            channel.bind(source).connect(target).configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, channels.size() - 1);
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(
                    "cannot send from " + source + " to " + target + ": " + e, e);
        }
    }

    @Override
    public int sockets() {
        return channels.size();
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
    public boolean send(int socket, byte[] bytes, int length) {
        out.clear().put(bytes, 0, length).flip();
        try {
            return channels.get(socket).write(out) == length;
        } catch (PortUnreachableException _) {
            // The answer to an earlier one: nobody listens. This one was not sent either.
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send to " + target + ": " + e, e);
        }
    }

    @Override
    public int receive(Receiver receiver, long waitNanos) {
        try {
            if (waitNanos > 0) {
                selector.select((waitNanos + NANOS_PER_MS - 1) / NANOS_PER_MS);
            } else {
                selector.selectNow();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int answers = 0;
        for (SelectionKey key : selector.selectedKeys()) {
            int socket = (Integer) key.attachment();
            while (next(channels.get(socket))) {
                in.get(answer, 0, in.remaining());
                receiver.answer(socket, answer, in.limit());
                answers++;
            }
        }
        selector.selectedKeys().clear();
        return answers;
    }

    /** Whether there was one; it stands in the buffer then. */
    private boolean next(DatagramChannel channel) {
        while (true) {
            try {
                boolean received = channel.receive(in.clear()) != null;
                in.flip();
                return received;
            } catch (PortUnreachableException _) {
                // Told once for each request that found nobody; behind it there may be answers.
            } catch (IOException e) {
                throw new UncheckedIOException("cannot receive from " + target + ": " + e, e);
            }
        }
    }

    @Override
    public void close() {
        try {
            for (DatagramChannel channel : channels) {
                channel.close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
