package io.narwhal.config;

import io.narwhal.record.Addresses;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Addresses that begin alike: a prefix, or one address alone.
 *
 * @param high high half of the first one, in the form of IPv6
 * @param low low half
 * @param bits how many bits all share, 0 to 128; 96 more than an IPv4 prefix says
 */
public record AddressPrefix(long high, long low, int bits) {
    /** No address less than all. */
    static final AddressPrefix ALL = new AddressPrefix(0, 0, 0);

    private static final int BITS = 128;

    /** Reads {@code ADDRESS} or {@code ADDRESS/LENGTH}; no name is ever looked up. */
    static Optional<AddressPrefix> parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean isIpv4 = address.matches("[0-9]+(\\.[0-9]+){3}");
        if (!isIpv4 && !address.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            return Optional.empty();
        }
        InetAddress parsed;
        try {
            parsed = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        int most = isIpv4 ? 32 : BITS;
        String length = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
        if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > most) {
            return Optional.empty();
        }
        int bits = BITS - most + Integer.parseInt(length);
        return Optional.of(new AddressPrefix(Addresses.high(parsed), Addresses.low(parsed), bits));
    }

    /** The same prefix, named by its first address. */
    AddressPrefix canonical() {
        return new AddressPrefix(
                high & Addresses.highMask(bits), low & Addresses.lowMask(bits), bits);
    }

    /** As people write it: {@code 192.0.2.0/24}, or without a length when it is one address. */
    public String text() {
        if (bits == BITS) {
            return high == 0 && low == 0 ? "::" : Addresses.text(high, low);
        }
        boolean isIpv4 = bits >= 96 && Addresses.isIpv4(high, low);
        String address = high == 0 && low == 0 ? "::" : Addresses.text(high, low);
        return address + "/" + (isIpv4 ? bits - 96 : bits);
    }
}
