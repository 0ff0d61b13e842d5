package io.narwhal.cli;

import io.narwhal.base.Net;

/**
 * What the kernel grants a socket to queue in while its collector is away.
 *
 * @param port a free one, on loopback
 * @param bytes granted
 */
record ReceiveQueue(int port, long bytes) {
    private static final int ASKED_BYTES = 32 << 20;

    /** Kernel memory that a datagram of two dozen records takes while it waits. */
    private static final long QUEUED_DATAGRAM_BYTES = 4_608;

    /** Binds a socket to see, and lets it go. */
    static ReceiveQueue probe(String host) {
        try (var socket = Net.system().bind(host, 0, ASKED_BYTES)) {
            return new ReceiveQueue(socket.port(), socket.receiveBufferBytes());
        }
    }

    /** Records a second that fit while nobody takes them for so long; at least 100. */
    long recordsPerSecondMax(int recordsPerDatagram, double awaySeconds) {
        double datagrams = (double) bytes / QUEUED_DATAGRAM_BYTES / awaySeconds;
        return Math.max(100, (long) (datagrams * recordsPerDatagram) / 100 * 100);
    }
}
