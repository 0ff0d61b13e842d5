package io.narwhal.component;

import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What two collectors journalled: one of flows, one of RADIUS accounting. Times are ms since {@link
 * #EPOCH_MS}; arrivals of each must be told in order.
 */
final class SubscriberScript {
    static final long EPOCH_MS = 1_700_000_000_000L;
    private static final int UPTIME_MS = 100_000_000;

    /** A frame of a received journal. */
    record Frame(long arrivalMs, byte[] payload) {}

    final List<Frame> flows = new ArrayList<>();
    final List<Frame> requests = new ArrayList<>();
    private final int[] sequences = new int[8];

    /** A flow from this host of 10.0.0.0/24, by an exporter of its own port. */
    SubscriberScript flow(long arrivalMs, int host, long startMs, long endMs, int octets) {
        return flow(arrivalMs, 0, host, startMs, endMs, octets);
    }

    /** As above, from one of eight exporters. */
    SubscriberScript flow(
            long arrivalMs, int exporter, int host, long startMs, long endMs, int octets) {
        ByteBuffer out = ByteBuffer.allocate(24 + 48);
        out.putShort((short) 5).putShort((short) 1).putInt(UPTIME_MS);
        out.putInt((int) ((EPOCH_MS + arrivalMs) / 1_000));
        out.putInt((int) ((EPOCH_MS + arrivalMs) % 1_000) * 1_000_000);
        out.putInt(sequences[exporter]++).putShort((short) 7).putShort((short) 0);
        out.putInt(0x0a000000 | host).putInt(0xc6336401).putInt(0).putInt(0);
        out.putInt(1).putInt(octets);
        out.putInt((int) (UPTIME_MS + startMs - arrivalMs));
        out.putInt((int) (UPTIME_MS + endMs - arrivalMs));
        out.putInt(0).putInt(0).putInt(0).putInt(0);
        flows.add(
                new Frame(
                        arrivalMs,
                        block(
                                ReceivedBlock.Kind.DATAGRAMS,
                                arrivalMs,
                                flows.size(),
                                2000 + exporter,
                                out.array())));
        return this;
    }

    /** A session of this user began; the address is host of 10.0.0.0/24. */
    SubscriberScript start(long arrivalMs, String user, int host, long eventMs) {
        return request(arrivalMs, 1, user, host, eventMs, -1);
    }

    /** A session of this user ended. */
    SubscriberScript stop(long arrivalMs, String user, int host, long eventMs, int seconds) {
        return request(arrivalMs, 2, user, host, eventMs, seconds);
    }

    private SubscriberScript request(
            long arrivalMs, int status, String user, int host, long eventMs, int seconds) {
        ByteBuffer out = ByteBuffer.allocate(400);
        out.position(20);
        integer(out, 40, status);
        text(out, 44, "s-" + user);
        text(out, 1, user);
        text(out, 32, "nas-1");
        integer(out, 8, 0x0a000000 | host);
        integer(out, 55, (int) ((EPOCH_MS + eventMs) / 1_000));
        if (seconds >= 0) {
            integer(out, 46, seconds);
            integer(out, 42, 1_000);
            integer(out, 43, 2_000);
        }
        out.put(0, (byte) 4).put(1, (byte) requests.size()).putShort(2, (short) out.position());
        byte[] packet = Arrays.copyOf(out.array(), out.position());
        requests.add(
                new Frame(
                        arrivalMs,
                        block(
                                ReceivedBlock.Kind.REQUESTS,
                                arrivalMs,
                                requests.size(),
                                1813,
                                packet)));
        return this;
    }

    private static void integer(ByteBuffer out, int type, int value) {
        out.put((byte) type).put((byte) 6).putInt(value);
    }

    private static void text(ByteBuffer out, int type, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.put((byte) type).put((byte) (2 + bytes.length)).put(bytes);
    }

    /** Both collectors say that nothing came. */
    SubscriberScript tick(long arrivalMs) {
        return tickFlows(arrivalMs).tickRequests(arrivalMs);
    }

    SubscriberScript tickFlows(long arrivalMs) {
        flows.add(mark(ReceivedBlock.Kind.TICK, arrivalMs, flows.size()));
        return this;
    }

    SubscriberScript tickRequests(long arrivalMs) {
        requests.add(mark(ReceivedBlock.Kind.TICK, arrivalMs, requests.size()));
        return this;
    }

    /** The collector of flows ended for good. */
    SubscriberScript closeFlows(long arrivalMs) {
        flows.add(mark(ReceivedBlock.Kind.CLOSE, arrivalMs, flows.size()));
        return this;
    }

    /** The collector of requests ended for good. */
    SubscriberScript closeRequests(long arrivalMs) {
        requests.add(mark(ReceivedBlock.Kind.CLOSE, arrivalMs, requests.size()));
        return this;
    }

    private static Frame mark(ReceivedBlock.Kind kind, long arrivalMs, int batch) {
        return new Frame(arrivalMs, block(kind, arrivalMs, batch, 0, new byte[0]));
    }

    private static byte[] block(
            ReceivedBlock.Kind kind, long arrivalMs, int batch, int port, byte[] payload) {
        int count = payload.length == 0 ? 0 : 1;
        var out = ByteBuffer.allocate(56 + count * 20 + payload.length);
        new ReceivedBlock.Header(
                        kind,
                        0,
                        0,
                        Transport.UDP,
                        count,
                        (EPOCH_MS + arrivalMs) * 1_000,
                        batch,
                        1,
                        0,
                        0,
                        0)
                .write(out);
        if (count > 0) {
            ReceivedBlock.writeDatagramHeader(
                    out, payload.length, port, 0, Addresses.ofIpv4(0xc0000201));
            out.put(payload);
        }
        return out.array();
    }
}
