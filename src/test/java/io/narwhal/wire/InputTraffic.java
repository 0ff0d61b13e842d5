package io.narwhal.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Made-up Ethernet frames for exporters to meter, and what is in them: TCP, UDP and ICMP over IPv4
 * and IPv6, plain or within VLAN, QinQ or MPLS. The same seed makes the same frames.
 */
final class InputTraffic {
    /** What stands between Ethernet and IP. */
    enum Wrap {
        PLAIN,
        VLAN,
        QINQ,
        MPLS
    }

    /** Packets and octets of IP from one address to another with one protocol. */
    record Sum(long octets, long packets) {
        Sum plus(Sum more) {
            return new Sum(octets + more.octets, packets + more.packets);
        }
    }

    /** A frame, its key "source destination protocol", and the octets of its IP packet. */
    record Packet(PcapFile.Frame frame, String key, boolean ipv6, Wrap wrap, int ipBytes) {}

    private static final int FLOWS = 36;
    private static final int PACKETS = 220;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final SplittableRandom random = new SplittableRandom(20_260_131);
    private final List<Packet> packets = new ArrayList<>();

    /** So many of the wraps are used, from the plain one on. */
    static List<Packet> make(long startMicros, int wraps) {
        InputTraffic traffic = new InputTraffic();
        long micros = startMicros;
        for (int number = 0; number < PACKETS; number++) {
            micros += traffic.random.nextInt(1_000, 30_000);
            traffic.packet(number, micros, wraps);
        }
        return traffic.packets;
    }

    /** Sums by key over those packets that a test keeps. */
    static TreeMap<String, Sum> sums(List<Packet> packets, java.util.function.Predicate<Packet> p) {
        TreeMap<String, Sum> sums = new TreeMap<>();
        packets.stream()
                .filter(p)
                .forEach(k -> sums.merge(k.key, new Sum(k.ipBytes, 1), Sum::plus));
        return sums;
    }

    private void packet(int number, long micros, int wraps) {
        int flow = random.nextInt(FLOWS);
        boolean back = random.nextInt(10) < 4;
        boolean ipv6 = flow % 4 == 3;
        int protocol = flow % 3 == 0 ? TCP : flow % 3 == 1 ? UDP : ipv6 ? 58 : 1;
        Wrap wrap = Wrap.values()[flow / 3 % wraps];
        byte[] client = ipv6 ? ipv6(0, flow + 1) : ipv4(0x0a01_0001 + flow);
        byte[] server = ipv6 ? ipv6(1, flow / 5 + 1) : ipv4(0xc633_6401 + flow / 5);
        byte[] source = back ? server : client;
        byte[] destination = back ? client : server;
        int payload = random.nextInt(1_300);
        ByteBuffer out = ByteBuffer.allocate(1_500);
        ethernet(out, wrap, ipv6);
        int from = out.position();
        int above = payload + (protocol == TCP ? 20 : 8);
        if (ipv6) {
            out.putInt(6 << 28).putShort((short) above).put((byte) protocol).put((byte) 64);
            out.put(source).put(destination);
        } else {
            ipv4Header(out, above + 20, number, protocol, source, destination);
        }
        transport(out, flow, number, protocol, back, above);
        out.position(out.position() + payload);
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        String key = name(source) + " " + name(destination) + " " + protocol;
        int ipBytes = bytes.length - from;
        packets.add(new Packet(new PcapFile.Frame(micros, bytes), key, ipv6, wrap, ipBytes));
    }

    private static void ethernet(ByteBuffer out, Wrap wrap, boolean ipv6) {
        out.putLong(0x0200_5e00_0101_0200L).putInt(0x5e00_0201);
        short ip = (short) (ipv6 ? 0x86dd : 0x0800);
        switch (wrap) {
            case PLAIN -> out.putShort(ip);
            case VLAN -> out.putInt(0x8100_0000 | 103).putShort(ip);
            case QINQ -> out.putInt(0x88a8_0000 | 200).putInt(0x8100_0000 | 104).putShort(ip);
            case MPLS -> out.putShort((short) 0x8847).putInt(1_600 << 12 | 1 << 8 | 64);
        }
    }

    private static void transport(
            ByteBuffer out, int flow, int number, int protocol, boolean back, int length) {
        int client = 20_000 + flow;
        int server = protocol == TCP ? 443 : 53;
        int ports = back ? server << 16 | client : client << 16 | server;
        switch (protocol) {
            case TCP ->
                    out.putInt(ports).putInt(number).putInt(number).putInt(0x5018_1000).putInt(0);
            case UDP -> out.putInt(ports).putInt(length << 16);
            case 58 -> out.putInt((back ? 129 : 128) << 24).putInt(number);
            default -> out.putInt((back ? 0 : 8) << 24).putInt(number);
        }
    }

    private static void ipv4Header(
            ByteBuffer out, int length, int number, int protocol, byte[] from, byte[] to) {
        int start = out.position();
        out.putInt(0x4500_0000 | length).putInt(number << 16);
        out.putInt(64 << 24 | protocol << 16).put(from).put(to);
        int sum = 0;
        for (int at = start; at < out.position(); at += 2) {
            sum += out.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        out.putShort(start + 10, (short) ~sum);
    }

    private static byte[] ipv4(int bits) {
        return ByteBuffer.allocate(4).putInt(bits).array();
    }

    private static byte[] ipv6(int subnet, int host) {
        return ByteBuffer.allocate(16).putInt(0x2001_0db8).putInt(subnet).putLong(host).array();
    }

    private static String name(byte[] address) {
        try {
            InetAddress parsed = InetAddress.getByAddress(address);
            return io.narwhal.record.Addresses.text(
                    io.narwhal.record.Addresses.high(parsed),
                    io.narwhal.record.Addresses.low(parsed));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
