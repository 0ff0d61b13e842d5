package io.narwhal.base;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The few system calls of Linux that the JDK does not offer, through the foreign function
 * interface: sockets whose descriptors can be handed from process to process, and batches of
 * datagrams. Constants are those of the generic Linux ABI (x86-64, AArch64, RISC-V).
 */
final class Native {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;

    static final int ENOMEM = 12;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int ENOBUFS = 105;
    static final int ECONNRESET = 104;
    static final short POLLIN = 1;
    static final short POLLOUT = 4;

    /** As {@link #type} tells them. */
    static final int SOCK_STREAM = 1;

    static final int SOCK_DGRAM = 2;

    private static final int SOCK_DGRAM_CLOEXEC = SOCK_DGRAM | 0x80000;
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_TYPE = 3;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SCM_RIGHTS = 1;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_RDWR = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_MEMINFO = 55;
    private static final int SO_COOKIE = 57;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int MEMINFO_DROPS = 8;
    private static final int MSG_WAITFORONE = 0x10000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SO_SNDTIMEO = 21;
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int SIGCONT = 18;
    private static final int SYS_PIDFD_OPEN = 434;
    private static final int SYS_PIDFD_GETFD = 438;
    private static final int PR_SET_PTRACER = 0x59616d61;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO =
            STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle CLOSE = function("close", JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            function("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle RECVMMSG =
            function("recvmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle PRCTL =
            function("prctl", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    /**
     * What makes a socket. The handles stand in groups, as the JVM takes milliseconds to make each:
     * a component that starts makes those alone that it needs.
     */
    private static final class Opening {
        static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT);
        static final MethodHandle BIND = function("bind", JAVA_INT, ADDRESS, JAVA_INT);
        static final MethodHandle GETSOCKNAME = function("getsockname", JAVA_INT, ADDRESS, ADDRESS);
        static final MethodHandle SYSCALL = syscallFunction();
        static final MethodHandle NICE = function("nice", JAVA_INT);
    }

    /** What sends datagrams. */
    private static final class Sending {
        static final MethodHandle SENDMMSG =
                function("sendmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    }

    /** What serves connections. */
    private static final class Connections {
        static final MethodHandle LISTEN = function("listen", JAVA_INT, JAVA_INT);
        static final MethodHandle ACCEPT =
                function("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
        static final MethodHandle POLL = function("poll", ADDRESS, JAVA_LONG, JAVA_INT);
        static final MethodHandle SHUTDOWN = function("shutdown", JAVA_INT, JAVA_INT);
        static final MethodHandle GETPEERNAME = function("getpeername", JAVA_INT, ADDRESS, ADDRESS);
        static final MethodHandle RECV = transfer("recv");
        static final MethodHandle SEND = transfer("send");
    }

    /** What a node manager does alone. */
    private static final class Managing {
        static final MethodHandle KILL = function("kill", JAVA_INT, JAVA_INT);
        static final MethodHandle SENDMSG =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("sendmsg"),
                        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle FCNTL =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("fcntl"),
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(2));
        static final MethodHandle UNSETENV = function("unsetenv", ADDRESS);
    }

    private Native() {}

    /** Whether this machine has these calls. */
    static boolean available() {
        return "Linux".equals(System.getProperty("os.name"));
    }

    /**
     * Makes the handles by which a component receives, and what the JVM makes at each first call:
     * some 50 ms, which a caller that starts lets pass on another thread.
     */
    static void prepare() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = stateMemory(arena);
            receive(-1, state, 0, state); // refused, as there is no such descriptor
            setReceiveTimeout(-1, 0);
            MemorySegment length = arena.allocateFrom(JAVA_INT, 0);
            call(
                    GETSOCKOPT,
                    it ->
                            (int)
                                    GETSOCKOPT.invokeExact(
                                            it, -1, SOL_SOCKET, SO_COOKIE, state, length));
        }
    }

    /** A result that is negative when the call failed: then it is minus the errno. */
    static int socket(int family) {
        return call(
                Opening.SOCKET,
                state -> (int) Opening.SOCKET.invokeExact(state, family, SOCK_DGRAM_CLOEXEC, 0));
    }

    /** A TCP socket that never waits; dead peers are found out within about two minutes. */
    static int streamSocket(int family) {
        int fd =
                call(
                        Opening.SOCKET,
                        state ->
                                (int)
                                        Opening.SOCKET.invokeExact(
                                                state, family, SOCK_STREAM | NONBLOCK_CLOEXEC, 0));
        if (fd >= 0) {
            setInt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
            // What is accepted inherits these. Answers are small, and whoever asked waits for them.
            setInt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
            setInt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
            setInt(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
            setInt(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
            setInt(fd, IPPROTO_TCP, TCP_KEEPCNT, 6);
        }
        return fd;
    }

    static int listen(int fd, int backlog) {
        return call(
                Connections.LISTEN,
                state -> (int) Connections.LISTEN.invokeExact(state, fd, backlog));
    }

    static int accept(int fd) {
        return call(
                Connections.ACCEPT,
                state ->
                        (int)
                                Connections.ACCEPT.invokeExact(
                                        state,
                                        fd,
                                        MemorySegment.NULL,
                                        MemorySegment.NULL,
                                        NONBLOCK_CLOEXEC));
    }

    /** Writes the peer's address into 28 bytes of memory. */
    static int peer(int fd, Arena arena, MemorySegment name) {
        MemorySegment length = arena.allocateFrom(JAVA_INT, 28);
        return call(
                Connections.GETPEERNAME,
                state -> (int) Connections.GETPEERNAME.invokeExact(state, fd, name, length));
    }

    /** Waits until one of these (struct pollfd) is ready. */
    static int poll(MemorySegment descriptors, long count, int timeoutMs) {
        return call(
                Connections.POLL,
                state -> (int) Connections.POLL.invokeExact(state, descriptors, count, timeoutMs));
    }

    static int receive(int fd, MemorySegment into) {
        return call(
                Connections.RECV,
                state ->
                        (int)
                                (long)
                                        Connections.RECV.invokeExact(
                                                state, fd, into, into.byteSize(), 0));
    }

    static int send(int fd, MemorySegment from) {
        return call(
                Connections.SEND,
                state ->
                        (int)
                                (long)
                                        Connections.SEND.invokeExact(
                                                state, fd, from, from.byteSize(), MSG_NOSIGNAL));
    }

    static void shutdown(int fd) {
        call(
                Connections.SHUTDOWN,
                state -> (int) Connections.SHUTDOWN.invokeExact(state, fd, SHUT_RDWR));
    }

    static int bind(int fd, MemorySegment address) {
        return call(
                Opening.BIND,
                state ->
                        (int)
                                Opening.BIND.invokeExact(
                                        state, fd, address, (int) address.byteSize()));
    }

    static int close(int fd) {
        return call(CLOSE, state -> (int) CLOSE.invokeExact(state, fd));
    }

    /** Asks for a receive buffer; beyond the host's limit where we may. */
    static void setReceiveBuffer(int fd, int bytes) {
        if (setInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes) < 0) {
            setInt(fd, SOL_SOCKET, SO_RCVBUF, bytes);
        }
    }

    /** What the kernel granted: twice what was asked for, or the host's limit. */
    static int receiveBuffer(int fd) {
        return (int) get(fd, SO_RCVBUF, 4);
    }

    /** Lets several sockets of this user have one address. */
    static void shareAddress(int fd) {
        setInt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    }

    static void acceptIpv4Too(int fd) {
        setInt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    }

    static int setReceiveTimeout(int fd, int millis) {
        return setTimeout(fd, SO_RCVTIMEO, millis);
    }

    /** How long sending waits for room in the socket's queue. */
    static int setSendTimeout(int fd, int millis) {
        return setTimeout(fd, SO_SNDTIMEO, millis);
    }

    private static int setTimeout(int fd, int option, int millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            time.set(JAVA_LONG, 0, millis / 1000);
            time.set(JAVA_LONG, 8, millis % 1000 * 1000L);
            return call(
                    SETSOCKOPT,
                    state -> (int) SETSOCKOPT.invokeExact(state, fd, SOL_SOCKET, option, time, 16));
        }
    }

    /** Identity of a socket, the same in every process that holds it. */
    static long cookie(int fd) {
        return get(fd, SO_COOKIE, 8);
    }

    /** Datagrams that the kernel dropped at this socket since it was made, modulo 2^32. */
    static long drops(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(4 * 16, 4);
            getOption(arena, fd, SO_MEMINFO, info);
            return Integer.toUnsignedLong(info.getAtIndex(JAVA_INT, MEMINFO_DROPS));
        }
    }

    static int localPort(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(28, 4);
            MemorySegment length = arena.allocateFrom(JAVA_INT, 28);
            int result =
                    call(
                            Opening.GETSOCKNAME,
                            state ->
                                    (int) Opening.GETSOCKNAME.invokeExact(state, fd, name, length));
            return result < 0 ? result : bigEndianShort(name, 2);
        }
    }

    /**
     * Receives up to {@code count} datagrams into the vector of message headers; waits for the
     * first only, as long as the socket's receive timeout says. Allocates nothing: the caller lends
     * the memory for errno.
     */
    static int receive(int fd, MemorySegment messages, int count, MemorySegment state) {
        return receive(fd, messages, count, MSG_WAITFORONE, state);
    }

    /** As {@link #receive}, without waiting. */
    static int receiveQueued(int fd, MemorySegment messages, int count, MemorySegment state) {
        return receive(fd, messages, count, MSG_DONTWAIT, state);
    }

    private static int receive(
            int fd, MemorySegment messages, int count, int flags, MemorySegment state) {
        try {
            int n =
                    (int)
                            RECVMMSG.invokeExact(
                                    state, fd, messages, count, flags, MemorySegment.NULL);
            return n >= 0 ? n : -state.get(JAVA_INT, ERRNO);
        } catch (Throwable e) {
            throw new IllegalStateException("recvmmsg", e);
        }
    }

    /**
     * Sends datagrams from the vector of message headers, from that byte of it on.
     *
     * @return how many the kernel took; when it refused the first one, minus the errno
     */
    static int send(int fd, MemorySegment messages, long from, int count, MemorySegment state) {
        try {
            MemorySegment rest = messages.asSlice(from);
            int n = (int) Sending.SENDMMSG.invokeExact(state, fd, rest, count, MSG_NOSIGNAL);
            return n >= 0 ? n : -state.get(JAVA_INT, ERRNO);
        } catch (Throwable e) {
            throw new IllegalStateException("sendmmsg", e);
        }
    }

    /** Has the kernel say, with each datagram, which address it came to. */
    static void tellAskedAddress(int fd) {
        // Of the two, a socket of IPv4 knows the first, and one of IPv6 needs the second alone.
        if (setInt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) < 0) {
            setInt(fd, IPPROTO_IP, IP_PKTINFO, 1);
        }
    }

