package io.narwhal.wire;

import io.narwhal.record.Addresses;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** UDP datagrams of a classic pcap file: Ethernet, IPv4 or IPv6, no options, no fragments. */
public final class Pcap {
    /** One datagram. */
    public record Datagram(long high, long low, int port, long arrivalMicros, byte[] payload) {}

    private Pcap() {}

    public static List<Datagram> read(Path file) throws IOException {
        ByteBuffer pcap = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (pcap.getInt(0) != 0xa1b2c3d4) {
            throw new IOException(file + ": not a little-endian pcap with microseconds");
        }
        List<Datagram> datagrams = new ArrayList<>();
        int at = 24;
        while (at < pcap.capacity()) {
            long micros =
                    (pcap.getInt(at) & 0xffff_ffffL) * 1_000_000
                            + (pcap.getInt(at + 4) & 0xffff_ffffL);
            int captured = pcap.getInt(at + 8);
            ByteBuffer frame = pcap.slice(at + 16, captured).order(ByteOrder.BIG_ENDIAN);
            datagrams.add(datagram(frame, micros));
            at += 16 + captured;
        }
        return datagrams;
    }

    private static Datagram datagram(ByteBuffer frame, long micros) {
        boolean ipv4 = frame.getShort(12) == 0x0800;
        int udp = 14 + (ipv4 ? (frame.get(14) & 15) * 4 : 40);
        byte[] payload = new byte[(frame.getShort(udp + 4) & 0xffff) - 8];
        frame.get(udp + 8, payload);
        return new Datagram(
                ipv4 ? 0 : frame.getLong(14 + 8),
                ipv4 ? Addresses.ofIpv4(frame.getInt(14 + 12)) : frame.getLong(14 + 16),
                frame.getShort(udp) & 0xffff,
                micros,
                payload);
    }
}
