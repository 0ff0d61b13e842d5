package io.narwhal.base;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * UDP sockets that send requests to one address and receive its answers. Sending never waits, and
 * like the network itself promises nothing: a datagram that the system does not take, or that
 * nobody listens for, is lost. One thread at a time.
 */
public interface UdpClient extends AutoCloseable {
    /** Longest answer that is given whole; of a longer one these many bytes. */
    int ANSWER_BYTES_MAX = 4096;

    /** Takes an answer. */
    interface Receiver {
        /**
         * From the address that requests go to, and no other.
         *
         * @param socket which received it
         * @param bytes its first {@code length} bytes are the answer; valid during the call
         */
        void answer(int socket, byte[] bytes, int length);
    }

    /** How many sockets there are. */
    int sockets();

    /** The address and port that a socket is bound to. */
    InetSocketAddress source(int socket);

    /**
     * Sends the first bytes as one datagram.
     *
     * @return false when the system did not take it: its queue is full, or nobody listens there
     * @throws java.io.UncheckedIOException when no datagram can be sent at all
     */
    boolean send(int socket, byte[] bytes, int length);

    /**
     * Gives every answer that has come to the receiver, in no order between sockets; waits for the
     * first at most this long, rounded up to a millisecond. 0 or less does not wait.
     *
     * @return how many there were
     */
    int receive(Receiver receiver, long waitNanos);

    @Override
    void close();

    /**
     * Opens one socket for each source and binds it.
     *
     * @param sources where to send from; port 0 means any
     * @throws java.io.UncheckedIOException when a socket cannot be opened or bound
     */
    static UdpClient open(List<InetSocketAddress> sources, InetSocketAddress target) {
        return new ChannelUdpClient(sources, target);
    }
}
