package io.narwhal.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Stream sockets by Linux's own calls, so that other processes can hold them too. */
final class LinuxStreams {
    /** Connections that wait to be accepted, at the most. */
    static final int BACKLOG = 256;

    private static final int POLL_BYTES = 8; // struct pollfd

    private LinuxStreams() {}

    static List<StreamHandle> ready(List<? extends StreamHandle> handles, int timeoutMs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate((long) handles.size() * POLL_BYTES, 8);
            for (int i = 0; i < handles.size(); i++) {
                long at = (long) i * POLL_BYTES;
                polled.set(ValueLayout.JAVA_INT, at, handles.get(i).descriptor());
                polled.set(ValueLayout.JAVA_SHORT, at + 4, awaited(handles.get(i)));
            }
            int count = Native.poll(polled, handles.size(), timeoutMs);
            List<StreamHandle> ready = new ArrayList<>(Math.max(0, count));
            for (int i = 0; i < handles.size() && count > 0; i++) {
                // Errors and hang-ups show here too; receiving tells what it is.
                if (polled.get(ValueLayout.JAVA_SHORT, (long) i * POLL_BYTES + 6) != 0) {
                    ready.add(handles.get(i));
                }
            }
            return ready;
        }
    }

    private static short awaited(StreamHandle handle) {
        return handle instanceof StreamSocket socket && socket.isBlocked()
                ? Native.POLLIN | Native.POLLOUT
                : Native.POLLIN;
    }

    /** A socket that listens. */
    static final class Listener implements StreamListener {
        private final int fd;

        Listener(int fd) {
            this.fd = fd;
        }

        @Override
        public int descriptor() {
            return fd;
        }

        @Override
        public long cookie() {
            return Native.cookie(fd);
        }

        @Override
        public Optional<StreamSocket> accept() {
            int connection = Native.accept(fd);
            if (connection >= 0) {
                return Optional.of(new Connection(connection));
            }
            return switch (-connection) {
                case Native.EMFILE, Native.ENFILE, Native.ENOBUFS, Native.ENOMEM ->
                        throw new NetFailure(
                                "cannot accept a connection: no descriptors or memory left (errno "
                                        + -connection
                                        + "); raise the limit of open files (ulimit -n)");
                // Nobody is there, or is no more.
                default -> Optional.empty();
            };
        }

        @Override
        public void close() {
            Native.close(fd);
        }
    }

    /** A connection. */
    static final class Connection implements StreamSocket {
        private final int fd;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment state = Native.stateMemory(arena);
        private long peerHigh;
        private long peerLow;
        private int peerPort;
        private boolean blocked;

        Connection(int fd) {
            this.fd = fd;
            MemorySegment name = arena.allocate(28, 8);
            if (Native.peer(fd, arena, name) >= 0) {
                boolean ipv4 = name.get(ValueLayout.JAVA_SHORT, 0) == Native.AF_INET;
                ByteBuffer bytes = name.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
                peerPort = bytes.getShort(2) & 0xffff;
                peerHigh = ipv4 ? 0 : bytes.getLong(8);
                peerLow =
                        ipv4
                                ? 0xffff_0000_0000L | Integer.toUnsignedLong(bytes.getInt(4))
                                : bytes.getLong(16);
            }
        }

        @Override
        public int descriptor() {
            return fd;
        }

        @Override
        public long cookie() {
            return Native.cookie(fd);
        }

        @Override
        public long peerHigh() {
            return peerHigh;
        }

        @Override
        public long peerLow() {
            return peerLow;
        }

        @Override
        public int peerPort() {
            return peerPort;
        }

        @Override
        public int receive(StreamSession into) {
            int count = Native.receive(fd, into.message(), 1, state);
            if (count < 0) {
                return nothing(-count);
            }
            int bytes = into.arrived();
            return bytes == 0 ? ENDED : bytes;
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Native.receive(fd, MemorySegment.ofBuffer(into));
            if (count < 0) {
                return nothing(-count);
            }
            into.position(into.position() + count);
            return count == 0 ? ENDED : count;
        }

        @Override
        public void write(ByteBuffer from) {
            blocked = false;
            if (!from.hasRemaining()) {
                return;
            }
            int count = Native.send(fd, MemorySegment.ofBuffer(from));
            if (count < 0) {
                nothing(-count);
            } else {
                from.position(from.position() + count);
            }
            blocked = from.hasRemaining();
        }

        @Override
        public boolean isBlocked() {
            return blocked;
        }

        private static int nothing(int errno) {
            return switch (errno) {
                case Native.EAGAIN, Native.EINTR -> 0;
                case Native.ECONNRESET -> throw new NetFailure("the peer reset the connection");
                default -> throw new NetFailure("the connection is broken (errno " + errno + ")");
            };
        }

        @Override
        public void shutdown() {
            Native.shutdown(fd);
        }

        @Override
        public void close() {
            Native.close(fd);
            arena.close();
        }
    }
}
