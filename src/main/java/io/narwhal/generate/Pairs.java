package io.narwhal.generate;

import io.narwhal.record.Addresses;

/**
 * The pairs of addresses: first the IPv4 ones, then the IPv6 ones. Within a family, source and
 * destination numbers form a square, so that all pairs differ and each address has many partners.
 */
final class Pairs {
    private static final int SOURCE_V4 = 0x0a00_0001;
    private static final int DESTINATION_V4 = 0xc612_0001;
    private static final long SOURCE_V6 = 0x2001_0db8_0000_0000L;
    private static final long DESTINATION_V6 = 0x2001_0db8_8000_0000L;

    private final int[] sources;
    private final int[] destinations;
    private final int ipv4;

    Pairs(int ipv4, int ipv6) {
        this.ipv4 = ipv4;
        this.sources = new int[ipv4 + ipv6];
        this.destinations = new int[ipv4 + ipv6];
        square(0, ipv4);
        square(ipv4, ipv6);
    }

    private void square(int first, int count) {
        int side = (int) Math.ceil(Math.sqrt(count));
        for (int i = 0; i < count; i++) {
            sources[first + i] = i / side;
            destinations[first + i] = i % side;
        }
    }

    int size() {
        return sources.length;
    }

    /** Pairs below this are IPv4. */
    int ipv4() {
        return ipv4;
    }

    /** Number of the source within its family. */
    int source(int pair) {
        return sources[pair];
    }

    /** Number of the destination within its family. */
    int destination(int pair) {
        return destinations[pair];
    }

    static int sourceV4(int number) {
        return SOURCE_V4 + (number << 8);
    }

    static int destinationV4(int number) {
        return DESTINATION_V4 + number;
    }

    static long sourceV6High(int number) {
        return SOURCE_V6 | (long) number << 16;
    }

    static long sourceV6Low() {
        return 1;
    }

    static long destinationV6High() {
        return DESTINATION_V6;
    }

    static long destinationV6Low(int number) {
        return number + 1L;
    }

    long sourceHigh(int pair) {
        return pair < ipv4 ? 0 : sourceV6High(sources[pair]);
    }

    long sourceLow(int pair) {
        return pair < ipv4 ? Addresses.ofIpv4(sourceV4(sources[pair])) : sourceV6Low();
    }

    long destinationHigh(int pair) {
        return pair < ipv4 ? 0 : destinationV6High();
    }

    long destinationLow(int pair) {
        return pair < ipv4
                ? Addresses.ofIpv4(destinationV4(destinations[pair]))
                : destinationV6Low(destinations[pair]);
    }
}
