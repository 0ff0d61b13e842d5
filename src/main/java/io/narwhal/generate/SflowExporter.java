package io.narwhal.generate;

import java.nio.ByteBuffer;

/**
 * sFlow version 5: flow samples, each with the head of an Ethernet frame, and a counter sample in
 * every tenth datagram.
 *
 * <p>Odd exporters send expanded samples; those whose number has the bit 2 add what the switch and
 * the router know. One frame in four carries a VLAN tag. A flow of the mix stands for one packet of
 * it: octets are the length of its frame, with the checksum that the wire adds.
 *
 * <pre>
 * datagram  version 5 | agent address type, address | sub-agent | sequence | uptime ms | samples
 * sample    format | length | sequence | source | rate | pool | drops | in | out | records
 * record    format | length | header protocol | frame length | stripped | header length | header
 * </pre>
 */
final class SflowExporter extends Exporter {
    /** An expanded sample with both extra records and the longest header, IPv6 and TCP tagged. */
    static final int SAMPLE_BYTES_MAX = 8 + 44 + 24 + 80 + 24 + 36;

    /** The header of a datagram, and a counter sample. */
    static final int OVERHEAD_BYTES = 28 + 8 + 16 + 8 + 88;

    private static final int AGENT_FIRST = 0x7f00_000b;
    private static final int COUNTERS_EVERY = 10;
    private static final int CHECKSUM_BYTES = 4;
    private static final int FRAME_BYTES_MIN = 64;
    private static final int PACKET_BYTES_MAX = 1_500;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;

    private final boolean expanded;
    private final boolean extended;
    private final int rate;
    private final FlowMix mix;
    private final int pairsV4;
    private final int pairsV6;
    private final int ipv6Percent;
    private int ipv6Rest;
    private int sequence;
    private int samples;
    private int counters;

    SflowExporter(int number, TrafficPlan plan, Pairs pairs) {
        super(number, plan);
        this.expanded = (number & 1) == 1;
        this.extended = (number & 2) == 2;
        this.rate = plan.samplingRate();
        this.mix = new FlowMix(pairs, plan.seed() * 1_000 + number);
        this.pairsV4 = pairs.ipv4();
        this.pairsV6 = pairs.size() - pairs.ipv4();
        this.ipv6Percent = pairsV6 == 0 ? 0 : pairsV4 == 0 ? 100 : plan.ipv6Percent();
    }

    @Override
    int write(ByteBuffer buffer, int at, int count, long nowMs, Sums sums) {
        boolean counts = sequence % COUNTERS_EVERY == 0;
        buffer.putInt(at, 5);
        buffer.putInt(at + 4, 1);
        buffer.putInt(at + 8, AGENT_FIRST + number);
        buffer.putInt(at + 12, domain);
        buffer.putInt(at + 16, ++sequence);
        buffer.putInt(at + 20, (int) (nowMs - bootMs));
        buffer.putInt(at + 24, count + (counts ? 1 : 0));
        int place = at + 28;
        if (counts) {
            place += writeCounters(buffer, place);
        }
        for (int i = 0; i < count; i++) {
            ipv6Rest += ipv6Percent;
            boolean ipv6 = ipv6Rest >= 100;
            ipv6Rest -= ipv6 ? 100 : 0;
            mix.next(flow, ipv6 ? pairsV4 : 0, ipv6 ? pairsV6 : pairsV4, nowMs, false);
            place += writeSample(buffer, place, ipv6);
            count(sums);
        }
        return place - at;
    }

    private int writeSample(ByteBuffer buffer, int at, boolean ipv6) {
        buffer.putInt(at, expanded ? 3 : 1);
        buffer.putInt(at + 8, ++samples);
        int place = at + 12;
        place += writeInterface(buffer, place, flow.inInterface());
        buffer.putInt(place, rate);
        buffer.putInt(place + 4, samples * rate);
        buffer.putInt(place + 8, 0);
        place += 12;
        place += writeInterface(buffer, place, flow.inInterface());
        place += writeInterface(buffer, place, flow.outInterface());
        buffer.putInt(place, extended ? 3 : 1);
        place += 4;
        place += writeHeader(buffer, place, ipv6);
        if (extended) {
            place += writeSwitch(buffer, place);
            place += writeRouter(buffer, place, ipv6);
        }
        buffer.putInt(at + 4, place - at - 8);
        return place - at;
    }

    /** Sources and interfaces have a type in their topmost bits; 0 is a plain interface. */
    private int writeInterface(ByteBuffer buffer, int at, int index) {
        if (!expanded) {
            buffer.putInt(at, index);
            return 4;
        }
        buffer.putInt(at, 0);
        buffer.putInt(at + 4, index);
        return 8;
    }

    private boolean tagged() {
        return (flow.source & 3) == 0;
    }

    private int vlan() {
        return 100 + (flow.source & 7);
    }

    private int writeHeader(ByteBuffer buffer, int at, boolean ipv6) {
        int start = at + 24;
        int place = start + writeEthernet(buffer, start, ipv6);
        int ipBytes = ipv6 ? 40 : 20;
        if (ipv6 && flow.protocol == 1) {
            flow.protocol = ICMPV6;
        }
        int transport = flow.protocol == TCP ? 20 : 8;
        int packet = (int) Math.min(flow.octets / flow.packets, PACKET_BYTES_MAX);
        packet = Math.max(packet, ipBytes + transport);
        if (ipv6) {
            writeIpv6(buffer, place, packet);
        } else {
            writeIpv4(buffer, place, packet);
        }
        writeTransport(buffer, place + ipBytes, packet - ipBytes);
        int frame = Math.max(place - start + packet + CHECKSUM_BYTES, FRAME_BYTES_MIN);
        flow.octets = frame;
        flow.packets = 1;
        int bytes = place - start + ipBytes + transport;
        int padded = bytes + 3 & ~3;
        for (int i = bytes; i < padded; i++) {
            buffer.put(start + i, (byte) 0);
        }
        buffer.putInt(at, 1);
        buffer.putInt(at + 4, 16 + padded);
        buffer.putInt(at + 8, 1);
        buffer.putInt(at + 12, frame);
        buffer.putInt(at + 16, CHECKSUM_BYTES);
        buffer.putInt(at + 20, bytes);
        return 24 + padded;
    }

