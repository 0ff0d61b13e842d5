package io.narwhal.radius;

import io.narwhal.record.Addresses;

import org.jspecify.annotations.Nullable;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * The prefix of a Framed-Route or Framed-IPv6-Route, a text "prefix gateway metrics" (RFC 2865
 * §5.22, RFC 3162 §2.5).
 *
 * @param bits how many count, of the IPv6 form
 */
record Route(long high, long low, int bits) {
    private static final int CHARS_MAX = 100;

    /** The route in {@code bytes[at, end)}; null when it is none. */
    static @Nullable Route of(byte[] bytes, int at, int end, boolean isIpv4) {
        String text = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1).strip();
        String prefix = text.split("\\s", 2)[0];
        int slash = prefix.indexOf('/');
        String address = slash < 0 ? prefix : prefix.substring(0, slash);
        int width = isIpv4 ? 32 : 128;
        if (!isAddress(address, isIpv4)) {
            return null;
        }
        int bits = slash < 0 ? -1 : number(prefix.substring(slash + 1), width);
        if (slash >= 0 && bits < 0) {
            return null;
        }
        try {
            InetAddress parsed =
                    isIpv4 ? Inet4Address.ofLiteral(address) : Inet6Address.ofLiteral(address);
            long low = Addresses.low(parsed);
            int known = bits >= 0 ? bits : isIpv4 ? classOf((int) low) : width;
            return new Route(Addresses.high(parsed), low, known + 128 - width);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    // Strict, so that no part of an address is read as something else, such as an interface's name.
    private static boolean isAddress(String text, boolean isIpv4) {
        return text.length() <= CHARS_MAX
                && (isIpv4
                        ? text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
                        : text.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*"));
    }

    private static int number(String text, int most) {
        if (!text.matches("[0-9]{1,3}")) {
            return -1;
        }
        int number = Integer.parseInt(text);
        return number <= most ? number : -1;
    }

    // RFC 2865 §5.22: without a length, the class of the address has it.
    private static int classOf(int address) {
        int first = address >>> 24;
        return first < 128 ? 8 : first < 192 ? 16 : 24;
    }
}
