package io.narwhal.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes capture files: classic pcap, little-endian, Ethernet. The same input, the same bytes. */
final class PcapFile {
    /** Bytes before the payload of a datagram: Ethernet, IPv4, UDP. */
    static final int HEADERS_BYTES = 14 + 20 + 8;

    private static final int ETHERNET = 1;

    /** A frame, and when it was seen, microseconds since 1970. */
    record Frame(long micros, byte[] bytes) {}

    private PcapFile() {}

    /** Datagrams from their IPv4 sources to a port of 127.0.0.1. */
    static byte[] ofDatagrams(List<Pcap.Datagram> datagrams, int port) {
        return of(datagrams.stream().map(d -> frame(d, port)).toList());
    }

    static byte[] of(List<Frame> frames) {
        int size = 24 + frames.stream().mapToInt(f -> 16 + f.bytes.length).sum();
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0xa1b2_c3d4).putShort((short) 2).putShort((short) 4);
        out.putLong(0).putInt(65_535).putInt(ETHERNET);
        for (Frame frame : frames) {
            out.putInt((int) (frame.micros / 1_000_000)).putInt((int) (frame.micros % 1_000_000));
            out.putInt(frame.bytes.length).putInt(frame.bytes.length).put(frame.bytes);
        }
        return out.array();
    }

    private static Frame frame(Pcap.Datagram datagram, int port) {
        int length = HEADERS_BYTES + datagram.payload().length;
        ByteBuffer out = ByteBuffer.allocate(length);
        out.put(new byte[12]).putShort((short) 0x0800);
        out.putInt(0x4500_0000 | length - 14).putInt(0).putInt(64 << 24 | 17 << 16);
        out.putInt((int) datagram.low()).putInt(0x7f00_0001);
        out.putInt(datagram.port() << 16 | port).putInt(length - 34 << 16);
        out.put(datagram.payload());
        return new Frame(datagram.arrivalMicros(), out.array());
    }
}
