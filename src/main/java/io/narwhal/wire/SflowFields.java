package io.narwhal.wire;

import io.narwhal.record.Addresses;
import io.narwhal.record.Field;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that an sFlow sample says, by name: the names of the sFlow text, and those of the IANA
 * registry for what was read out of a sampled header. Records that we do not read are named by
 * enterprise:format, with their length. For a {@link RecordWitness}; datagrams come here only after
 * they were found sound.
 */
final class SflowFields {
    private static final String[] GENERIC = {
        "ifIndex 4",
        "ifType 4",
        "ifSpeed 8",
        "ifDirection 4",
        "ifStatus 4",
        "ifInOctets 8",
        "ifInUcastPkts 4",
        "ifInMulticastPkts 4",
        "ifInBroadcastPkts 4",
        "ifInDiscards 4",
        "ifInErrors 4",
        "ifInUnknownProtos 4",
        "ifOutOctets 8",
        "ifOutUcastPkts 4",
        "ifOutMulticastPkts 4",
        "ifOutBroadcastPkts 4",
        "ifOutDiscards 4",
        "ifOutErrors 4",
        "ifPromiscuousMode 4",
    };

    private static final String[] ETHERNET = {
        "dot3StatsAlignmentErrors 4",
        "dot3StatsFCSErrors 4",
        "dot3StatsSingleCollisionFrames 4",
        "dot3StatsMultipleCollisionFrames 4",
        "dot3StatsSQETestErrors 4",
        "dot3StatsDeferredTransmissions 4",
        "dot3StatsLateCollisions 4",
        "dot3StatsExcessiveCollisions 4",
        "dot3StatsInternalMacTransmitErrors 4",
        "dot3StatsCarrierSenseErrors 4",
        "dot3StatsFrameTooLongs 4",
        "dot3StatsInternalMacReceiveErrors 4",
        "dot3StatsSymbolErrors 4",
    };