    static MemorySegment stateMemory(Arena arena) {
        return arena.allocate(STATE);
    }

    /**
     * Sends one datagram to the address, with a duplicate of that descriptor; with none if it is
     * negative.
     */
    static int sendWithDescriptor(
            Arena arena, int fd, MemorySegment to, MemorySegment text, int descriptor) {
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ADDRESS, 0, text);
        vector.set(JAVA_LONG, 8, text.byteSize());
        MemorySegment message = arena.allocate(56, 8); // struct msghdr
        message.set(ADDRESS, 0, to);
        message.set(JAVA_INT, 8, (int) to.byteSize());
        message.set(ADDRESS, 16, vector);
        message.set(JAVA_LONG, 24, 1);
        if (descriptor >= 0) {
            MemorySegment control = arena.allocate(24, 8); // struct cmsghdr and one descriptor
            control.set(JAVA_LONG, 0, 20);
            control.set(JAVA_INT, 8, SOL_SOCKET);
            control.set(JAVA_INT, 12, SCM_RIGHTS);
            control.set(JAVA_INT, 16, descriptor);
            message.set(ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, control.byteSize());
        }
        return call(
                Managing.SENDMSG,
                state ->
                        (int)
                                (long)
                                        Managing.SENDMSG.invokeExact(
                                                state, fd, message, MSG_NOSIGNAL));
    }

    /** One more descriptor of the same file or socket, which no child inherits by itself. */
    static int duplicate(int fd) {
        return call(
                Managing.FCNTL,
                state -> (int) Managing.FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 3));
    }

    /** Takes a variable out of what children get; {@link System#getenv()} may still have it. */
    static void unsetEnvironment(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            call(Managing.UNSETENV, state -> (int) Managing.UNSETENV.invokeExact(state, text));
        }
    }

    /** {@link #SOCK_DGRAM}, {@link #SOCK_STREAM} or another; negative when it is no socket. */
    static int type(int fd) {
        return option(fd, SO_TYPE);
    }

    /** Whether a stream socket listens. */
    static boolean listens(int fd) {
        return option(fd, SO_ACCEPTCONN) == 1;
    }

    /** Whether several sockets may have this one's address. */
    static boolean sharesAddress(int fd) {
        return option(fd, SO_REUSEPORT) == 1;
    }

    private static int option(int fd, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, 4);
            int result =
                    call(
                            GETSOCKOPT,
                            state ->
                                    (int)
                                            GETSOCKOPT.invokeExact(
                                                    state, fd, SOL_SOCKET, option, value, length));
            return result < 0 ? result : value.get(JAVA_INT, 0);
        }
    }

    /** Writes the socket's own address into 28 bytes of memory; its length, or minus the errno. */
    static int name(Arena arena, int fd, MemorySegment name) {
        MemorySegment length = arena.allocateFrom(JAVA_INT, 28);
        int result =
                call(
                        Opening.GETSOCKNAME,
                        state -> (int) Opening.GETSOCKNAME.invokeExact(state, fd, name, length));
        return result < 0 ? result : length.get(JAVA_INT, 0);
    }

    /** A duplicate of another process's descriptor (pidfd_getfd, Linux 5.6). */
    static int descriptorOf(long pid, int fd) {
        int process = openProcess(pid);
        if (process < 0) {
            return process;
        }
        try {
            return call(
                    Opening.SYSCALL,
                    state ->
                            (int)
                                    (long)
                                            Opening.SYSCALL.invokeExact(
                                                    state,
                                                    (long) SYS_PIDFD_GETFD,
                                                    (long) process,
                                                    (long) fd,
                                                    0L));
        } finally {
            close(process);
        }
    }

    /** A descriptor that becomes readable when the process ends (pidfd_open, Linux 5.3). */
    static int openProcess(long pid) {
        return call(
                Opening.SYSCALL,
                state ->
                        (int)
                                (long)
                                        Opening.SYSCALL.invokeExact(
                                                state, (long) SYS_PIDFD_OPEN, pid, 0L, 0L));
    }

    /** Lets a process that was halted go on; the result says nothing of use. */
    static void resume(long pid) {
        call(Managing.KILL, state -> (int) Managing.KILL.invokeExact(state, (int) pid, SIGCONT));
    }

    /** Lowers this process's share of the processor; the result says nothing of use. */
    static void nice(int by) {
        call(Opening.NICE, state -> (int) Opening.NICE.invokeExact(state, by));
    }

    /** Lets processes of the same user duplicate our descriptors where Yama would forbid it. */
    static void allowSharing() {
        call(PRCTL, state -> (int) PRCTL.invokeExact(state, PR_SET_PTRACER, -1L, 0L, 0L, 0L));
    }

    static int bigEndianShort(MemorySegment memory, long at) {
        return (memory.get(ValueLayout.JAVA_BYTE, at) & 255) << 8
                | memory.get(ValueLayout.JAVA_BYTE, at + 1) & 255;
    }

    private static int setInt(int fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(JAVA_INT, value);
            return call(
                    SETSOCKOPT,
                    state -> (int) SETSOCKOPT.invokeExact(state, fd, level, option, memory, 4));
        }
    }

    private static long get(int fd, int option, int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(bytes, 8);
            getOption(arena, fd, option, value);
            return bytes == 8 ? value.get(JAVA_LONG, 0) : value.get(JAVA_INT, 0);
        }
    }

    private static void getOption(Arena arena, int fd, int option, MemorySegment value) {
        MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
        int result =
                call(
                        GETSOCKOPT,
                        state ->
                                (int)
                                        GETSOCKOPT.invokeExact(
                                                state, fd, SOL_SOCKET, option, value, length));
        Check.that(result >= 0, "socket option %d can be read (errno %d)", option, -result);
    }

    private interface Call {
        int with(MemorySegment state) throws Throwable;
    }

    private static int call(MethodHandle function, Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = stateMemory(arena);
            int result = call.with(state);
            return result >= 0 ? result : -state.get(JAVA_INT, ERRNO);
        } catch (Throwable e) {
            throw new IllegalStateException("system call " + function, e);
        }
    }

    private static MethodHandle function(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle transfer(String name) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT),
                Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle syscallFunction() {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }
}
