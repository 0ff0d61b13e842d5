package io.narwhal.generate;

/** One flow, refilled in place by {@link FlowMix}. */
final class Flow {
    int pair;
    int source;
    int destination;
    long octets;
    long packets;
    long startMs;
    long endMs;
    int sourcePort;
    int destinationPort;
    int protocol;
    int tcpFlags;
    int tos;

    int inInterface() {
        return 1 + (source & 7);
    }

    int outInterface() {
        return 9 + (destination & 7);
    }

    int sourceAs() {
        return 64_512 + (source & 511);
    }

    int destinationAs() {
        return 65_024 + (destination & 255);
    }

    int nextHopV4() {
        return 0x0aff_0001 + (destination & 3);
    }

    static long nextHopV6High() {
        return 0x2001_0db8_ffff_0000L;
    }

    long nextHopV6Low() {
        return 1 + (destination & 3);
    }
}
