package io.narwhal.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@link Net} by Linux's own calls: batches of datagrams, and sockets that processes share. */
final class LinuxNet implements Net {
    @Override
    public void prepare() {
        Native.prepare();
    }

    @Override
    public UdpSocket bind(String host, int port, int receiveBufferBytes) {
        return bind(host, port, receiveBufferBytes, false);
    }

    @Override
    public UdpSocket bindShared(String host, int port, int receiveBufferBytes) {
        return bind(host, port, receiveBufferBytes, true);
    }

    private static UdpSocket bind(String host, int port, int receiveBufferBytes, boolean shared) {
        InetAddress address = InetAddress.ofLiteral(host);
        int family = address instanceof Inet4Address ? Native.AF_INET : Native.AF_INET6;
        int fd = Native.socket(family);
        if (fd < 0) {
            throw new NetFailure("cannot make a socket for " + host + " (errno " + -fd + ")");
        }
        Native.setReceiveBuffer(fd, receiveBufferBytes);
        if (shared) {
            Native.shareAddress(fd);
        }
        if (family == Native.AF_INET6) {
            Native.acceptIpv4Too(fd);
        }
        try (Arena arena = Arena.ofConfined()) {
            int result = Native.bind(fd, socketAddress(arena, address, port));
            if (result < 0) {
                Native.close(fd);
                throw new NetFailure(bindMessage(host, port, -result, 'u'));
            }
        }
        return new LinuxSocket(fd, Native.localPort(fd));
    }

    private static String bindMessage(String host, int port, int errno, char kind) {
        String where = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        return switch (errno) {
            case Native.EADDRINUSE ->
                    where
                            + " is in use by another process; find it with: ss -l"
                            + kind
                            + "np 'sport = :"
                            + port
                            + "'";
            case Native.EACCES ->
                    where
                            + " may not be bound by this user: ports below 1024 need root or"
                            + " CAP_NET_BIND_SERVICE";
            case Native.EADDRNOTAVAIL ->
                    where + " is no address of this host; see: ip address show";
            default -> where + " cannot be bound (errno " + errno + ")";
        };
    }

