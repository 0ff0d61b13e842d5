package io.narwhal.generate;

import java.nio.ByteBuffer;

/**
 * The template of one exporter for one address family, in version 9 or IPFIX: which element stands
 * where. Each exporter rotates or turns round the order and has its own widths, so a decoder that
 * takes the template of another exporter for the same id decodes rubbish.
 */
final class Layout {
    /** The widest record: IPv6 in IPFIX with wide counters. */
    static final int RECORD_BYTES_MAX = 105;

    private static final int SRC = 0;
    private static final int DST = 1;
    private static final int HOP = 2;
    private static final int IN = 3;
    private static final int OUT = 4;
    private static final int PACKETS = 5;
    private static final int OCTETS = 6;
    private static final int START = 7;
    private static final int END = 8;
    private static final int SRC_PORT = 9;
    private static final int DST_PORT = 10;
    private static final int FLAGS = 11;
    private static final int PROTOCOL = 12;
    private static final int TOS = 13;
    private static final int SRC_AS = 14;
    private static final int DST_AS = 15;
    private static final int SRC_MASK = 16;
    private static final int DST_MASK = 17;

    /** How many elements a record has. */
    static final int FIELDS = 18;

    /** Information elements of IPv4, in the order above (RFC 3954 section 8; RFC 7012). */
    private static final int[] ELEMENTS_V4 = {
        8, 12, 15, 10, 14, 2, 1, 152, 153, 7, 11, 6, 4, 5, 16, 17, 9, 13
    };

    private static final int[] ELEMENTS_V6 = {
        27, 28, 62, 10, 14, 2, 1, 152, 153, 7, 11, 6, 4, 5, 16, 17, 29, 30
    };
    private static final int FIRST_SWITCHED = 22;
    private static final int LAST_SWITCHED = 21;

    final int templateId;
    final boolean ipv6;
    final boolean wide;
    final int recordBytes;
    private final boolean ipfix;
    private final int[] order = new int[FIELDS];
    private final int src;
    private final int dst;
    private final int hop;
    private final int in;
    private final int out;
    private final int packets;
    private final int octets;
    private final int start;
    private final int end;
    private final int srcPort;
    private final int dstPort;
    private final int flags;
    private final int protocol;
    private final int tos;
    private final int srcAs;
    private final int dstAs;
    private final int srcMask;
    private final int dstMask;

    /**
     * The layout of an exporter.
     *
     * @param exporter its number; odd ones have wide counters, interfaces and AS numbers
     */
    Layout(boolean ipfix, boolean ipv6, int exporter) {
        this.ipfix = ipfix;
        this.ipv6 = ipv6;
        this.templateId = ipv6 ? 257 : 256;
        this.wide = (exporter & 1) == 1;
        int[] offsets = new int[FIELDS];
        int at = 0;
        for (int i = 0; i < FIELDS; i++) {
            int turned = (exporter & 2) == 0 ? i : FIELDS - 1 - i;
            order[i] = (turned + exporter * 5) % FIELDS;
            offsets[order[i]] = at;
            at += width(order[i]);
        }
        this.recordBytes = at;
        this.src = offsets[SRC];
        this.dst = offsets[DST];
        this.hop = offsets[HOP];
        this.in = offsets[IN];
        this.out = offsets[OUT];
        this.packets = offsets[PACKETS];
        this.octets = offsets[OCTETS];
        this.start = offsets[START];
        this.end = offsets[END];
        this.srcPort = offsets[SRC_PORT];
        this.dstPort = offsets[DST_PORT];
        this.flags = offsets[FLAGS];
        this.protocol = offsets[PROTOCOL];
        this.tos = offsets[TOS];
        this.srcAs = offsets[SRC_AS];
        this.dstAs = offsets[DST_AS];
        this.srcMask = offsets[SRC_MASK];
        this.dstMask = offsets[DST_MASK];
    }

