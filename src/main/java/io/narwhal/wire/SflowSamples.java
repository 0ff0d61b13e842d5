package io.narwhal.wire;

import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.SamplingSource;

import org.jspecify.annotations.Nullable;

/**
 * Uses the samples of an sFlow datagram that was found sound: each flow sample becomes a record of
 * one packet, all others are counted. What a flow sample tells lies in records of any order, so
 * they are found first and then read in the order of precedence.
 */
final class SflowSamples {
    private static final int NONE = -1;
    private static final int PREFIX_MAX = 128;
    private static final int VLAN_MAX = 4094;

    private final RecordBlock block;
    private final SampledPacket.Target target;
    private final Books books;
    private final Runnable flush;
    private final SampledPacket packet = new SampledPacket();

    // Of the flow sample that is being read: where the first record of each format begins.
    private int rawHeader;
    private int ethernet;
    private int ipv4;
    private int ipv6;
    private int vlans;
    private int router;
    private int gateway;

    /**
     * @param flush hands the block on and clears it
     */
    SflowSamples(RecordBlock block, Columns columns, Books books, Runnable flush) {
        this.block = block;
        this.target = new SampledPacket.Target(columns);
        this.books = books;
        this.flush = flush;
    }

    /** Uses all samples. */
    void decode(
            Scope scope,
            SflowAgent agent,
            Header header,
            byte[] bytes,
            @Nullable RecordWitness witness) {
        int p = header.body;
        for (int left = header.count; left > 0; left--) {
            switch (Wire.i32(bytes, p)) {
                case Sflow.FLOW_SAMPLE, Sflow.EXPANDED_FLOW_SAMPLE ->
                        flow(scope, agent, header, bytes, p, witness);
                case Sflow.COUNTER_SAMPLE, Sflow.EXPANDED_COUNTER_SAMPLE -> {
                    agent.counterSamples++;
                    other(header, bytes, p, witness);
                }
                case Sflow.DISCARDED_PACKET -> {
                    agent.discardedPackets++;
                    other(header, bytes, p, witness);
                }
                default -> agent.otherSamples++;
            }
            p = SflowStructure.next(bytes, p);
        }
    }

    /** Books what a datagram that came again would have doubled, and uses nothing of it. */
    void duplicate(Header header, byte[] bytes) {
        int p = header.body;
        for (int left = header.count; left > 0; left--) {
            int format = Wire.i32(bytes, p);
            if (format == Sflow.FLOW_SAMPLE || format == Sflow.EXPANDED_FLOW_SAMPLE) {
                packet.clear();
                find(bytes, p);
                read(bytes);
                books.received().add(1, 1, packet.low(Field.OCTETS));
                books.duplicate().add(1, 1, packet.low(Field.OCTETS));
            }
            p = SflowStructure.next(bytes, p);
        }
    }

    private static void other(
            Header header, byte[] bytes, int at, @Nullable RecordWitness witness) {
        if (witness != null) {
            witness.onOther(
                    RecordWitness.Kind.COUNTERS, () -> SflowFields.other(header, bytes, at));
        }
    }

    private void flow(
            Scope scope,
            SflowAgent agent,
            Header header,
            byte[] bytes,
            int at,
            @Nullable RecordWitness witness) {
        packet.clear();
        head(agent, bytes, at);
        find(bytes, at);
        read(bytes);
        about(scope, agent, header);
        int row = block.size();
        packet.write(target, row);
        block.present()[row] = packet.present();
        block.setSize(row + 1);
        scope.records++;
        books.received().add(1, 1, packet.low(Field.OCTETS));
        if (witness != null) {
            witness.onFlow(row, () -> SflowFields.flow(header, bytes, at));
        }
        if (block.room() == 0) {
            flush.run();
        }
    }