    private static MemorySegment socketAddress(Arena arena, InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        boolean ipv4 = bytes.length == 4;
        MemorySegment memory = arena.allocate(ipv4 ? 16 : 28, 4);
        memory.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv4 ? Native.AF_INET : Native.AF_INET6));
        memory.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >>> 8));
        memory.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, ipv4 ? 4 : 8, bytes.length);
        return memory;
    }

    @Override
    public boolean canShare() {
        return true;
    }

    @Override
    public UdpSocket share(long pid, int descriptor, int port) {
        return new LinuxSocket(duplicate(pid, descriptor), port);
    }

    @Override
    public UdpSocket inherited(int descriptor, int port) {
        return new LinuxSocket(descriptor, port);
    }

    @Override
    public StreamListener listen(String host, int port, int receiveBufferBytes) {
        InetAddress address = InetAddress.ofLiteral(host);
        int family = address instanceof Inet4Address ? Native.AF_INET : Native.AF_INET6;
        int fd = Native.streamSocket(family);
        if (fd < 0) {
            throw new NetFailure("cannot make a socket for " + host + " (errno " + -fd + ")");
        }
        Native.setReceiveBuffer(fd, receiveBufferBytes);
        if (family == Native.AF_INET6) {
            Native.acceptIpv4Too(fd);
        }
        try (Arena arena = Arena.ofConfined()) {
            int result = Native.bind(fd, socketAddress(arena, address, port));
            if (result >= 0) {
                result = Native.listen(fd, LinuxStreams.BACKLOG);
            }
            if (result < 0) {
                Native.close(fd);
                throw new NetFailure(bindMessage(host, port, -result, 't'));
            }
        }
        return new LinuxStreams.Listener(fd);
    }

    @Override
    public StreamListener shareListener(long pid, int descriptor) {
        return new LinuxStreams.Listener(duplicate(pid, descriptor));
    }

    @Override
    public StreamSocket shareStream(long pid, int descriptor) {
        return new LinuxStreams.Connection(duplicate(pid, descriptor));
    }

    @Override
    public Optional<UdpSocket> adopt(int descriptor, Wanted wanted) {
        if (Native.type(descriptor) != Native.SOCK_DGRAM
                || Native.sharesAddress(descriptor) != wanted.shared()
                || !isBoundTo(descriptor, wanted)) {
            return Optional.empty();
        }
        int own = Native.duplicate(descriptor);
        if (own < 0) {
            return Optional.empty();
        }
        Native.setReceiveBuffer(own, wanted.receiveBufferBytes());
        return Optional.of(new LinuxSocket(own, wanted.port()));
    }

    @Override
    public Optional<StreamHandle> adoptStream(int descriptor, Wanted wanted) {
        boolean listens = Native.listens(descriptor);
        boolean right =
                listens
                        ? isBoundTo(descriptor, wanted)
                        : Native.localPort(descriptor) == wanted.port();
        if (Native.type(descriptor) != Native.SOCK_STREAM || !right) {
            return Optional.empty();
        }
        int own = Native.duplicate(descriptor);
        if (own < 0) {
            return Optional.empty();
        }
        return Optional.of(
                listens ? new LinuxStreams.Listener(own) : new LinuxStreams.Connection(own));
    }

    @Override
    public void discard(int descriptor) {
        Native.close(descriptor);
    }

    // Family, port and address: the whole of what bind was given.
    private static boolean isBoundTo(int descriptor, Wanted wanted) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment right =
                    socketAddress(arena, InetAddress.ofLiteral(wanted.host()), wanted.port());
            MemorySegment name = arena.allocate(28, 4);
            int length = Native.name(arena, descriptor, name);
            return length == right.byteSize() && name.asSlice(0, length).mismatch(right) < 0;
        }
    }

    private static int duplicate(long pid, int descriptor) {
        int fd = Native.descriptorOf(pid, descriptor);
        if (fd < 0) {
            throw new NetFailure(
                    "cannot share the socket of process " + pid + " (errno " + -fd + ")");
        }
        return fd;
    }

    @Override
    public List<StreamHandle> ready(List<? extends StreamHandle> handles, int timeoutMs) {
        return LinuxStreams.ready(handles, timeoutMs);
    }

    @Override
    public InFlight inFlight(Path file) {
        return MappedArea.map(file);
    }

    private static final class LinuxSocket implements UdpSocket {
        private final int fd;
        private final int port;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment state = Native.stateMemory(arena);
        private int timeoutMs = -1;

        LinuxSocket(int fd, int port) {
            this.fd = fd;
            this.port = port;
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
        public int port() {
            return port;
        }

        @Override
        public long drops() {
            return Native.drops(fd);
        }

        @Override
        public int receiveBufferBytes() {
            return Native.receiveBuffer(fd);
        }

        @Override
        public int receive(InFlight area, int timeoutMs) {
            waitAtMost(timeoutMs);
            int n = Native.receive(fd, area.messages(), InFlight.SLOTS, state);
            if (n >= 0) {
                return n;
            }
            return switch (-n) {
                case Native.EAGAIN, Native.EINTR -> 0;
                default ->
                        throw new NetFailure(
                                "cannot receive on port " + port + " (errno " + -n + ")");
            };
        }

        @Override
        public Answers answers(InFlight area) {
            return new LinuxAnswers(fd, this, area);
        }

        // A timeout of 0 would mean for ever: the shortest that the kernel knows is meant.
        private void waitAtMost(int millis) {
            if (millis != timeoutMs) {
                Native.setReceiveTimeout(fd, Math.max(1, millis));
                timeoutMs = millis;
            }
        }

        @Override
        public void close() {
            Native.close(fd);
        }
    }
}
