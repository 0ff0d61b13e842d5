package io.narwhal.generate;

/**
 * Makes flows out of a seed (SplitMix64). Three draws a flow; every property is cut out of their
 * bits, which is plenty for traffic and costs a few nanoseconds.
 */
final class FlowMix {
    private static final int[] PORTS = {
        443, 443, 443, 443, 443, 80, 80, 80, 53, 53, 22, 25, 123, 993, 3478, 8443
    };
    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ECHO_REQUEST = 8 << 8;

    /** One in so many flows passes the 32 bits of a narrow counter, where the counter is wide. */
    private static final long HUGE_MASK = 0xfff;

    private static final long HUGE_OCTETS = 6_000_000_000L;
    private static final long HUGE_PACKETS = 4_000_000;

    private final Pairs pairs;
    private long state;

    FlowMix(Pairs pairs, long seed) {
        this.pairs = pairs;
        this.state = seed;
    }

    private long draw() {
        long z = state += 0x9e37_79b9_7f4a_7c15L;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    /** The next flow among {@code count} pairs from {@code first} on, seen at {@code nowMs}. */
    void next(Flow flow, int first, int count, long nowMs, boolean wide) {
        long who = draw();
        int pair = first + (int) Math.unsignedMultiplyHigh(who, count);
        flow.pair = pair;
        flow.source = pairs.source(pair);
        flow.destination = pairs.destination(pair);
        kind(flow, who);
        size(flow, draw(), wide);
        time(flow, draw(), nowMs);
    }

    private static void kind(Flow flow, long bits) {
        int dice = (int) (bits >>> 19) & 31;
        flow.protocol = dice == 0 ? ICMP : dice < 7 ? UDP : TCP;
        flow.sourcePort = dice == 0 ? 0 : 32_768 | (int) bits & 0x7fff;
        flow.destinationPort = dice == 0 ? ECHO_REQUEST : PORTS[(int) (bits >>> 15) & 15];
        flow.tcpFlags = dice < 7 ? 0 : (bits >>> 24 & 1) == 0 ? 0x1b : 0x18;
        flow.tos = (bits >>> 25 & 7) == 0 ? 184 : 0;
    }

    /** Many small flows and a few large ones: 1 to 1,024 packets of 40 to 1,500 octets. */
    private static void size(Flow flow, long bits, boolean wide) {
        long packets = 1 + ((bits >>> 3 & 0x3ff) >>> (bits & 7));
        long packetOctets = 40 + ((bits >>> 13 & 0x7ff) * 1_460 >>> 11);
        flow.packets = packets;
        flow.octets = packets * packetOctets + (bits >>> 24 & 31);
        if (wide && (bits >>> 32 & HUGE_MASK) == 0) {
            flow.packets += HUGE_PACKETS;
            flow.octets += HUGE_OCTETS;
        }
    }

    /** Up to 2 s long, one in sixteen up to 68 s, so that it spans at least one minute bin. */
    private static void time(Flow flow, long bits, long nowMs) {
        long duration = bits & 2_047;
        if ((bits >>> 11 & 15) == 0) {
            duration += bits >>> 15 & 0xffff;
        }
        flow.endMs = nowMs - (bits >>> 32 & 511);
        flow.startMs = flow.endMs - duration;
    }
}
