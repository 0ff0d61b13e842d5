package io.narwhal.generate;

import java.nio.ByteBuffer;

/**
 * NetFlow version 9 (RFC 3954 section 5) and IPFIX (RFC 7011 section 3): a template set when due,
 * then one data set for each address family.
 */
final class TemplateExporter extends Exporter {
    private static final int SET_HEADER_BYTES = 4;

    private final boolean ipfix;
    private final int headerBytes;
    private final Layout v4;
    private final Layout v6;
    private final FlowMix mix;
    private final int pairsV4;
    private final int pairsV6;
    private final int ipv6Percent;

    /** Hundredths of IPv6 records that were due but did not make a whole one. */
    private int ipv6Rest;

    private int sequence;

    TemplateExporter(int number, TrafficPlan plan, Pairs pairs, boolean ipfix) {
        super(number, plan);
        this.ipfix = ipfix;
        this.headerBytes = ipfix ? 16 : 20;
        this.v4 = new Layout(ipfix, false, number);
        this.v6 = new Layout(ipfix, true, number);
        this.mix = new FlowMix(pairs, plan.seed() * 1_000 + number);
        this.pairsV4 = pairs.ipv4();
        this.pairsV6 = pairs.size() - pairs.ipv4();
        this.ipv6Percent = pairsV6 == 0 ? 0 : pairsV4 == 0 ? 100 : plan.ipv6Percent();
    }

    @Override
    int write(ByteBuffer buffer, int at, int count, long nowMs, Sums sums) {
        // A version 9 header tells the time in whole seconds, so its flows are counted from one.
        long headerMs = ipfix ? nowMs : nowMs / 1_000 * 1_000;
        ipv6Rest += count * ipv6Percent;
        int countV6 = ipv6Rest / 100;
        ipv6Rest %= 100;
        int place = at + headerBytes;
        boolean templates = templatesNext();
        if (templates) {
            place += writeTemplates(buffer, place);
        }
        place += writeSet(buffer, place, v4, count - countV6, headerMs, sums);
        place += writeSet(buffer, place, v6, countV6, headerMs, sums);
        int bytes = place - at;
        if (ipfix) {
            writeIpfixHeader(buffer, at, bytes, headerMs);
            sequence += count;
        } else {
            writeV9Header(buffer, at, count + (templates ? 2 : 0), headerMs);
            sequence++;
        }
        return bytes;
    }

    private void writeV9Header(ByteBuffer buffer, int at, int records, long headerMs) {
        buffer.putShort(at, (short) 9);
        buffer.putShort(at + 2, (short) records);
        buffer.putInt(at + 4, (int) (headerMs - bootMs));
        buffer.putInt(at + 8, (int) (headerMs / 1_000));
        buffer.putInt(at + 12, sequence);
        buffer.putInt(at + 16, domain);
    }

    private void writeIpfixHeader(ByteBuffer buffer, int at, int bytes, long headerMs) {
        buffer.putShort(at, (short) 10);
        buffer.putShort(at + 2, (short) bytes);
        buffer.putInt(at + 4, (int) (headerMs / 1_000));
        buffer.putInt(at + 8, sequence);
        buffer.putInt(at + 12, domain);
    }

    private int writeTemplates(ByteBuffer buffer, int at) {
        int place = at + SET_HEADER_BYTES;
        place += v4.writeTemplate(buffer, place);
        place += v6.writeTemplate(buffer, place);
        buffer.putShort(at, (short) (ipfix ? 2 : 0));
        buffer.putShort(at + 2, (short) (place - at));
        return place - at;
    }

    private int writeSet(
            ByteBuffer buffer, int at, Layout layout, int count, long nowMs, Sums sums) {
        if (count == 0) {
            return 0;
        }
        int first = layout.ipv6 ? pairsV4 : 0;
        int pairs = layout.ipv6 ? pairsV6 : pairsV4;
        int place = at + SET_HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            mix.next(flow, first, pairs, nowMs, layout.wide);
            layout.write(buffer, place, flow, bootMs);
            count(sums);
            place += layout.recordBytes;
        }
        // Version 9 wants its sets on 32-bit boundaries; IPFIX leaves the choice.
        while (!ipfix && (place - at & 3) != 0) {
            buffer.put(place++, (byte) 0);
        }
        buffer.putShort(at, (short) layout.templateId);
        buffer.putShort(at + 2, (short) (place - at));
        return place - at;
    }
}
