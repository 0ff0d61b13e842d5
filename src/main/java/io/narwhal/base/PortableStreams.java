package io.narwhal.base;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/**
 * Stream sockets by the JDK alone. They die with their process, and are tried in turn every few
 * milliseconds instead of being waited for.
 */
final class PortableStreams {
    private static final int PAUSE_MS = 10;

    private PortableStreams() {}

    static StreamListener listen(String host, int port, int receiveBufferBytes) {
        try {
            var channel = ServerSocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(host), port));
            channel.configureBlocking(false);
            return new Listener(channel);
        } catch (IOException e) {
            throw new NetFailure("cannot bind " + host + " port " + port + ": " + e.getMessage());
        }
    }

    static List<StreamHandle> ready(List<? extends StreamHandle> handles, int timeoutMs) {
        Clock.system().sleepMillis(Math.min(PAUSE_MS, timeoutMs));
        return List.copyOf(handles);
    }

    private static final class Listener implements StreamListener {
        private final ServerSocketChannel channel;

        Listener(ServerSocketChannel channel) {
            this.channel = channel;
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
        public Optional<StreamSocket> accept() {
            try {
                SocketChannel connection = channel.accept();
                if (connection == null) {
                    return Optional.empty();
                }
                connection.configureBlocking(false);
                connection.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
                return Optional.of(new Connection(connection));
            } catch (IOException e) {
                throw new NetFailure("cannot accept a connection: " + e.getMessage());
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new NetFailure("cannot close the socket: " + e.getMessage());
            }
        }
    }

    private static final class Connection implements StreamSocket {
        private final SocketChannel channel;
        private final InetSocketAddress peer;

        Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            this.peer = (InetSocketAddress) channel.getRemoteAddress();
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public long cookie() {
            return 0;
        }

        private ByteBuffer address() {
            return ByteBuffer.wrap(peer.getAddress().getAddress());
        }

        @Override
        public long peerHigh() {
            return address().capacity() == 4 ? 0 : address().getLong(0);
        }

        @Override
        public long peerLow() {
            return address().capacity() == 4
                    ? 0xffff_0000_0000L | Integer.toUnsignedLong(address().getInt(0))
                    : address().getLong(8);
        }

        @Override
        public int peerPort() {
            return peer.getPort();
        }

        @Override
        public int receive(StreamSession into) {
            int count = read(into.free());
            if (count > 0) {
                into.put(count);
            }
            return count;
        }

        @Override
        public int read(ByteBuffer into) {
            try {
                return channel.read(into);
            } catch (IOException e) {
                throw new NetFailure("the connection is broken: " + e.getMessage());
            }
        }

        @Override
        public void write(ByteBuffer from) {
            try {
                channel.write(from);
            } catch (IOException e) {
                throw new NetFailure("the connection is broken: " + e.getMessage());
            }
        }

        @Override
        public void shutdown() {
            close();
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new NetFailure("cannot close the socket: " + e.getMessage());
            }
        }
    }
}
