package io.narwhal.generate;

import java.nio.ByteBuffer;

/**
 * NetFlow versions 1, 5 and 7: a header, then records of one layout. The first 36 bytes of a record
 * are the same in all three.
 *
 * <pre>
 * header  0 version | 2 count | 4 sysUptime ms | 8 secs | 12 nsecs
 *         v5, v7: 16 flow sequence
 *         v5: 20 engine type | 21 engine id | 22 sampling     v7: 20 reserved
 * record  0 source | 4 destination | 8 next hop | 12 in | 14 out | 16 packets | 20 octets
 *         24 first | 28 last | 32 ports
 *         v1: 38 protocol | 39 tos | 40 TCP flags | 41 to 47 unused
 *         v5: 37 TCP flags | 38 protocol | 39 tos | 40 AS numbers | 44 masks
 *         v7: as v5, then 46 flags: what is not valid | 48 the router that was bypassed
 * </pre>
 */
final class FixedExporter extends Exporter {
    private final Protocol protocol;
    private final int version;
    private final int headerBytes;
    private final int recordBytes;
    private final FlowMix mix;
    private final int pairs;
    private int sequence;

    FixedExporter(int number, TrafficPlan plan, Pairs pairs) {
        super(number, plan);
        this.protocol = plan.protocol(number);
        this.version = protocol == Protocol.V1 ? 1 : protocol == Protocol.V5 ? 5 : 7;
        this.headerBytes = protocol == Protocol.V1 ? 16 : 24;
        this.recordBytes = protocol == Protocol.V7 ? 52 : 48;
        this.mix = new FlowMix(pairs, plan.seed() * 1_000 + number);
        this.pairs = pairs.ipv4();
    }

    @Override
    int write(ByteBuffer buffer, int at, int count, long nowMs, Sums sums) {
        buffer.putShort(at, (short) version);
        buffer.putShort(at + 2, (short) count);
        buffer.putInt(at + 4, (int) (nowMs - bootMs));
        buffer.putInt(at + 8, (int) (nowMs / 1_000));
        buffer.putInt(at + 12, (int) (nowMs % 1_000) * 1_000_000);
        if (protocol != Protocol.V1) {
            buffer.putInt(at + 16, sequence);
            buffer.putInt(at + 20, protocol == Protocol.V5 ? (domain & 255) << 16 : 0);
        }
        sequence += count;
        int place = at + headerBytes;
        for (int i = 0; i < count; i++) {
            mix.next(flow, 0, pairs, nowMs, false);
            writeRecord(buffer, place);
            count(sums);
            place += recordBytes;
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
        if (protocol == Protocol.V1) {
            buffer.putInt(at + 36, flow.protocol << 8 | flow.tos);
            buffer.putInt(at + 40, flow.tcpFlags << 24);
            buffer.putInt(at + 44, 0);
            return;
        }
        buffer.putInt(at + 36, flow.tcpFlags << 16 | flow.protocol << 8 | flow.tos);
        buffer.putInt(at + 40, flow.sourceAs() << 16 | flow.destinationAs());
        buffer.putInt(at + 44, 24 << 24 | 15 << 16);
        if (protocol == Protocol.V7) {
            buffer.putInt(at + 48, flow.nextHopV4());
        }
    }
}
