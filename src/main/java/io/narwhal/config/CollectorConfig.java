package io.narwhal.config;

import io.narwhal.record.Field;
import io.narwhal.record.Transport;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One collector: a component that journals what arrives on its sockets.
 *
 * @param name unique among collectors and outputs
 * @param protocol what the exporters speak
 * @param transport how it comes: UDP, TCP or TLS
 * @param listen addresses; at least one, but of a collector of files
 * @param sockets by UDP: sockets for each address, each with a thread of its own; the kernel deals
 *     out the exporters among them
 * @param receiveBufferBytes kernel buffer asked for, for each socket or connection
 * @param sessions by TCP and TLS: connections at once, for each address
 * @param tls who we are and whom we let in; null unless the transport is TLS
 * @param radius whose requests are taken; null unless the protocol is RADIUS
 * @param files which files are taken, and what they mean; null unless the protocol is FILES
 */
public record CollectorConfig(
        String name,
        Protocol protocol,
        Transport transport,
        List<Listen> listen,
        int sockets,
        long receiveBufferBytes,
        int sessions,
        @Nullable TlsConfig tls,
        @Nullable RadiusConfig radius,
        @Nullable FilesConfig files) {
    /** Sockets of all collectors of a node together. */
    public static final int SOCKETS_MAX = 64;

    /** What the kernel may queue for one connection, unless the file says otherwise. */
    static final long STREAM_BUFFER_BYTES = 256 * 1024;

    /** One that receives datagrams. */
    public CollectorConfig(
            String name,
            Protocol protocol,
            List<Listen> listen,
            int sockets,
            long receiveBufferBytes) {
        this(
                name,
                protocol,
                Transport.UDP,
                listen,
                sockets,
                receiveBufferBytes,
                1,
                null,
                null,
                null);
    }

    /** One that takes usage files. */
    CollectorConfig(String name, FilesConfig files) {
        this(name, Protocol.FILES, Transport.UDP, List.of(), 1, 0, 1, null, null, files);
    }

    /** What a collector takes in. */
    public enum Protocol {
        /** NetFlow of every version, and whatever else comes: protocols are told apart by bytes. */
        NETFLOW,
        /** IPFIX. */
        IPFIX,
        /** sFlow version 5. */
        SFLOW,
        /** RADIUS accounting (RFC 2866). */
        RADIUS,
        /** Nothing: usage files are put into a directory. */
        FILES;

        /** Whether it tells of sessions instead of flows. */
        public boolean isSessions() {
            return this == RADIUS;
        }
    }

    /** Whether what it takes says itself whom it is charged to, as sessions do. */
    public boolean isCharged() {
        return files == null ? protocol.isSessions() : files.mapping().isCharged();
    }

    /** Whether what it takes are files whose lines tell this field. */
    boolean tells(Field field) {
        return files != null && files.mapping().tells(field);
    }

    public CollectorConfig {
        listen = List.copyOf(listen);
    }
}
