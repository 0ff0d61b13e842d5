package io.narwhal.base;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@link Answers} by recvmmsg and sendmmsg. The kernel writes beside each datagram, as control
 * data, which address it came to (IP_PKTINFO, IPV6_PKTINFO); the same control data with an answer
 * says which address it leaves from. On a socket of IPv6 that takes IPv4 too, both are of IPv6 with
 * the address in its mapped form.
 */
final class LinuxAnswers implements Answers {
    private static final int MESSAGE_BYTES = InFlight.MESSAGE_BYTES; // struct mmsghdr
    private static final int VECTOR_BYTES = 16; // struct iovec
    private static final int NAME_BYTES = InFlight.NAME_BYTES;
    private static final int CONTROL_BYTES = 40; // struct cmsghdr and in6_pktinfo, aligned
    private static final int CONTROL_DATA = 16; // struct cmsghdr: length 8, level 4, type 4
    private static final int IPV4_LEVEL = 0;
    private static final int IPV4_BYTES = CONTROL_DATA + 12; // struct in_pktinfo
    private static final int IPV6_INTERFACE = CONTROL_DATA + 16;
    private static final int SEND_WAIT_MS = 50;

    // Offsets in struct mmsghdr.
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTORS = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;

    private final int fd;
    private final UdpSocket socket;
    private final InFlight area;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = Native.stateMemory(arena);
    private final MemorySegment asked =
            arena.allocate((long) InFlight.SLOTS * CONTROL_BYTES, Long.BYTES);
    private final MemorySegment messages = arena.allocate((long) COUNT_MAX * MESSAGE_BYTES, 8);
    private final MemorySegment vectors = arena.allocate((long) COUNT_MAX * VECTOR_BYTES, 8);
    private final MemorySegment names = arena.allocate((long) COUNT_MAX * NAME_BYTES, 8);
    private final MemorySegment controls = arena.allocate((long) COUNT_MAX * CONTROL_BYTES, 8);
    private final MemorySegment bytes =
            arena.allocate(BYTES_MAX + (long) InFlight.SLOTS * ANSWER_BYTES_MAX, 8);
    private int count;
    private long end;

    LinuxAnswers(int fd, UdpSocket socket, InFlight area) {
        this.fd = fd;
        this.socket = socket;
        this.area = area;
        Native.tellAskedAddress(fd);
        Native.setSendTimeout(fd, SEND_WAIT_MS);
        area.takeControl(asked, CONTROL_BYTES);
        for (int i = 0; i < COUNT_MAX; i++) {
            long message = (long) i * MESSAGE_BYTES;
            messages.set(JAVA_LONG, message, names.address() + (long) i * NAME_BYTES);
            messages.set(JAVA_LONG, message + VECTOR, vectors.address() + (long) i * VECTOR_BYTES);
            messages.set(JAVA_LONG, message + VECTORS, 1);
            messages.set(
                    JAVA_LONG, message + CONTROL, controls.address() + (long) i * CONTROL_BYTES);
        }
    }

    @Override
    public int receive(int timeoutMs) {
        if (timeoutMs > 0) {
            return socket.receive(area, timeoutMs);
        }
        int n = Native.receiveQueued(fd, area.messages(), InFlight.SLOTS, state);
        if (n >= 0) {
            return n;
        }
        return switch (-n) {
            case Native.EAGAIN, Native.EINTR -> 0;
            default ->
                    throw new NetFailure(
                            "cannot receive on port " + socket.port() + " (errno " + -n + ")");
        };
    }

    @Override
    public boolean hasRoom() {
        return count + InFlight.SLOTS <= COUNT_MAX && end <= BYTES_MAX;
    }

    @Override
    public void put(int slot, byte[] answer, int length) {
        Check.that(count < COUNT_MAX, "there is room for the answer");
        Check.that(length <= ANSWER_BYTES_MAX, "an answer has at most %d", ANSWER_BYTES_MAX);
        MemorySegment.copy(answer, 0, bytes, JAVA_BYTE, end, length);
        vectors.set(JAVA_LONG, (long) count * VECTOR_BYTES, bytes.address() + end);
        vectors.set(JAVA_LONG, (long) count * VECTOR_BYTES + 8, length);
        long message = (long) count * MESSAGE_BYTES;
        messages.set(
                JAVA_INT,
                message + NAME_LENGTH,
                area.copyName(slot, names, (long) count * NAME_BYTES));
        messages.set(JAVA_LONG, message + CONTROL_LENGTH, putControl(slot));
        end += length;
        count++;
    }

    /** Turns what says where the datagram came to into what says where the answer leaves from. */
    private long putControl(int slot) {
        long length = Math.min(area.controlBytes(slot), CONTROL_BYTES);
        if (length < IPV4_BYTES) {
            return 0; // nothing was told: the kernel chooses the address
        }
        long to = (long) count * CONTROL_BYTES;
        MemorySegment.copy(asked, (long) slot * CONTROL_BYTES, controls, to, length);
        if (controls.get(JAVA_INT, to + Long.BYTES) == IPV4_LEVEL) {
            ipv4(to);
        } else if (!isLinkLocal(to + CONTROL_DATA)) {
            controls.set(JAVA_INT, to + IPV6_INTERFACE, 0); // the way back is the routes' to say
        }
        return length;
    }

    // in_pktinfo: interface, local address, address in the header. The local address is missing of
    // a datagram that was queued before we asked for it.
    private void ipv4(long to) {
        controls.set(JAVA_INT, to + CONTROL_DATA, 0);
        if (controls.get(JAVA_INT, to + CONTROL_DATA + 4) == 0) {
            controls.set(
                    JAVA_INT, to + CONTROL_DATA + 4, controls.get(JAVA_INT, to + CONTROL_DATA + 8));
        }
    }

    private boolean isLinkLocal(long address) {
        return (controls.get(JAVA_BYTE, address) & 0xff) == 0xfe
                && (controls.get(JAVA_BYTE, address + 1) & 0xc0) == 0x80;
    }

    @Override
    public int send() {
        int sent = 0;
        int at = 0;
        while (at < count) {
            int n = Native.send(fd, messages, (long) at * MESSAGE_BYTES, count - at, state);
            if (n > 0) {
                sent += n;
                at += n;
            } else if (-n == Native.EAGAIN || -n == Native.ENOBUFS) {
                break; // no room even after the wait: nor will there be for the others
            } else if (-n != Native.EINTR) {
                at++; // this one cannot leave; those behind it may
            }
        }
        count = 0;
        end = 0;
        return sent;
    }

    @Override
    public void close() {
        area.takeControl(MemorySegment.NULL, 0);
        arena.close();
    }
}
