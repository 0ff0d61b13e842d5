package io.narwhal.base;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.List;

/**
 * {@link Net} by the JDK alone, for systems other than Linux. The socket dies with its process:
 * what the kernel still queued is then lost, and shows as a gap in the exporters' sequence numbers.
 * Answers leave from the address that the system chooses: bind to one address where it matters.
 */
final class PortableNet implements Net {
    @Override
    public UdpSocket bind(String host, int port, int receiveBufferBytes) {
        return bind(host, port, receiveBufferBytes, false);
    }

    @Override
    public UdpSocket bindShared(String host, int port, int receiveBufferBytes) {
        return bind(host, port, receiveBufferBytes, true);
    }

    private static UdpSocket bind(String host, int port, int receiveBufferBytes, boolean shared) {
        try {
            var channel = DatagramChannel.open();
            if (shared) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(host), port));
            channel.configureBlocking(false);
            return new PortableSocket(channel);
        } catch (IOException | UnsupportedOperationException e) {
            throw new NetFailure("cannot bind " + host + " port " + port + ": " + e.getMessage());
        }
    }

    @Override
    public boolean canShare() {
        return false;
    }

    @Override
    public UdpSocket share(long pid, int descriptor, int port) {
        throw new NetFailure("sockets cannot be shared between processes on this system");
    }

    @Override
    public UdpSocket inherited(int descriptor, int port) {
        throw new NetFailure("sockets cannot be inherited on this system");
    }

    @Override
    public StreamListener listen(String host, int port, int receiveBufferBytes) {
        return PortableStreams.listen(host, port, receiveBufferBytes);
    }

    @Override
    public StreamListener shareListener(long pid, int descriptor) {
        throw new NetFailure("sockets cannot be shared between processes on this system");
    }

    @Override
    public StreamSocket shareStream(long pid, int descriptor) {
        throw new NetFailure("sockets cannot be shared between processes on this system");
    }

    @Override
    public List<StreamHandle> ready(List<? extends StreamHandle> handles, int timeoutMs) {
        return PortableStreams.ready(handles, timeoutMs);
    }

    @Override
    public InFlight inFlight(Path file) {
        return MappedArea.map(file);
    }

    private static final class PortableSocket implements UdpSocket {
        private final DatagramChannel channel;
        private final Selector selector;
        private final ByteBuffer datagram = ByteBuffer.allocateDirect(InFlight.DATAGRAM_BYTES_MAX);

        PortableSocket(DatagramChannel channel) throws IOException {
            this.channel = channel;
            this.selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public long cookie() {
            return 0;
        }

        @Override
        public int port() {
            return channel.socket().getLocalPort();
        }

        @Override
        public long drops() {
            return 0;
        }

        @Override
        public int receiveBufferBytes() {
            try {
                return channel.getOption(StandardSocketOptions.SO_RCVBUF);
            } catch (IOException e) {
                throw new NetFailure("cannot read the receive buffer's size: " + e.getMessage());
            }
        }

        @Override
        public int receive(InFlight area, int timeoutMs) {
            try {
                if (timeoutMs == 0) {
                    selector.selectNow();
                } else {
                    selector.select(timeoutMs);
                }
                selector.selectedKeys().clear();
                int slot = 0;
                while (slot < InFlight.SLOTS && receiveOne(area, slot)) {
                    slot++;
                }
                return slot;
            } catch (IOException e) {
                throw new NetFailure("cannot receive on port " + port() + ": " + e.getMessage());
            }
        }

        private boolean receiveOne(InFlight area, int slot) throws IOException {
            datagram.clear();
            var source = (InetSocketAddress) channel.receive(datagram);
            if (source == null) {
                return false;
            }
            datagram.flip();
            byte[] bytes = source.getAddress().getAddress();
            var address = ByteBuffer.wrap(bytes);
            boolean ipv4 = bytes.length == 4;
            area.put(
                    slot,
                    datagram,
                    ipv4 ? 0 : address.getLong(0),
                    ipv4
                            ? 0xffff_0000_0000L | Integer.toUnsignedLong(address.getInt(0))
                            : address.getLong(8),
                    source.getPort());
            return true;
        }

        @Override
        public Answers answers(InFlight area) {
            return new PortableAnswers(this, channel, area);
        }

        @Override
        public void close() {
            try {
                selector.close();
                channel.close();
            } catch (IOException e) {
                throw new NetFailure("cannot close the socket: " + e.getMessage());
            }
        }
    }
}
