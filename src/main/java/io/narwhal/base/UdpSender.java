package io.narwhal.base;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/**
 * Sends datagrams to one address from several sockets, many at a time.
 *
 * <p>The caller writes datagrams into {@link #buffer()}, one per slot, and sends the first so many
 * slots through one socket. A datagram counts as sent once the kernel has taken it; that nobody
 * listens at the other end, or is too slow, is not told to the sender. One thread at a time.
 */
public interface UdpSender extends AutoCloseable {
    /** The most slots that {@link #open} takes. */
    int SLOTS_MAX = 64;

    /** The largest UDP payload over IPv4, in bytes. */
    int DATAGRAM_BYTES_MAX = 65_507;

    /** Memory of all slots, big-endian, slot {@code i} at byte {@code i * slotBytes()}. */
    ByteBuffer buffer();

    /** Bytes from one slot to the next, and the most that a datagram may have. */
    int slotBytes();

    /** How many slots there are. */
    int slots();

    /**
     * Sends slots 0 to {@code count - 1} through a socket and returns when the kernel has them all.
     * Waits while the kernel has no room.
     *
     * @param socket index into the sources given to {@link #open}
     * @param lengths bytes of each slot
     * @throws java.io.UncheckedIOException when the kernel refuses; the message says how many went
     */
    void send(int socket, int[] lengths, int count);

    /** The address and port that a socket is bound to. */
    InetSocketAddress source(int socket);

    /** Closes the sockets and frees the memory; the buffer must not be used afterwards. */
    @Override
    void close();

    /**
     * Opens one socket for each source and binds it. On 64-bit Linux a batch is one call of the
     * kernel (sendmmsg), elsewhere one a datagram.
     *
     * @param sources where to send from; port 0 means any
     * @param slots datagrams a batch, at most {@link #SLOTS_MAX}
     * @throws java.io.UncheckedIOException when a socket cannot be opened or bound
     */
    static UdpSender open(
            List<InetSocketAddress> sources, InetSocketAddress target, int slots, int slotBytes) {
        Check.that(slots >= 1 && slots <= SLOTS_MAX, "1 <= slots <= %d: %d", SLOTS_MAX, slots);
        Check.that(slotBytes >= 1 && slotBytes <= 65_536, "1 <= slotBytes: %d", slotBytes);
        boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");
        boolean wide = "64".equals(System.getProperty("sun.arch.data.model"));
        return linux && wide
                ? new BatchUdpSender(sources, target, slots, slotBytes)
                : new ChannelUdpSender(sources, target, slots, slotBytes);
    }
}
