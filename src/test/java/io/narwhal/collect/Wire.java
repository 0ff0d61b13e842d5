package io.narwhal.collect;

import io.narwhal.base.InFlight;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.StreamHandle;
import io.narwhal.base.StreamListener;
import io.narwhal.base.StreamSession;
import io.narwhal.base.StreamSocket;
import io.narwhal.base.UdpSocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A network of one listening address, with connections that a test writes into. */
final class Wire implements Net {
    private final Deque<Connection> waiting = new ArrayDeque<>();
    final Listener listener = new Listener();
    private long cookies = 100;

    /** An exporter connects. */
    Connection connect(int port) {
        var connection = new Connection(port, ++cookies);
        waiting.addLast(connection);
        return connection;
    }

    /** Connections that nobody has accepted. */
    int waiting() {
        return waiting.size();
    }

    /** The listening socket. */
    final class Listener implements StreamListener {
        @Override
        public Optional<StreamSocket> accept() {
            return Optional.ofNullable(waiting.pollFirst());
        }

        @Override
        public int descriptor() {
            return 3;
        }

        @Override
        public long cookie() {
            return 7;
        }

        @Override
        public void close() {}
    }

    /** One connection: a queue of bytes, as the kernel has it. */
    static final class Connection implements StreamSocket {
        private final int port;
        private final long cookie;
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private int taken;
        private boolean ended;
        private boolean reset;
        private int gulp = Integer.MAX_VALUE;
        private final ByteArrayOutputStream answered = new ByteArrayOutputStream();
        private int room = Integer.MAX_VALUE;
        private boolean blocked;
        private Runnable leaving = () -> {};
        long peerLow = 0xffff_0a00_0001L;
        boolean established = true;
        boolean shut;

        Connection(int port, long cookie) {
            this.port = port;
            this.cookie = cookie;
        }

        void send(byte[] bytes) {
            sent.writeBytes(bytes);
        }

        void end() {
            ended = true;
        }

        void reset() {
            reset = true;
        }

        /** Hands over at most so many bytes at a time. */
        void gulp(int bytes) {
            gulp = bytes;
        }

        /** Takes no more than so many further bytes of answers. */
        void room(int bytes) {
            room = bytes;
        }

        /** Is run before anything leaves. */
        void leaving(Runnable check) {
            leaving = check;
        }

        /** What was answered since this was asked last. */
        byte[] answered() {
            byte[] bytes = answered.toByteArray();
            answered.reset();
            return bytes;
        }

        /** Bytes that nobody has taken. */
        int queued() {
            return sent.size() - taken;
        }

        @Override
        public int receive(StreamSession into) {
            if (reset) {
                throw new NetFailure("the peer reset the connection");
            }
            if (queued() == 0) {
                return ended ? ENDED : 0;
            }
            int count =
                    into.put(ByteBuffer.wrap(sent.toByteArray(), taken, Math.min(gulp, queued())));
            taken += count;
            return count;
        }

        @Override
        public int read(ByteBuffer into) {
            if (reset) {
                throw new NetFailure("the peer reset the connection");
            }
            if (queued() == 0) {
                return ended ? ENDED : 0;
            }
            int count = Math.min(Math.min(gulp, queued()), into.remaining());
            into.put(sent.toByteArray(), taken, count);
            taken += count;
            return count;
        }

        @Override
        public void write(ByteBuffer from) {
            if (reset) {
                throw new NetFailure("the peer reset the connection");
            }
            if (from.hasRemaining()) {
                leaving.run();
            }
            int count = Math.min(room, from.remaining());
            var bytes = new byte[count];
            from.get(bytes);
            answered.writeBytes(bytes);
            room -= room == Integer.MAX_VALUE ? 0 : count;
            blocked = from.hasRemaining();
        }

        @Override
        public boolean isBlocked() {
            return blocked;
        }

        @Override
        public boolean isEstablished() {
            return established;
        }

        @Override
        public void shutdown() {
            shut = true;
        }

        @Override
        public long peerHigh() {
            return 0;
        }

        @Override
        public long peerLow() {
            return peerLow;
        }

        @Override
        public int peerPort() {
            return port;
        }

        @Override
        public int descriptor() {
            return 10 + port;
        }

        @Override
        public long cookie() {
            return cookie;
        }

        @Override
        public void close() {}
    }

    @Override
    public List<StreamHandle> ready(List<? extends StreamHandle> handles, int timeoutMs) {
        List<StreamHandle> ready = new ArrayList<>();
        for (StreamHandle handle : handles) {
            boolean some =
                    switch (handle) {
                        case StreamListener _ -> !waiting.isEmpty();
                        case Connection c ->
                                c.queued() > 0 || c.ended || c.reset || c.blocked && c.room > 0;
                        case StreamSocket _ -> false;
                    };
            if (some) {
                ready.add(handle);
            }
        }
        return ready;
    }

    @Override
    public UdpSocket bind(String host, int port, int receiveBufferBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public UdpSocket bindShared(String host, int port, int receiveBufferBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean canShare() {
        return true;
    }

    @Override
    public UdpSocket share(long pid, int descriptor, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public UdpSocket inherited(int descriptor, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public InFlight inFlight(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public StreamListener listen(String host, int port, int receiveBufferBytes) {
        return listener;
    }

    @Override
    public StreamListener shareListener(long pid, int descriptor) {
        return listener;
    }

    @Override
    public StreamSocket shareStream(long pid, int descriptor) {
        throw new UnsupportedOperationException();
    }
}
