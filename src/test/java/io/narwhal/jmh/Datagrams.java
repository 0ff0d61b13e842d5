package io.narwhal.jmh;

import io.narwhal.Recorder;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.TrafficPlan;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Datagrams to decode again and again: each pass carries the next sequence numbers, so that no
 * decoder takes them for duplicates.
 */
final class Datagrams {
    static final int RECORDS_PER_DATAGRAM = 24;

    private final List<Recorder.Sent> all;
    private final Map<Integer, Integer> perPass = new HashMap<>();
    private final ByteBuffer[] buffers;

    private Datagrams(List<Recorder.Sent> all) {
        this.all = all;
        this.buffers =
                all.stream().map(s -> ByteBuffer.wrap(s.payload())).toArray(ByteBuffer[]::new);
        all.forEach(s -> perPass.merge(s.exporter(), units(s.payload()), Integer::sum));
    }

    /** What the generator makes. */
    static Datagrams generated(Protocol protocol, int exporters, int records, int pairs) {
        return new Datagrams(
                Recorder.record(
                        TrafficPlan.to(new InetSocketAddress("127.0.0.1", 9))
                                .protocols(protocol)
                                .exporters(exporters)
                                .records(records)
                                .recordsPerDatagram(RECORDS_PER_DATAGRAM)
                                .pairs(pairs)
                                .startMs(1_767_225_600_000L)
                                .build()));
    }

    /** IPFIX whose records have a name of 3 to 18 bytes. */
    static Datagrams variableLength(int records) {
        List<Recorder.Sent> sent = new ArrayList<>();
        for (int sequence = 0; sequence < records; sequence += RECORDS_PER_DATAGRAM) {
            sent.add(new Recorder.Sent(0, variableLength(sequence, sequence == 0)));
        }
        return new Datagrams(sent);
    }

    private static byte[] variableLength(int sequence, boolean template) {
        int[][] fields = {
            {8, 4},
            {12, 4},
            {7, 2},
            {11, 2},
            {371, 65_535},
            {4, 1},
            {2, 8},
            {1, 8},
            {152, 8},
            {153, 8}
        };
        ByteBuffer out = ByteBuffer.allocate(8_192);
        out.putShort((short) 10).putShort((short) 0).putInt(1_767_225_600).putInt(sequence);
        out.putInt(1);
        if (template) {
            out.putShort((short) 2).putShort((short) (8 + 4 * fields.length));
            out.putShort((short) 256).putShort((short) fields.length);
            for (int[] field : fields) {
                out.putShort((short) field[0]).putShort((short) field[1]);
            }
        }
        int set = out.position();
        out.putInt(256 << 16);
        for (int i = sequence; i < sequence + RECORDS_PER_DATAGRAM; i++) {
            int name = 3 + i % 16;
            out.putInt(0x0a00_0000 + i).putInt(0xc612_0000 + i).putInt(i << 16 | 443);
            out.put((byte) name).position(out.position() + name);
            out.put((byte) 6).putLong(1 + i % 100).putLong(100 + i % 10_000);
            out.putLong(1_767_225_590_000L + i % 1_000).putLong(1_767_225_599_000L);
        }
        out.putShort(set + 2, (short) (out.position() - set)).putShort(2, (short) out.position());
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    private static int version(byte[] payload) {
        return payload[1]; // sFlow has its version in four bytes, so 0 here
    }

    /** What one datagram adds to its exporter's number: itself, or its records. */
    private static int units(byte[] payload) {
        return switch (version(payload)) {
            case 0, 9 -> 1;
            default -> RECORDS_PER_DATAGRAM;
        };
    }

    /** Where a buffer has the number: behind this place, which is where its payload begins. */
    private static int sequenceAt(byte[] payload) {
        return switch (version(payload)) {
            case 9 -> 12;
            case 10 -> 8;
            default -> 16;
        };
    }

    int count() {
        return all.size();
    }

    Recorder.Sent get(int i) {
        return all.get(i);
    }

    /** Gives a datagram the number that it has one pass later; version 1 has none. */
    void next(int i) {
        next(i, buffers[i], 0);
    }

    /** The same, where a copy of it lies elsewhere. */
    void next(int i, ByteBuffer buffer, int at) {
        byte[] payload = all.get(i).payload();
        if (version(payload) != 1) {
            int place = at + sequenceAt(payload);
            buffer.putInt(place, buffer.getInt(place) + perPass.get(all.get(i).exporter()));
        }
    }
}
