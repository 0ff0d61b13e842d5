package io.narwhal.capture;

import io.narwhal.base.SentDatagrams;
import io.narwhal.record.Addresses;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Instead of sending datagrams, captures them: what goes out at 1 ms each is in the capture. */
public final class CaptureSender extends SentDatagrams {
    private static final int COLLECTOR = 0xc000_02fe;

    private final List<Sent> sent = new ArrayList<>();
    private final long startMicros;

    /** A datagram as it would have left. */
    public record Sent(long micros, InetSocketAddress from, byte[] payload) {}

    /** The first datagram goes out at this time. */
    public CaptureSender(long startMicros) {
        this.startMicros = startMicros;
    }

    /** What was sent, in order. */
    public List<Sent> sent() {
        return sent;
    }

    /**
     * The capture of a part of it, of Ethernet frames; datagrams above 1,000 octets in fragments.
     */
    public static byte[] pcap(List<Sent> sent) {
        List<Captures.Captured> packets = new ArrayList<>();
        for (Sent one : sent) {
            int from = (int) Addresses.low(one.from().getAddress());
            byte[] udp = Captures.udp(one.from().getPort(), 2_055, one.payload());
            List<byte[]> pieces = Captures.fragments4(from, COLLECTOR, packets.size(), udp, 1_000);
            for (byte[] piece : pieces.reversed()) {
                packets.add(new Captures.Captured(one.micros(), Captures.ethernet(0x0800, piece)));
            }
        }
        return Captures.pcap(Captures.ETHERNET, packets);
    }

    @Override
    public void send(int socket, int[] lengths, int count) {
        for (int slot = 0; slot < count; slot++) {
            byte[] datagram = new byte[lengths[slot]];
            datagram(slot, lengths[slot]).get(datagram);
            sent.add(new Sent(startMicros + sent.size() * 1_000L, source(socket), datagram));
        }
    }
}