    /** What stands before the records: data source, rate, interfaces. */
    private void head(SflowAgent agent, byte[] bytes, int at) {
        boolean expanded = Wire.i32(bytes, at) == Sflow.EXPANDED_FLOW_SAMPLE;
        int p = at + Sflow.OPAQUE_HEADER;
        int sequence = Wire.i32(bytes, p);
        long source = sourceKey(bytes, p + 4, expanded);
        p += expanded ? 12 : 8;
        long rate = Wire.u32(bytes, p);
        if (rate != 0) {
            packet.put(Field.SAMPLING_RATE, rate);
            packet.put(Field.SAMPLING_SOURCE, SamplingSource.RECORD.code());
        }
        agent.flowSamples++;
        if (!agent.sources.onSample(
                source, sequence, rate, Wire.i32(bytes, p + 4), Wire.i32(bytes, p + 8))) {
            agent.notFollowed++;
        }
        if (expanded) {
            port(Field.IN_IF, Wire.u32(bytes, p + 12), Wire.u32(bytes, p + 16));
            port(Field.OUT_IF, Wire.u32(bytes, p + 20), Wire.u32(bytes, p + 24));
        } else {
            int in = Wire.i32(bytes, p + 12);
            int out = Wire.i32(bytes, p + 16);
            port(Field.IN_IF, in >>> 30, in & 0x3fff_ffff);
            port(Field.OUT_IF, out >>> 30, out & 0x3fff_ffff);
        }
    }

    /** Class and index of a data source in one number. */
    private static long sourceKey(byte[] bytes, int at, boolean expanded) {
        if (expanded) {
            return Wire.i64(bytes, at);
        }
        int source = Wire.i32(bytes, at);
        return (long) (source >>> 24) << 32 | source & 0xff_ffff;
    }

    /** Format 0 alone names an interface; the others say why there is none, or several. */
    private void port(Field field, long format, long value) {
        if (format == 0
                && value != 0
                && value != Sflow.INTERNAL_INTERFACE
                && value <= Sflow.INTERFACE_MAX) {
            packet.put(field, value);
        }
    }

    private void find(byte[] bytes, int at) {
        rawHeader = ethernet = ipv4 = ipv6 = vlans = router = gateway = NONE;
        int p = at + Sflow.OPAQUE_HEADER + Sflow.headBytes(Wire.i32(bytes, at));
        for (int left = Wire.i32(bytes, p - 4); left > 0; left--) {
            int body = p + Sflow.OPAQUE_HEADER;
            switch (Wire.i32(bytes, p)) {
                case Sflow.RAW_HEADER -> rawHeader = rawHeader < 0 ? body : rawHeader;
                case Sflow.ETHERNET_FRAME -> ethernet = ethernet < 0 ? body : ethernet;
                case Sflow.SAMPLED_IPV4 -> ipv4 = ipv4 < 0 ? body : ipv4;
                case Sflow.SAMPLED_IPV6 -> ipv6 = ipv6 < 0 ? body : ipv6;
                case Sflow.EXTENDED_SWITCH -> vlans = vlans < 0 ? body : vlans;
                case Sflow.EXTENDED_ROUTER -> router = router < 0 ? body : router;
                case Sflow.EXTENDED_GATEWAY -> gateway = gateway < 0 ? body : gateway;
                default -> {}
            }
            p = SflowStructure.next(bytes, p);
        }
    }

    private void read(byte[] bytes) {
        if (vlans >= 0) {
            long vlan = Wire.u32(bytes, vlans);
            if (vlan > 0 && vlan <= VLAN_MAX) {
                packet.put(Field.VLAN, vlan);
            }
        }
        if (rawHeader >= 0) {
            packet.put(Field.OCTETS, Wire.u32(bytes, rawHeader + 4));
            int from = rawHeader + 16;
            int to = from + Wire.i32(bytes, rawHeader + 12);
            SampledHeader.read(Wire.u32(bytes, rawHeader), bytes, from, to, packet);
        }
        if (ethernet >= 0) {
            octets(bytes, ethernet);
        }
        if (ipv4 >= 0) {
            octets(bytes, ipv4);
            ip(bytes, ipv4, 4);
        }
        if (ipv6 >= 0) {
            octets(bytes, ipv6);
            ip(bytes, ipv6, 16);
        }
        if (router >= 0) {
            int p = nextHop(bytes, router);
            prefix(Field.SRC_MASK, Wire.u32(bytes, p));
            prefix(Field.DST_MASK, Wire.u32(bytes, p + 4));
        }
        if (gateway >= 0) {
            gateway(bytes);
        }
    }

