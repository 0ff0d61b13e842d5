package io.narwhal.generate;

import java.nio.ByteBuffer;

/**
 * NetFlow version 5: a header of 24 bytes, records of 48.
 *
 * <pre>
 * header  0 version | 2 count | 4 sysUptime ms | 8 secs | 12 nsecs | 16 flow sequence
 *         20 engine type | 21 engine id | 22 sampling
 * record  0 source | 4 destination | 8 next hop | 12 in | 14 out | 16 packets | 20 octets
 *         24 first | 28 last | 32 ports | 37 TCP flags | 38 protocol | 39 tos | 40 AS numbers
 *         44 masks
 * </pre>
 */
final class V5Exporter extends Exporter {
    private static final int HEADER_BYTES = 24;
    private static final int RECORD_BYTES = 48;

    private final FlowMix mix;
    private final int pairs;
    private int sequence;

    V5Exporter(int number, TrafficPlan plan, Pairs pairs) {
        super(number, plan);
        this.mix = new FlowMix(pairs, plan.seed() * 1_000 + number);
        this.pairs = pairs.ipv4();
    }

    @Override
    int write(ByteBuffer buffer, int at, int count, long nowMs, Sums sums) {
        buffer.putShort(at, (short) 5);
        buffer.putShort(at + 2, (short) count);
        buffer.putInt(at + 4, (int) (nowMs - bootMs));
        buffer.putInt(at + 8, (int) (nowMs / 1_000));
        buffer.putInt(at + 12, (int) (nowMs % 1_000) * 1_000_000);
        buffer.putInt(at + 16, sequence);
        buffer.putInt(at + 20, (domain & 255) << 16);
        sequence += count;
        int place = at + HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            mix.next(flow, 0, pairs, nowMs, false);
            writeRecord(buffer, place);
            count(sums);
            place += RECORD_BYTES;
        }
        return place - at;
    }

    private void writeRecord(ByteBuffer buffer, int at) {
        buffer.putInt(at, Pairs.sourceV4(flow.source));
        buffer.putInt(at + 4, Pairs.destinationV4(flow.destination));
        buffer.putInt(at + 8, flow.nextHopV4());
        buffer.putInt(at + 12, flow.inInterface() << 16 | flow.outInterface());
        buffer.putInt(at + 16, (int) flow.packets);
        buffer.putInt(at + 20, (int) flow.octets);
        buffer.putInt(at + 24, (int) (flow.startMs - bootMs));
        buffer.putInt(at + 28, (int) (flow.endMs - bootMs));
        buffer.putInt(at + 32, flow.sourcePort << 16 | flow.destinationPort);
        buffer.putInt(at + 36, flow.tcpFlags << 16 | flow.protocol << 8 | flow.tos);
        buffer.putInt(at + 40, flow.sourceAs() << 16 | flow.destinationAs());
        buffer.putInt(at + 44, 24 << 24 | 15 << 16);
    }
}
