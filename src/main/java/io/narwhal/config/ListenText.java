package io.narwhal.config;

import io.narwhal.record.Addresses;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalLong;

/** Addresses to listen on, as they are written. No name is ever looked up. */
final class ListenText {
    /** host:port as written. */
    sealed interface Parsed {
        /** It is one. */
        record Good(Listen listen) implements Parsed {}

        /** It is none; the complaint follows the value in a message. */
        record Bad(String complaint) implements Parsed {}
    }

    private ListenText() {}

    static Parsed parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        if (colon < 0) {
            return new Parsed.Bad("has no port; write host:port, as in \"[::]:2055\"");
        }
        if (host.isEmpty()) {
            return new Parsed.Bad("has no host; for every address write \"[::]" + text + "\"");
        }
        OptionalLong port = Quantity.count(text.substring(colon + 1));
        if (port.isEmpty() || port.getAsLong() < 1 || port.getAsLong() > 65_535) {
            return new Parsed.Bad("has no port from 1 to 65535 after its last colon");
        }
        Optional<String> canonical = host(host);
        if (canonical.isEmpty()) {
            return new Parsed.Bad(
                    host.contains(":") && !host.startsWith("[")
                            ? "is an IPv6 address without brackets; write \"[address]:port\""
                            : "names no address; write an IPv4 address, an IPv6 address in"
                                    + " brackets, or localhost");
        }
        return new Parsed.Good(new Listen(canonical.get(), (int) port.getAsLong()));
    }

    private static Optional<String> host(String host) {
        try {
            if (host.equals("localhost")) {
                return Optional.of(host);
            }
            if (host.startsWith("[") && host.endsWith("]")) {
                return Optional.of(ipv6(host.substring(1, host.length() - 1)));
            }
            // The JDK takes "1.2" for 1.0.0.2, which nobody means.
            return host.matches("\\d+(\\.\\d+){3}")
                    ? Optional.of(Inet4Address.ofLiteral(host).getHostAddress())
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** One text for one address, so that equal hosts are equal texts; an interface name stays. */
    private static String ipv6(String text) {
        int percent = text.indexOf('%');
        String scope = percent < 0 ? "" : text.substring(percent);
        InetAddress address =
                Inet6Address.ofLiteral(percent < 0 ? text : text.substring(0, percent));
        long high = Addresses.high(address);
        long low = Addresses.low(address);
        return (high == 0 && low == 0 ? "::" : Addresses.text(high, low)) + scope;
    }
}