    /** The length that a record begins with, where none before it told one. */
    private void octets(byte[] bytes, int at) {
        if (!packet.has(Field.OCTETS)) {
            packet.put(Field.OCTETS, Wire.u32(bytes, at));
        }
    }

    /** A sampled IPv4 or IPv6 record, where the sampled header told no addresses. */
    private void ip(byte[] bytes, int at, int addressBytes) {
        if (packet.has(Field.SRC_ADDR)) {
            return;
        }
        number(Field.PROTOCOL, Wire.u32(bytes, at + 4));
        address(Field.SRC_ADDR, bytes, at + 8, addressBytes);
        address(Field.DST_ADDR, bytes, at + 8 + addressBytes, addressBytes);
        int p = at + 8 + 2 * addressBytes;
        number(Field.SRC_PORT, Wire.u32(bytes, p));
        number(Field.DST_PORT, Wire.u32(bytes, p + 4));
        number(Field.TCP_FLAGS, Wire.u32(bytes, p + 8));
        number(Field.TOS, Wire.u32(bytes, p + 12));
    }

    private void address(Field field, byte[] bytes, int at, int length) {
        packet.put(
                field, Sflow.addressHigh(bytes, at, length), Sflow.addressLow(bytes, at, length));
    }

    /** 32 bits carry it, the field may have fewer. */
    private void number(Field field, long value) {
        if (value >>> field.bits() == 0) {
            packet.put(field, value);
        }
    }

    private void prefix(Field field, long length) {
        if (length <= PREFIX_MAX) {
            packet.put(field, length);
        }
    }

    /** Takes the next hop at {@code at} unless it is zero or there is one; returns its end. */
    private int nextHop(byte[] bytes, int at) {
        int length = Sflow.addressBytes(Wire.u32(bytes, at));
        boolean none = Wire.zeros(bytes, at + 4, at + 4 + length);
        if (!none && !packet.has(Field.NEXT_HOP)) {
            address(Field.NEXT_HOP, bytes, at + 4, length);
        }
        return at + 4 + length;
    }

    /** The destination's AS is the last one of the path; an AS that is one of a set is not told. */
    private void gateway(byte[] bytes) {
        int p = nextHop(bytes, gateway);
        packet.put(Field.SRC_AS, Wire.u32(bytes, p + 4));
        long last = 0;
        int at = p + 16;
        for (int segments = Wire.i32(bytes, p + 12); segments > 0; segments--) {
            int length = Wire.i32(bytes, at + 4);
            boolean told = length == 1 || Wire.i32(bytes, at) != Sflow.AS_SET;
            int end = at + 8 + 4 * length;
            if (length > 0) {
                last = told ? Wire.u32(bytes, end - 4) : 0;
            }
            at = end;
        }
        packet.put(Field.DST_AS, last);
    }

    /** What the record is about: who sent it, when, and that it is one packet. */
    private void about(Scope scope, SflowAgent agent, Header header) {
        boolean named = agent.high != 0 || agent.low != 0;
        packet.put(Field.EXPORTER, named ? agent.high : scope.high, named ? agent.low : scope.low);
        packet.put(Field.DOMAIN, header.domain);
        packet.put(Field.PACKETS, 1);
        packet.imply(Field.START, header.arrivalMs);
        packet.imply(Field.END, header.arrivalMs);
    }
}
