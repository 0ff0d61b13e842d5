package io.narwhal.config;

import io.narwhal.base.Check;

/**
 * Where another host is reached.
 *
 * @param host an IPv4 or IPv6 literal without brackets, or a name to look up
 * @param port 1 to 65535
 */
public record PeerAddress(String host, int port) {
    public PeerAddress {
        Check.that(port >= 1 && port <= 65_535, "port %d is a port", port);
    }

    /** As in the configuration: {@code edge-1:4747}, {@code [::1]:4747}. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Whether it never leaves this machine. */
    public boolean isLoopback() {
        return isLoopback(host);
    }

    /** The addresses that RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3 keep inside a host. */
    static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.\\d+){3}");
    }
}
