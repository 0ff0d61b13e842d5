package io.narwhal.generate;

import java.nio.ByteBuffer;

/** One exporter: its protocol's headers and sequence numbers, and what it has sent so far. */
abstract sealed class Exporter permits FixedExporter, TemplateExporter, SflowExporter {
    /** Headers, both templates, set headers and padding: the most bytes that are not records. */
    static final int OVERHEAD_BYTES_MAX =
            Math.max(
                    20 + 4 + 2 * (4 + 4 * Layout.FIELDS) + 2 * (4 + 3),
                    SflowExporter.OVERHEAD_BYTES);

    /** The most bytes of a record in any of these protocols. */
    static int recordBytesMax(java.util.List<Protocol> protocols) {
        return protocols.contains(Protocol.SFLOW)
                ? SflowExporter.SAMPLE_BYTES_MAX
                : Layout.RECORD_BYTES_MAX;
    }

    private static final long HOUR_MS = 3_600_000;

    final int number;
    final int domain;
    final long bootMs;
    final Flow flow = new Flow();
    private final TrafficPlan plan;

    /** Datagrams made so far, withheld ones included. */
    private long made;

    private long datagrams;
    private long records;
    private long octets;
    private long packets;
    private long withheldDatagrams;
    private long withheldRecords;
    private long pendingDatagrams;
    private long pendingRecords;

    Exporter(int number, TrafficPlan plan) {
        this.number = number;
        this.domain = domain(plan.protocol(number), number);
        this.plan = plan;
        this.bootMs = plan.startMs() - (number + 1) * HOUR_MS - 123;
    }

    private static int domain(Protocol protocol, int number) {
        return switch (protocol) {
            case V1, V7 -> 0;
            case V5, V9, IPFIX, SFLOW -> number + 1;
        };
    }

    static Exporter of(int number, TrafficPlan plan, Pairs pairs) {
        return switch (plan.protocol(number)) {
            case V1, V5, V7 -> new FixedExporter(number, plan, pairs);
            case V9 -> new TemplateExporter(number, plan, pairs, false);
            case IPFIX -> new TemplateExporter(number, plan, pairs, true);
            case SFLOW -> new SflowExporter(number, plan, pairs);
        };
    }

    /** Whether the next datagram is one that the plan leaves out. */
    final boolean withholdsNext() {
        int every = plan.withholdEvery();
        return every > 0 && (made + 1) % every == 0 && made != plan.templatesAfterDatagrams();
    }

    /** Whether the next datagram carries the templates. */
    final boolean templatesNext() {
        long since = made - plan.templatesAfterDatagrams();
        return since == 0
                || since > 0
                        && since % plan.templateRefreshDatagrams() == 0
                        && !plan.templatesOnce().contains(number);
    }

    /**
     * Makes the next datagram, adds it to the truth unless it is withheld, and returns its bytes.
     */
    final int make(ByteBuffer buffer, int at, int count, long nowMs, Sums sums, boolean withheld) {
        int bytes = write(buffer, at, count, nowMs, withheld ? Sums.NONE : sums);
        made++;
        if (withheld) {
            pendingDatagrams++;
            pendingRecords += count;
        } else {
            // A gap shows itself only by a later datagram, so until then it is not missing.
            withheldDatagrams += pendingDatagrams;
            withheldRecords += pendingRecords;
            pendingDatagrams = 0;
            pendingRecords = 0;
            datagrams++;
            records += count;
        }
        return bytes;
    }

    /** Writes a datagram of {@code count} records, advances the sequence, returns its bytes. */
    abstract int write(ByteBuffer buffer, int at, int count, long nowMs, Sums sums);

    final void count(Sums sums) {
        if (sums.add(flow)) {
            octets += flow.octets;
            packets += flow.packets;
        }
    }

    final Truth.Exporter truth(String address, int port) {
        Protocol protocol = plan.protocol(number);
        long missing =
                switch (protocol) {
                    case V1 -> 0;
                    case V5, V7, IPFIX -> withheldRecords;
                    case V9, SFLOW -> withheldDatagrams;
                };
        return new Truth.Exporter(
                address, port, protocol, domain, datagrams, records, octets, packets, missing);
    }
}
