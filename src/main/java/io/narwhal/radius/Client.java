package io.narwhal.radius;

import io.narwhal.record.Addresses;

/**
 * Devices that may send requests, and the secret that they share with us.
 *
 * @param name for people: the prefix as configured
 * @param high high half of the first address, in the form of IPv6
 * @param low low half
 * @param bits how many bits all have in common, 0 to 128; 96 more than an IPv4 prefix says
 * @param secret at least one octet
 */
public record Client(String name, long high, long low, int bits, byte[] secret) {
    public Client {
        secret = secret.clone();
    }

    @Override
    public byte[] secret() {
        return secret.clone();
    }

    /** Not a copy: for who only reads it. */
    byte[] rawSecret() {
        return secret;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "client " + name;
    }

    boolean covers(long otherHigh, long otherLow) {
        return ((high ^ otherHigh) & Addresses.highMask(bits)) == 0
                && ((low ^ otherLow) & Addresses.lowMask(bits)) == 0;
    }
}
