package io.narwhal.base;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A {@link UdpSender} that hands the kernel of 64-bit Linux a whole batch at once (sendmmsg).
 *
 * <p>The sockets are not connected: the target stands in each message header, so an ICMP "port
 * unreachable" of an earlier datagram cannot fail a later one. The layouts are those of the Linux
 * ABI on 64 bits:
 *
 * <pre>
 * mmsghdr  0 name* | 8 namelen u32 | 16 iov* | 24 iovlen | 32 control* | 40 controllen | 48 flags
 *          56 sent length u32 | 64 the next one
 * iovec    0 base* | 8 length
 * </pre>
 */
final class BatchUdpSender implements UdpSender {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SEND_BUFFER_BYTES = 4 << 20;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int ENOBUFS = 105;
    private static final int MESSAGE_BYTES = 64;
    private static final int IOVEC_BYTES = 16;
    private static final int SOCKADDR_BYTES_MAX = 28;
    private static final long NO_ROOM_PAUSE_NANOS = 50_000;

    private static final ValueLayout.OfShort NETWORK_SHORT =
            JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET =
            call("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            call("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKNAME =
            call("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SETSOCKOPT =
            call(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SENDMMSG =
            call(
                    "sendmmsg",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(CALL_STATE);
    private final MemorySegment messages;
    private final MemorySegment vectors;
    private final ByteBuffer buffer;
    private final InetSocketAddress target;
    private final int[] sockets;
    private final int slots;
    private final int slotBytes;

    BatchUdpSender(
            List<InetSocketAddress> sources, InetSocketAddress target, int slots, int slotBytes) {
        this.target = target;
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.buffer = ByteBuffer.allocateDirect(slots * slotBytes);
        MemorySegment memory = MemorySegment.ofBuffer(buffer);
        this.vectors = arena.allocate((long) slots * IOVEC_BYTES, 8);
        this.messages = arena.allocate((long) slots * MESSAGE_BYTES, 8);
        layOut(memory, socketAddress(target));
        this.sockets = new int[sources.size()];
        Arrays.fill(sockets, -1);
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = bound(sources.get(i));
        }
    }

    private static MethodHandle call(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }

    /** Everything in the headers but the lengths stays the same from batch to batch. */
    private void layOut(MemorySegment memory, MemorySegment name) {
        for (int slot = 0; slot < slots; slot++) {
            long vector = (long) slot * IOVEC_BYTES;
            long message = (long) slot * MESSAGE_BYTES;
            vectors.set(ADDRESS, vector, memory.asSlice((long) slot * slotBytes, slotBytes));
            messages.set(ADDRESS, message, name);
            messages.set(JAVA_INT, message + 8, (int) name.byteSize());
            messages.set(ADDRESS, message + 16, vectors.asSlice(vector, IOVEC_BYTES));
            messages.set(JAVA_LONG, message + 24, 1);
        }
    }

    private MemorySegment socketAddress(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        boolean ipv4 = bytes.length == 4;
        MemorySegment name = arena.allocate(ipv4 ? 16 : SOCKADDR_BYTES_MAX, 8);
        name.set(JAVA_SHORT, 0, (short) (ipv4 ? AF_INET : AF_INET6));
        name.set(NETWORK_SHORT, 2, (short) address.getPort());
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, name, ipv4 ? 4 : 8, bytes.length);
        if (address.getAddress() instanceof Inet6Address scoped) {
            name.set(JAVA_INT, 24, scoped.getScopeId());
        }
        return name;
    }

    private int bound(InetSocketAddress source) {
        boolean ipv4 = source.getAddress().getAddress().length == 4;
        MemorySegment name = socketAddress(source);
        int length = (int) name.byteSize();
        MemorySegment size = arena.allocateFrom(JAVA_INT, SEND_BUFFER_BYTES);
        int socket = -1;
        try {
            int family = ipv4 ? AF_INET : AF_INET6;
            socket = (int) SOCKET.invokeExact(state, family, SOCK_DGRAM_CLOEXEC, 0);
            // A smaller buffer than asked for only makes the sender wait sooner.
            int _ = (int) SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_SNDBUF, size, 4);
            if (socket >= 0 && (int) BIND.invokeExact(state, socket, name, length) == 0) {
                return socket;
            }
        } catch (Throwable e) {
            throw broken(e);
        }
        int errno = errno();
        closeSocket(socket);
        close();
        String what = "cannot send from " + source + ": errno " + errno;
        throw new UncheckedIOException(new IOException(what));
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
        Check.that(count <= slots, "count <= slots");
        for (int slot = 0; slot < count; slot++) {
            Check.that(lengths[slot] <= slotBytes, "a datagram fits into its slot");
            vectors.set(JAVA_LONG, (long) slot * IOVEC_BYTES + 8, lengths[slot]);
        }
        int sent = 0;
        while (sent < count) {
            int more = sendSome(sockets[socket], sent, count - sent);
            sent += more < 0 ? waitOrFail(sent, count) : more;
        }
    }

    private int sendSome(int descriptor, int from, int count) {
        MemorySegment rest = messages.asSlice((long) from * MESSAGE_BYTES);
        try {
            return (int) SENDMMSG.invokeExact(state, descriptor, rest, count, 0);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** Returns 0 after a pause when the kernel had no room; throws for anything else. */
    private int waitOrFail(int sent, int count) {
        int errno = errno();
        switch (errno) {
            case EINTR -> {}
            case EAGAIN, ENOBUFS -> LockSupport.parkNanos(NO_ROOM_PAUSE_NANOS);
            default ->
                    throw new UncheckedIOException(
                            new IOException(
                                    "sent %d of %d datagrams to %s, then: errno %d"
                                            .formatted(sent, count, target, errno)));
        }
        return 0;
    }

    @Override
    public InetSocketAddress source(int socket) {
        try (Arena brief = Arena.ofConfined()) {
            MemorySegment name = brief.allocate(SOCKADDR_BYTES_MAX, 8);
            MemorySegment length = brief.allocateFrom(JAVA_INT, SOCKADDR_BYTES_MAX);
            int result = (int) GETSOCKNAME.invokeExact(state, sockets[socket], name, length);
            Check.that(result == 0, "a bound socket has a name");
            boolean ipv4 = name.get(JAVA_SHORT, 0) == AF_INET;
            byte[] bytes = new byte[ipv4 ? 4 : 16];
            MemorySegment.copy(name, ipv4 ? 4 : 8, MemorySegment.ofArray(bytes), 0, bytes.length);
            int port = Short.toUnsignedInt(name.get(NETWORK_SHORT, 2));
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private int errno() {
        return (int) ERRNO.get(state, 0L);
    }

    private static AssertionError broken(Throwable e) {
        return new AssertionError("a call of the kernel does not throw", e);
    }

    private void closeSocket(int socket) {
        if (socket >= 0) {
            try {
                int _ = (int) CLOSE.invokeExact(state, socket);
            } catch (Throwable e) {
                throw broken(e);
            }
        }
    }

    @Override
    public void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        for (int i = 0; i < sockets.length; i++) {
            closeSocket(sockets[i]);
            sockets[i] = -1;
        }
        arena.close();
    }
}
