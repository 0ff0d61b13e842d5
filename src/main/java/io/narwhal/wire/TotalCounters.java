package io.narwhal.wire;

import io.narwhal.record.Field;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Turns the totals of a flow, which its records repeat as they grow, into what came since the
 * record before. A flow is told by the fields of the template that name it: addresses, ports,
 * protocol, type of service, interfaces, VLAN, ICMP type, the exporter's own number of the flow,
 * and its start.
 */
final class TotalCounters {
    private static final Set<Integer> NAMING =
            Set.of(
                    Element.PROTOCOL_IDENTIFIER,
                    Element.IP_CLASS_OF_SERVICE,
                    Element.SOURCE_TRANSPORT_PORT,
                    Element.SOURCE_IPV4_ADDRESS,
                    Element.INGRESS_INTERFACE,
                    Element.DESTINATION_TRANSPORT_PORT,
                    Element.DESTINATION_IPV4_ADDRESS,
                    Element.EGRESS_INTERFACE,
                    Element.FLOW_START_SYS_UP_TIME,
                    Element.SOURCE_IPV6_ADDRESS,
                    Element.DESTINATION_IPV6_ADDRESS,
                    Element.ICMP_TYPE_CODE_IPV4,
                    Element.VLAN_ID,
                    Element.ICMP_TYPE_CODE_IPV6,
                    Element.FLOW_ID,
                    Element.FLOW_START_SECONDS,
                    Element.FLOW_START_MILLISECONDS,
                    Element.FLOW_START_MICROSECONDS,
                    Element.FLOW_START_NANOSECONDS);

    /** Values of flowEndReason (136): the flow goes on, only its record is written. */
    private static final int ACTIVE_TIMEOUT = 2;

    /** The last value that the registry gives; above it nothing is known to have ended. */
    private static final int LACK_OF_RESOURCES = 5;

    private final Template template;

    /** By element, so that two templates with the same fields name a flow alike. */
    private final int[] naming;

    /** By counter: the column of forward octets and packets, and again for the reverse ones. */
    private final long[][] columns;

    /** By counter: the field that tells a total; −1 where it is a delta, or there is none. */
    private final int[] fields;

    private final int endReason;
    private final int[] places;
    private final int[] widths;

    private TotalCounters(Template template, int[] fields, Columns columns) {
        this.template = template;
        this.fields = fields;
        long[] octets = columns.low(Field.OCTETS);
        long[] packets = columns.low(Field.PACKETS);
        this.columns = new long[][] {octets, packets, octets, packets};
        this.naming =
                IntStream.range(0, template.elements.length)
                        .filter(i -> NAMING.contains(template.elements[i]))
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> template.elements[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        this.endReason = template.field(Element.FLOW_END_REASON);
        this.places = new int[template.elements.length];
        this.widths = new int[template.elements.length];
    }

    /** Null where no counter that is used is a total. */
    static @Nullable TotalCounters of(
            Template template, int[] forward, int @Nullable [] reverse, Columns columns) {
        int[] back = reverse == null ? new int[0] : reverse;
        int[] fields = {
            total(forward, Element.OCTET_DELTA_COUNT, Element.OCTET_TOTAL_COUNT),
            total(forward, Element.PACKET_DELTA_COUNT, Element.PACKET_TOTAL_COUNT),
            total(back, Element.OCTET_DELTA_COUNT, Element.OCTET_TOTAL_COUNT),
            total(back, Element.PACKET_DELTA_COUNT, Element.PACKET_TOTAL_COUNT)
        };
        return Arrays.stream(fields).allMatch(field -> field < 0)
                ? null
                : new TotalCounters(template, fields, columns);
    }

    private static int total(int[] elements, int delta, int total) {
        List<Integer> all = Arrays.stream(elements).boxed().toList();
        return all.contains(delta) ? -1 : all.indexOf(total);
    }

    /**
     * Replaces the totals of the record at {@code at} in its row, and in the row of its reverse
     * direction behind, by their growth.
     */
    void difference(ColumnOp.Context c, byte[] bytes, int at, int end, int row) {
        template.walk(bytes, at, end, places, widths);
        Totals totals = c.scope.totals;
        long high = hash(bytes, 0x9e37_79b9_7f4a_7c15L);
        long low = hash(bytes, 0);
        if (totals.isBeyondMemory(high, low, c.header)) {
            for (int i = 0; i < Totals.COUNTERS; i++) {
                if (fields[i] >= 0) {
                    columns[i][row + i / 2] = 0;
                }
            }
            return;
        }
        int entry = totals.touch(high, low, c.header);
        boolean late = totals.isOlder(entry, c.header);
        for (int i = 0; i < Totals.COUNTERS; i++) {
            if (fields[i] >= 0) {
                int place = row + i / 2;
                columns[i][place] =
                        late ? 0 : growth(totals, entry, i, columns[i][place], widths[fields[i]]);
            }
        }
        if (!late && hasEnded(bytes)) {
            totals.end(entry);
        }
    }

    private static long growth(Totals totals, int entry, int counter, long total, int width) {
        long last = totals.get(entry, counter);
        totals.set(entry, counter, total);
        if (Long.compareUnsigned(total, last) >= 0) {
            return total - last;
        }
        // From the top quarter of what the field can hold to the lowest one it has wrapped.
        // Anything else that shrinks began anew, and all of it came since.
        int bits = 8 * width;
        boolean wrapped = bits < 64 && last >>> bits - 2 == 3 && total >>> bits - 2 == 0;
        return wrapped ? total - last + (1L << bits) : total;
    }

    // Also a record without a reason may be the last of its flow: its entry goes when others need
    // the room.
    private boolean hasEnded(byte[] bytes) {
        if (endReason < 0 || widths[endReason] < 1 || widths[endReason] > 8) {
            return false;
        }
        long reason = Wire.number(bytes, places[endReason], widths[endReason]);
        return reason >= 1 && reason <= LACK_OF_RESOURCES && reason != ACTIVE_TIMEOUT;
    }

    /** Half of the name of the record that was walked last. */
    private long hash(byte[] bytes, long seed) {
        long hash = seed;
        for (int field : naming) {
            hash = mixed(hash, template.elements[field]);
            int width = widths[field];
            int from = places[field];
            if (width <= 8) {
                hash = mixed(hash, width == 0 ? 0 : Wire.number(bytes, from, width));
                continue;
            }
            for (int at = from; at < from + width; at += 8) {
                hash = mixed(hash, Wire.number(bytes, at, Math.min(8, from + width - at)));
            }
        }
        return hash;
    }

    // The finalizer of SplitMix64 over the sum: every bit of either decides about all of it.
    private static long mixed(long hash, long value) {
        long mixed = (hash ^ value) * 0x9e37_79b9_7f4a_7c15L + 0x632b_e59b_d9b4_e019L;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
