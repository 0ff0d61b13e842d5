package io.narwhal;

import io.narwhal.base.Clock;
import io.narwhal.base.UdpSender;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a traffic source would send, in order. */
public final class Recorder implements UdpSender {
    private static final int SLOT_BYTES = 8_192;
    private static final int PORT_FIRST = 40_000;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SLOT_BYTES);
    private final List<Sent> sent = new ArrayList<>();

    /** A datagram of the exporter of this number. */
    public record Sent(int exporter, byte[] payload) {
        /** Where it comes from. */
        public InetSocketAddress source() {
            return new InetSocketAddress("127.0.0." + (11 + exporter), PORT_FIRST + exporter);
        }
    }

    private Recorder() {}

    /** All datagrams of a plan. The exporters take turns if the plan is slow enough. */
    public static List<Sent> record(TrafficPlan plan) {
        Recorder recorder = new Recorder();
        try (TrafficSource source = new TrafficSource(plan, recorder, Clock.system())) {
            source.run(_ -> {});
        }
        return recorder.sent;
    }

    @Override
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public int slotBytes() {
        return SLOT_BYTES;
    }

    @Override
    public int slots() {
        return 1;
    }

    @Override
    public void send(int socket, int[] lengths, int count) {
        byte[] payload = new byte[lengths[0]];
        buffer.get(0, payload);
        sent.add(new Sent(socket, payload));
    }

    @Override
    public InetSocketAddress source(int socket) {
        return new Sent(socket, new byte[0]).source();
    }

    @Override
    public void close() {}
}