    private int writeEthernet(ByteBuffer buffer, int at, boolean ipv6) {
        buffer.putInt(at, 0x0200_5e00);
        buffer.putShort(at + 4, (short) (0x0100 | flow.outInterface()));
        buffer.putInt(at + 6, 0x0200_5e00);
        buffer.putShort(at + 10, (short) (0x0200 | flow.inInterface()));
        int place = at + 12;
        if (tagged()) {
            buffer.putInt(place, 0x8100_0000 | vlan());
            place += 4;
        }
        buffer.putShort(place, (short) (ipv6 ? 0x86dd : 0x0800));
        return place + 2 - at;
    }

    private void writeIpv4(ByteBuffer buffer, int at, int packet) {
        buffer.putInt(at, 0x4500_0000 | flow.tos << 16 | packet);
        buffer.putInt(at + 4, samples << 16);
        buffer.putInt(at + 8, 64 << 24 | flow.protocol << 16);
        buffer.putInt(at + 12, Pairs.sourceV4(flow.source));
        buffer.putInt(at + 16, Pairs.destinationV4(flow.destination));
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += buffer.getShort(at + i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putShort(at + 10, (short) ~sum);
    }

    private void writeIpv6(ByteBuffer buffer, int at, int packet) {
        buffer.putInt(at, 6 << 28 | flow.tos << 20);
        buffer.putInt(at + 4, packet - 40 << 16 | flow.protocol << 8 | 64);
        buffer.putLong(at + 8, Pairs.sourceV6High(flow.source));
        buffer.putLong(at + 16, Pairs.sourceV6Low());
        buffer.putLong(at + 24, Pairs.destinationV6High());
        buffer.putLong(at + 32, Pairs.destinationV6Low(flow.destination));
    }

    /** Checksums are left 0: a sample shows the frame as the device saw it, right or wrong. */
    private void writeTransport(ByteBuffer buffer, int at, int bytes) {
        if (flow.protocol == TCP) {
            buffer.putInt(at, flow.sourcePort << 16 | flow.destinationPort);
            buffer.putInt(at + 4, samples);
            buffer.putInt(at + 8, 0);
            buffer.putInt(at + 12, 0x5000_1000 | flow.tcpFlags << 16);
            buffer.putInt(at + 16, 0);
        } else if (flow.protocol == UDP) {
            buffer.putInt(at, flow.sourcePort << 16 | flow.destinationPort);
            buffer.putInt(at + 4, bytes << 16);
        } else {
            buffer.putInt(at, (flow.protocol == ICMPV6 ? 128 : 8) << 24);
            buffer.putInt(at + 4, samples);
        }
    }

    /** The VLAN that the frame is in, before and behind the switch. */
    private int writeSwitch(ByteBuffer buffer, int at) {
        int vlan = tagged() ? vlan() : 1;
        buffer.putInt(at, 1_001);
        buffer.putInt(at + 4, 16);
        buffer.putInt(at + 8, vlan);
        buffer.putInt(at + 12, 0);
        buffer.putInt(at + 16, vlan);
        buffer.putInt(at + 20, 0);
        return 24;
    }

    /** Next hop and the lengths of both prefixes. */
    private int writeRouter(ByteBuffer buffer, int at, boolean ipv6) {
        buffer.putInt(at, 1_002);
        buffer.putInt(at + 8, ipv6 ? 2 : 1);
        int place = at + 12;
        if (ipv6) {
            buffer.putLong(place, Flow.nextHopV6High());
            buffer.putLong(place + 8, flow.nextHopV6Low());
            place += 16;
        } else {
            buffer.putInt(place, flow.nextHopV4());
            place += 4;
        }
        buffer.putInt(place, ipv6 ? 48 : 24);
        buffer.putInt(place + 4, ipv6 ? 48 : 15);
        buffer.putInt(at + 4, place + 8 - at - 8);
        return place + 8 - at;
    }

    /** The generic counters of interface 1: a gigabit that is up, and how much it carried. */
    private int writeCounters(ByteBuffer buffer, int at) {
        buffer.putInt(at, expanded ? 4 : 2);
        buffer.putInt(at + 8, ++counters);
        int place = at + 12;
        place += writeInterface(buffer, place, 1);
        buffer.putInt(place, 1);
        buffer.putInt(place + 4, 1);
        buffer.putInt(place + 8, 88);
        place += 12;
        buffer.putInt(place, 1);
        buffer.putInt(place + 4, 6);
        buffer.putLong(place + 8, 1_000_000_000);
        buffer.putInt(place + 16, 1);
        buffer.putInt(place + 20, 3);
        buffer.putLong(place + 24, samples * 1_000L);
        for (int i = 32; i < 88; i += 4) {
            buffer.putInt(place + i, samples + i);
        }
        place += 88;
        buffer.putInt(at + 4, place - at - 8);
        return place - at;
    }
}
