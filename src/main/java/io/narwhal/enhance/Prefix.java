package io.narwhal.enhance;

import io.narwhal.record.Addresses;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * A network: an address of 128 bits and how many of them count.
 *
 * @param length 0 to 128; of an IPv4 network 96 more than is written
 */
record Prefix(long high, long low, int length) implements Comparable<Prefix> {
    private static final int IPV4_LENGTH = 96;

    // The address parser also knows forms of IPv4 addresses that nobody means (10.1, 0x0a000001).
    private static final Pattern IPV4 =
            Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

    /** What a text turned out to be. */
    sealed interface Parsed {
        /** A network. */
        record Network(Prefix prefix) implements Parsed {}

        /** Not a network, and why. */
        record Wrong(String message) implements Parsed {}
    }

    /** Reads {@code ADDRESS/LENGTH}. */
    static Parsed parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean ipv4 = IPV4.matcher(address).matches();
        if (!ipv4 && !IPV6.matcher(address).matches()) {
            return notAPrefix(text);
        }
        InetAddress inet;
        try {
            inet = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException _) {
            return notAPrefix(text);
        }
        long high = Addresses.high(inet);
        long low = Addresses.low(inet);
        if (Addresses.isIpv4(high, low) && !ipv4) {
            return new Parsed.Wrong(
                    quoted(text)
                            + " is an IPv4 address in its IPv6 form; write it as IPv4: "
                            + Addresses.text(high, low)
                            + "/LENGTH");
        }
        return withLength(text, slash, new Prefix(high, low, ipv4 ? IPV4_LENGTH : 0));
    }

    private static Parsed withLength(String text, int slash, Prefix address) {
        int lengthMax = 128 - address.length;
        if (slash < 0) {
            return new Parsed.Wrong(
                    quoted(text)
                            + " has no prefix length; for this address alone write "
                            + text
                            + "/"
                            + lengthMax);
        }
        String length = text.substring(slash + 1);
        if (!LENGTH.matcher(length).matches() || Integer.parseInt(length) > lengthMax) {
            return new Parsed.Wrong(
                    quoted(text) + " has no usable prefix length; expected 0 to " + lengthMax);
        }
        var prefix =
                new Prefix(address.high, address.low, address.length + Integer.parseInt(length));
        var network =
                new Prefix(
                        prefix.high & Addresses.highMask(prefix.length),
                        prefix.low & Addresses.lowMask(prefix.length),
                        prefix.length);
        if (!network.equals(prefix)) {
            return new Parsed.Wrong(
                    quoted(text) + " has host bits set; the network is probably " + network.text());
        }
        return new Parsed.Network(prefix);
    }

    private static Parsed notAPrefix(String text) {
        return new Parsed.Wrong(
                quoted(text) + " is no prefix; expected such as 192.0.2.0/24 or 2001:db8::/32");
    }

    private static String quoted(String text) {
        return "'" + text + "'";
    }

    boolean isIpv4() {
        return length >= IPV4_LENGTH && Addresses.isIpv4(high, low);
    }

    /** High half of the last address. */
    long lastHigh() {
        return high | ~Addresses.highMask(length);
    }

    /** Low half of the last address. */
    long lastLow() {
        return low | ~Addresses.lowMask(length);
    }

    /** As it is written in the table. */
    String text() {
        return high == 0 && low == 0
                ? "::/" + length
                : Addresses.text(high, low) + "/" + (isIpv4() ? length - IPV4_LENGTH : length);
    }

    /** By first address, the wider network before those within it. */
    @Override
    public int compareTo(Prefix other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        if (byHigh != 0) {
            return byHigh;
        }
        int byLow = Long.compareUnsigned(low, other.low);
        return byLow != 0 ? byLow : Integer.compare(length, other.length);
    }
}
