package io.narwhal.config;

import io.narwhal.base.Check;

/**
 * An address to listen on.
 *
 * @param host an IPv4 or IPv6 literal without brackets, or {@code localhost}
 * @param port 1 to 65535
 */
public record Listen(String host, int port) {
    public Listen {
        Check.that(port >= 1 && port <= 65_535, "port %d is a port", port);
    }

    /** As in the configuration: {@code 127.0.0.1:2055}, {@code [::]:2055}. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Whether this is every address of the machine; {@code ::} takes IPv4 in as well. */
    public boolean isWildcard() {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    /** Whether it never leaves this machine. */
    public boolean isLoopback() {
        return PeerAddress.isLoopback(host);
    }

    /** Whether both cannot be bound at once: same port, and same host or one of them any host. */
    boolean collides(Listen other) {
        return port == other.port
                && (host.equals(other.host) || isWildcard() || other.isWildcard());
    }
}