    private int width(int field) {
        return switch (field) {
            case SRC, DST, HOP -> ipv6 ? 16 : 4;
            case IN, OUT, SRC_AS, DST_AS -> wide ? 4 : 2;
            case PACKETS, OCTETS -> wide ? 8 : 4;
            case START, END -> ipfix ? 8 : 4;
            case SRC_PORT, DST_PORT -> 2;
            default -> 1;
        };
    }

    private int element(int field) {
        if (!ipfix && field == START) {
            return FIRST_SWITCHED;
        }
        if (!ipfix && field == END) {
            return LAST_SWITCHED;
        }
        return ipv6 ? ELEMENTS_V6[field] : ELEMENTS_V4[field];
    }

    /** Writes the template record: id, field count, then element and length of each. */
    int writeTemplate(ByteBuffer buffer, int at) {
        buffer.putShort(at, (short) templateId);
        buffer.putShort(at + 2, (short) FIELDS);
        for (int i = 0; i < FIELDS; i++) {
            buffer.putShort(at + 4 + 4 * i, (short) element(order[i]));
            buffer.putShort(at + 6 + 4 * i, (short) width(order[i]));
        }
        return 4 + 4 * FIELDS;
    }

    /** Writes one record; {@code bootMs} is what version 9 counts its times from. */
    void write(ByteBuffer buffer, int at, Flow flow, long bootMs) {
        writeAddresses(buffer, at, flow);
        writeCounters(buffer, at, flow);
        if (ipfix) {
            buffer.putLong(at + start, flow.startMs);
            buffer.putLong(at + end, flow.endMs);
        } else {
            buffer.putInt(at + start, (int) (flow.startMs - bootMs));
            buffer.putInt(at + end, (int) (flow.endMs - bootMs));
        }
        buffer.putShort(at + srcPort, (short) flow.sourcePort);
        buffer.putShort(at + dstPort, (short) flow.destinationPort);
        buffer.put(at + flags, (byte) flow.tcpFlags);
        buffer.put(at + protocol, (byte) flow.protocol);
        buffer.put(at + tos, (byte) flow.tos);
    }

    private void writeAddresses(ByteBuffer buffer, int at, Flow flow) {
        if (ipv6) {
            buffer.putLong(at + src, Pairs.sourceV6High(flow.source));
            buffer.putLong(at + src + 8, Pairs.sourceV6Low());
            buffer.putLong(at + dst, Pairs.destinationV6High());
            buffer.putLong(at + dst + 8, Pairs.destinationV6Low(flow.destination));
            buffer.putLong(at + hop, Flow.nextHopV6High());
            buffer.putLong(at + hop + 8, flow.nextHopV6Low());
            buffer.put(at + srcMask, (byte) 48);
            buffer.put(at + dstMask, (byte) 48);
        } else {
            buffer.putInt(at + src, Pairs.sourceV4(flow.source));
            buffer.putInt(at + dst, Pairs.destinationV4(flow.destination));
            buffer.putInt(at + hop, flow.nextHopV4());
            buffer.put(at + srcMask, (byte) 24);
            buffer.put(at + dstMask, (byte) 15);
        }
    }

    private void writeCounters(ByteBuffer buffer, int at, Flow flow) {
        if (wide) {
            buffer.putLong(at + packets, flow.packets);
            buffer.putLong(at + octets, flow.octets);
            buffer.putInt(at + in, flow.inInterface());
            buffer.putInt(at + out, flow.outInterface());
            buffer.putInt(at + srcAs, flow.sourceAs());
            buffer.putInt(at + dstAs, flow.destinationAs());
        } else {
            buffer.putInt(at + packets, (int) flow.packets);
            buffer.putInt(at + octets, (int) flow.octets);
            buffer.putShort(at + in, (short) flow.inInterface());
            buffer.putShort(at + out, (short) flow.outInterface());
            buffer.putShort(at + srcAs, (short) flow.sourceAs());
            buffer.putShort(at + dstAs, (short) flow.destinationAs());
        }
    }
}
