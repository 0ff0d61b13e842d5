package io.narwhal;

import io.narwhal.base.Clock;
import io.narwhal.base.SentDatagrams;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a traffic source would send, in order. */
public final class Recorder extends SentDatagrams {
    private final List<Sent> sent = new ArrayList<>();

    /** A datagram of the exporter of this number. */
    public record Sent(int exporter, byte[] payload) {
        /** Where it comes from. */
        public InetSocketAddress source() {
            return address(exporter);
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
    public void send(int socket, int[] lengths, int count) {
        for (int slot = 0; slot < count; slot++) {
            byte[] payload = new byte[lengths[slot]];
            datagram(slot, lengths[slot]).get(payload);
            sent.add(new Sent(socket, payload));
        }
    }
}
