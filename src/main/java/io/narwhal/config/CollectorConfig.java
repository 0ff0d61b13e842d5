package io.narwhal.config;

import java.util.List;

/**
 * One collector: a component that journals what arrives on its sockets.
 *
 * @param name unique among collectors and outputs
 * @param protocol what the exporters speak
 * @param listen UDP addresses; at least one
 * @param sockets sockets for each address, each with a thread of its own; the kernel deals out the
 *     exporters among them
 * @param receiveBufferBytes kernel buffer asked for, for each socket
 */
public record CollectorConfig(
        String name, Protocol protocol, List<Listen> listen, int sockets, long receiveBufferBytes) {
    /** Sockets of all collectors of a node together. */
    public static final int SOCKETS_MAX = 64;

    /** What a collector takes in. */
    public enum Protocol {
        /** NetFlow of every version, and whatever else comes: protocols are told apart by bytes. */
        NETFLOW,
        /** IPFIX. */
        IPFIX,
        /** sFlow version 5. */
        SFLOW
    }

    public CollectorConfig {
        listen = List.copyOf(listen);
    }
}