    private final byte[] bytes;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    private SflowFields(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The flow sample at {@code at}, its format and length included. */
    static Map<String, Object> flow(Header header, byte[] bytes, int at) {
        var made = new SflowFields(bytes);
        boolean expanded = Wire.i32(bytes, at) == Sflow.EXPANDED_FLOW_SAMPLE;
        made.datagram(header, expanded ? "flow_sample_expanded" : "flow_sample");
        int p = made.source(at + Sflow.OPAQUE_HEADER, expanded);
        p = made.numbers(p, "sampling_rate 4", "sample_pool 4", "drops 4");
        made.port("input", p, expanded);
        p += expanded ? 8 : 4;
        made.port("output", p, expanded);
        p += expanded ? 8 : 4;
        made.flowRecords(p);
        return made.fields;
    }

    /** The counter sample or notification of a discarded packet at {@code at}. */
    static Map<String, Object> other(Header header, byte[] bytes, int at) {
        var made = new SflowFields(bytes);
        int format = Wire.i32(bytes, at);
        int p = at + Sflow.OPAQUE_HEADER;
        if (format == Sflow.DISCARDED_PACKET) {
            made.datagram(header, "discarded_packet");
            p = made.source(p, true);
            p = made.numbers(p, "drops 4", "inputifindex 4", "outputifindex 4", "reason 4");
            made.flowRecords(p);
        } else {
            boolean expanded = format == Sflow.EXPANDED_COUNTER_SAMPLE;
            made.datagram(header, expanded ? "counters_sample_expanded" : "counters_sample");
            made.counterRecords(made.source(p, expanded));
        }
        return made.fields;
    }

    private void datagram(Header header, String sample) {
        fields.put("sample", sample);
        fields.put("agent_address", Addresses.text(header.agentHigh, header.agentLow));
        fields.put("sub_agent_id", header.domain);
        fields.put("datagram_sequence_number", Integer.toUnsignedLong(header.sequence));
        fields.put("uptime", Integer.toUnsignedLong(header.uptimeMs));
    }

    /** Sequence number and data source; returns where they end. */
    private int source(int at, boolean expanded) {
        int p = numbers(at, "sequence_number 4");
        long type = expanded ? Wire.u32(bytes, p) : bytes[p] & 0xff;
        long index = expanded ? Wire.u32(bytes, p + 4) : Wire.i32(bytes, p) & 0xff_ffff;
        fields.put("source_id_type", type);
        fields.put("source_id_index", index);
        return expanded ? p + 8 : p + 4;
    }

    private void port(String name, int at, boolean expanded) {
        long format = expanded ? Wire.u32(bytes, at) : Wire.i32(bytes, at) >>> 30;
        long value = expanded ? Wire.u32(bytes, at + 4) : Wire.i32(bytes, at) & 0x3fff_ffff;
        fields.put(name + "_format", format);
        fields.put(name + "_value", value);
    }

    /** Numbers one after the other, each as "name bytes"; returns where they end. */
    private int numbers(int at, String... layout) {
        int p = at;
        for (String each : layout) {
            int space = each.indexOf(' ');
            int width = each.charAt(space + 1) - '0';
            put(each.substring(0, space), Wire.number(bytes, p, width));
            p += width;
        }
        return p;
    }

    /** A counter of 64 bits may have its highest bit set, and is then no long. */
    private void put(String name, long value) {
        if (value >= 0) {
            fields.put(name, value);
        } else {
            fields.put(name, new BigInteger(Long.toUnsignedString(value)));
        }
    }

    private void counterRecords(int at) {
        int p = at + 4;
        for (int left = Wire.i32(bytes, at); left > 0; left--) {
            int format = Wire.i32(bytes, p);
            int length = Wire.i32(bytes, p + 4);
            if (format == Sflow.GENERIC_COUNTERS && length >= 88) {
                numbers(p + Sflow.OPAQUE_HEADER, GENERIC);
            } else if (format == Sflow.ETHERNET_COUNTERS && length >= 52) {
                numbers(p + Sflow.OPAQUE_HEADER, ETHERNET);
            } else {
                unread(format, length);
            }
            p = SflowStructure.next(bytes, p);
        }
    }

    private void unread(int format, int length) {
        fields.put((format >>> 12) + ":" + (format & 0xfff), (long) length);
    }

    private void flowRecords(int at) {
        int p = at + 4;
        for (int left = Wire.i32(bytes, at); left > 0; left--) {
            int body = p + Sflow.OPAQUE_HEADER;
            switch (Wire.i32(bytes, p)) {
                case Sflow.RAW_HEADER -> rawHeader(body);
                case Sflow.ETHERNET_FRAME -> ethernetFrame(body, Wire.i32(bytes, p + 4));
                case Sflow.SAMPLED_IPV4 -> sampledIp(body, 4, "tos 4");
                case Sflow.SAMPLED_IPV6 -> sampledIp(body, 16, "priority 4");
                case Sflow.EXTENDED_SWITCH ->
                        numbers(
                                body,
                                "src_vlan 4",
                                "src_priority 4",
                                "dst_vlan 4",
                                "dst_priority 4");
                case Sflow.EXTENDED_ROUTER ->
                        numbers(address("nexthop", body), "src_mask_len 4", "dst_mask_len 4");
                case Sflow.EXTENDED_GATEWAY -> gateway(body);
                case Sflow.EXTENDED_USER -> user(body);
                default -> unread(Wire.i32(bytes, p), Wire.i32(bytes, p + 4));
            }
            p = SflowStructure.next(bytes, p);
        }
    }

    private void rawHeader(int at) {
        numbers(at, "header_protocol 4", "frame_length 4", "stripped 4");
        int length = Wire.i32(bytes, at + 12);
        fields.put("header", HexFormat.of().formatHex(bytes, at + 16, at + 16 + length));
        if (Wire.u32(bytes, at) == Sflow.HEADER_ETHERNET) {
            ethernet(at + 16, at + 16 + length);
        }
        var packet = new SampledPacket();
        SampledHeader.read(Wire.u32(bytes, at), bytes, at + 16, at + 16 + length, packet);
        if (packet.has(Field.SRC_ADDR)) {
            ip(packet);
        }
    }

    /** Addresses, tags and type of the frame, as the IANA registry names them. */
    private void ethernet(int from, int to) {
        if (to - from < 14) {
            return;
        }
        fields.put("destinationMacAddress", mac(from));
        fields.put("sourceMacAddress", mac(from + 6));
        int p = from + 12;
        List<Object> tags = new ArrayList<>();
        while (to - p >= 6 && SampledHeader.isTag(Wire.u16(bytes, p))) {
            tags.add((long) (Wire.u16(bytes, p + 2) & 0xfff));
            p += 4;
        }
        if (!tags.isEmpty()) {
            fields.put("dot1qVlanId", tags.getFirst());
        }
        if (tags.size() > 1) {
            fields.put("dot1qCustomerVlanId", tags.get(1));
        }
        fields.put("ethernetType", (long) Wire.u16(bytes, p));
    }

    private void ip(SampledPacket packet) {
        boolean ipv4 = Addresses.isIpv4(packet.high(Field.SRC_ADDR), packet.low(Field.SRC_ADDR));
        long protocol = packet.low(Field.PROTOCOL);
        boolean icmp = protocol == SampledHeader.ICMP || protocol == SampledHeader.ICMP_V6;
        fields.put(ipv4 ? "sourceIPv4Address" : "sourceIPv6Address", text(packet, Field.SRC_ADDR));
        fields.put(
                ipv4 ? "destinationIPv4Address" : "destinationIPv6Address",
                text(packet, Field.DST_ADDR));
        fields.put("protocolIdentifier", protocol);
        fields.put("ipClassOfService", packet.low(Field.TOS));
        if (packet.has(Field.SRC_PORT)) {
            fields.put("sourceTransportPort", packet.low(Field.SRC_PORT));
            fields.put("destinationTransportPort", packet.low(Field.DST_PORT));
        } else if (packet.has(Field.DST_PORT) && icmp) {
            fields.put(
                    protocol == SampledHeader.ICMP ? "icmpTypeCodeIPv4" : "icmpTypeCodeIPv6",
                    packet.low(Field.DST_PORT));
        }
        if (packet.has(Field.TCP_FLAGS)) {
            fields.put("tcpControlBits", packet.low(Field.TCP_FLAGS));
        }
    }

    private static String text(SampledPacket packet, Field field) {
        return Addresses.text(packet.high(field), packet.low(field));
    }

    private void ethernetFrame(int at, int length) {
        numbers(at, "length 4");
        if (length >= 24) {
            fields.put("src_mac", mac(at + 4));
            fields.put("dst_mac", mac(at + 12));
            numbers(at + 20, "type 4");
        }
    }

    private String mac(int at) {
        return HexFormat.ofDelimiter(":").formatHex(bytes, at, at + 6);
    }

    private void sampledIp(int at, int addressBytes, String last) {
        numbers(at, "length 4", "protocol 4");
        address("src_ip", at + 8, addressBytes);
        address("dst_ip", at + 8 + addressBytes, addressBytes);
        numbers(at + 8 + 2 * addressBytes, "src_port 4", "dst_port 4", "tcp_flags 4", last);
    }

    /** An address behind its type; returns where it ends. */
    private int address(String name, int at) {
        int length = Sflow.addressBytes(Wire.u32(bytes, at));
        address(name, at + 4, length);
        return at + 4 + length;
    }

    private void address(String name, int at, int length) {
        fields.put(
                name,
                Addresses.text(
                        Sflow.addressHigh(bytes, at, length), Sflow.addressLow(bytes, at, length)));
    }

    private void gateway(int at) {
        int p = numbers(address("bgp_nexthop", at), "as 4", "src_as 4", "src_peer_as 4");
        List<Object> segments = new ArrayList<>();
        int segmentsLeft = Wire.i32(bytes, p);
        p += 4;
        for (; segmentsLeft > 0; segmentsLeft--) {
            List<Object> numbers = list(p + 4);
            boolean set = Wire.i32(bytes, p) == Sflow.AS_SET;
            segments.add(Map.of(set ? "AS_SET" : "AS_SEQUENCE", numbers));
            p += 8 + 4 * numbers.size();
        }
        fields.put("as_path", segments);
        List<Object> communities = list(p);
        fields.put("communities", communities);
        numbers(p + 4 + 4 * communities.size(), "localpref 4");
    }

    private List<Object> list(int at) {
        List<Object> numbers = new ArrayList<>();
        for (int i = 0; i < Wire.i32(bytes, at); i++) {
            numbers.add(Wire.u32(bytes, at + 4 + 4 * i));
        }
        return numbers;
    }

    private void user(int at) {
        int p = text("src_user", numbers(at, "src_charset 4"));
        text("dst_user", numbers(p, "dst_charset 4"));
    }

    private int text(String name, int at) {
        int length = Wire.i32(bytes, at);
        fields.put(name, new String(bytes, at + 4, length, StandardCharsets.UTF_8));
        return at + 4 + (int) Sflow.padded(length);
    }
}
