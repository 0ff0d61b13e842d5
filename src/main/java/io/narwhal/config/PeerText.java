package io.narwhal.config;

import java.util.OptionalLong;

/** Addresses of other hosts, as they are written. No name is looked up here. */
final class PeerText {
    private static final int NAME_OCTETS_MAX = 253; // RFC 1035 §2.3.4
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    /** host:port as written. */
    sealed interface Parsed {
        /** It is one. */
        record Good(PeerAddress address) implements Parsed {}

        /** It is none; the complaint follows the value in a message. */
        record Bad(String complaint) implements Parsed {}
    }

    private PeerText() {}

    static Parsed parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        if (isName(host)) {
            OptionalLong port =
                    Quantity.count(colon < 0 ? "" : text.substring(colon + 1)).stream()
                            .filter(number -> number >= 1 && number <= 65_535)
                            .findFirst();
            return port.isPresent()
                    ? new Parsed.Good(new PeerAddress(host, (int) port.getAsLong()))
                    : new Parsed.Bad("has no port from 1 to 65535; write host:port");
        }
        return switch (ListenText.parse(text)) {
            case ListenText.Parsed.Good(Listen one) ->
                    one.isWildcard()
                            ? new Parsed.Bad("is every address; write the one of the other host")
                            : new Parsed.Good(new PeerAddress(one.host(), one.port()));
            case ListenText.Parsed.Bad _ ->
                    new Parsed.Bad(
                            "is no address of a host; write name:port, an IPv4 address, or an IPv6"
                                    + " address in brackets");
        };
    }

    // A last label of digits alone is an address that was mistyped (RFC 3696 §2).
    private static boolean isName(String host) {
        return host.length() <= NAME_OCTETS_MAX
                && host.matches("(" + LABEL + "\\.)*" + LABEL)
                && !host.matches("(.*\\.)?\\d+");
    }
}
