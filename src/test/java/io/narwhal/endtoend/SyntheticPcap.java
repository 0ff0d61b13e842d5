package io.narwhal.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Writes a capture file of made-up packets (TCP, UDP, ICMP over IPv4 and IPv6, raw-IP link type)
 * and knows what is in it, for each pair of addresses. The same seed writes the same bytes.
 *
 * <p>Four in ten packets go the other way, so that a meter which keeps flows of both directions has
 * to tell them apart. Octets are those of the IP packet, which is what flow meters count.
 */
final class SyntheticPcap {
    private static final int FLOWS = 2_000;
    private static final int LINKTYPE_RAW = 101;
    private static final int PAYLOAD_MAX = 1_200;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;

    /** Octets and packets of one direction between two addresses. */
    record Sum(long octets, long packets) {
        Sum plus(long more) {
            return new Sum(octets + more, packets + 1);
        }
    }

    /**
     * What was written.
     *
     * @param ipv4 sums by "source destination", addresses as {@code InetAddress} prints them
     * @param ipv6 the same for IPv6
     */
    record Written(Path file, TreeMap<String, Sum> ipv4, TreeMap<String, Sum> ipv6) {
        long octets() {
            return octets(ipv4) + octets(ipv6);
        }

        long packets() {
            return packets(ipv4) + packets(ipv6);
        }

        static long octets(TreeMap<String, Sum> sums) {
            return sums.values().stream().mapToLong(Sum::octets).sum();
        }

        static long packets(TreeMap<String, Sum> sums) {
            return sums.values().stream().mapToLong(Sum::packets).sum();
        }
    }

    private final SplittableRandom random;
    private final ByteBuffer out;
    private final TreeMap<String, Sum> ipv4 = new TreeMap<>();
    private final TreeMap<String, Sum> ipv6 = new TreeMap<>();
    private long micros;

    private SyntheticPcap(long seed, int packets, long startMs) {
        this.random = new SplittableRandom(seed);
        this.out = ByteBuffer.allocate(24 + packets * (16 + 40 + 20 + PAYLOAD_MAX));
        this.micros = startMs * 1_000;
    }

    /** Writes so many packets, 2.5 ms apart on average, the first at {@code startMs}. */
    static Written write(Path file, long seed, int packets, long startMs) throws IOException {
        SyntheticPcap pcap = new SyntheticPcap(seed, packets, startMs);
        pcap.out.putInt(0xa1b2_c3d4).putShort((short) 2).putShort((short) 4);
        pcap.out.putInt(0).putInt(0).putInt(65_535).putInt(LINKTYPE_RAW);
        for (int i = 0; i < packets; i++) {
            pcap.packet(i);
        }
        byte[] bytes = new byte[pcap.out.flip().remaining()];
        pcap.out.get(bytes);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, bytes);
        return new Written(file, pcap.ipv4, pcap.ipv6);
    }

    private void packet(int number) {
        micros += random.nextInt(1, 5_000);
        int flow = random.nextInt(FLOWS);
        boolean back = random.nextInt(10) < 4;
        boolean v6 = flow % 4 == 0;
        byte[] payload = transport(flow, number, back, v6);
        byte[] client = v6 ? ipv6(0, flow + 1) : ipv4(0x0a00_0001 + flow);
        byte[] server = v6 ? ipv6(1, flow / 7 + 1) : ipv4(0xc612_0001 + flow / 7);
        byte[] source = back ? server : client;
        byte[] destination = back ? client : server;
        int length = (v6 ? 40 : 20) + payload.length;
        out.putInt((int) (micros / 1_000_000)).putInt((int) (micros % 1_000_000));
        out.putInt(length).putInt(length);
        int protocol = protocol(flow, v6);
        if (v6) {
            out.putInt(0x6000_0000).putShort((short) payload.length);
            out.put((byte) protocol).put((byte) 64);
        } else {
            ipv4Header(length, number, protocol, source, destination);
        }
        out.put(source).put(destination).put(payload);
        (v6 ? ipv6 : ipv4)
                .merge(
                        name(source) + " " + name(destination),
                        new Sum(length, 1),
                        SyntheticPcap::add);
    }

    private static Sum add(Sum old, Sum more) {
        return old.plus(more.octets);
    }

    private static int protocol(int flow, boolean v6) {
        return switch (flow % 3) {
            case 0 -> TCP;
            case 1 -> UDP;
            default -> v6 ? ICMPV6 : ICMP;
        };
    }

    /** Header and payload above IP; checksums are left 0, for flow meters do not look at them. */
    private byte[] transport(int flow, int number, boolean back, boolean v6) {
        int length = random.nextInt(PAYLOAD_MAX);
        int client = 1_024 + flow;
        int server = flow % 3 == 0 ? 443 : 53;
        int ports = back ? server << 16 | client : client << 16 | server;
        ByteBuffer bytes = ByteBuffer.allocate(20 + length);
        switch (protocol(flow, v6)) {
            case TCP ->
                    bytes.putInt(ports).putInt(number).putInt(number).putInt(0x5018_1000).putInt(0);
            case UDP -> bytes.putInt(ports).putShort((short) (8 + length)).putShort((short) 0);
            default -> {
                int echo = v6 ? (back ? 129 : 128) : (back ? 0 : 8);
                bytes.put((byte) echo).put((byte) 0).putShort((short) 0).putInt(number);
            }
        }
        byte[] made = new byte[bytes.position() + length];
        bytes.get(0, made, 0, bytes.position());
        return made;
    }

    private void ipv4Header(int length, int number, int protocol, byte[] from, byte[] to) {
        ByteBuffer header = ByteBuffer.allocate(20);
        header.putShort((short) 0x4500).putShort((short) length);
        header.putShort((short) number).putShort((short) 0);
        header.put((byte) 64).put((byte) protocol).putShort((short) 0).put(from).put(to);
        int sum = 0;
        for (int at = 0; at < 20; at += 2) {
            sum += header.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        header.putShort(10, (short) ~sum);
        out.put(header.array(), 0, 12);
    }

    private static byte[] ipv4(int bits) {
        return ByteBuffer.allocate(4).putInt(bits).array();
    }

    private static byte[] ipv6(int subnet, int host) {
        return ByteBuffer.allocate(16).putInt(0x2001_0db8).putInt(subnet).putLong(host).array();
    }

    private static String name(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
