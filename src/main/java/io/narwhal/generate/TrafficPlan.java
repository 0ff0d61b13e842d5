package io.narwhal.generate;

import io.narwhal.base.UdpSender;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/**
 * What to send. The same plan makes the same bytes.
 *
 * <p>Make one with {@link #to}. Exporter {@code i} (counted from 0) speaks the protocol {@code i}
 * modulo the number of protocols, has the domain {@code i + 1} (version 5: engine id; version 9:
 * source id; sFlow: sub-agent; versions 1 and 7 have none, 0) and, on an IPv4 loopback target, the
 * address 127.0.0.(11 + i); otherwise only a port of its own. All use template 256 for IPv4 and 257
 * for IPv6, each with an order and widths of its own.
 *
 * @param target where to send to
 * @param protocols given to the exporters in rotation
 * @param exporters 1 to 200
 * @param records data records to send in total, withheld ones not counted; 0 = by duration
 * @param durationMs without records: stop after this time. With a rate this is turned into {@code
 *     rate * duration} records, so that it is reproducible
 * @param recordsPerSecond 0 = as fast as it goes
 * @param recordsPerDatagram at most; version 5 carries at most 30, 7 at most 27, 1 at most 24
 * @param pairs distinct pairs of source and destination address, 1 to 1,000,000. Each source is the
 *     only one in its /24 of 10.0.0.0/8 or its /48 of 2001:db8::/32; destinations are in
 *     198.18.0.0/15 and 2001:db8:8000::/48
 * @param ipv6Percent share of the pairs, and of the records of v9, IPFIX and sFlow, that are IPv6
 * @param templateRefreshDatagrams an exporter repeats its templates every so many datagrams
 * @param templatesOnce the exporters that send their templates once only
 * @param templatesAfterDatagrams so many datagrams go before the first template: data first
 * @param withholdEvery every so-manieth datagram of an exporter is left out, while its sequence
 *     number advances; 0 = none. The one with the first templates is never left out
 * @param samplingRate what sFlow says that one sample stands for; the truth is never multiplied
 * @param startMs the time at which it seems to begin, milliseconds since 1970. Flows end at most
 *     0.5 s (v9: 1.5 s) before "now", last up to 2 s, one in sixteen up to 68 s
 * @param seed of the mix of pairs, sizes, ports and times
 */
public record TrafficPlan(
        InetSocketAddress target,
        List<Protocol> protocols,
        int exporters,
        long records,
        long durationMs,
        long recordsPerSecond,
        int recordsPerDatagram,
        int pairs,
        int ipv6Percent,
        int templateRefreshDatagrams,
        Set<Integer> templatesOnce,
        int templatesAfterDatagrams,
        int withholdEvery,
        int samplingRate,
        long startMs,
        long seed) {

    /** The most exporters: their addresses are 127.0.0.11 to 127.0.0.210. */
    public static final int EXPORTERS_MAX = 200;

    /** The most pairs of addresses. */
    public static final int PAIRS_MAX = 1_000_000;

    /**
     * Checks the plan.
     *
     * @throws IllegalArgumentException names the value that cannot be, and what can
     */
    public TrafficPlan {
        protocols = List.copyOf(protocols);
        templatesOnce = Set.copyOf(templatesOnce);
        need(!target.isUnresolved(), "target", target, "a known address");
        need(!protocols.isEmpty(), "protocols", protocols, "v1, v5, v7, v9, ipfix or sflow");
        within("exporters", exporters, 1, EXPORTERS_MAX);
        need(records >= 0 && durationMs >= 0, "records and duration", records, "0 or more");
        need(records > 0 || durationMs > 0, "records or duration", 0, "more than 0");
        within("recordsPerSecond", recordsPerSecond, 0, 1_000_000_000);
        within("recordsPerDatagram", recordsPerDatagram, 1, datagramMax(protocols));
        within("pairs", pairs, 1, PAIRS_MAX);
        within("ipv6Percent", ipv6Percent, 0, 100);
        for (Protocol protocol : protocols) {
            need(
                    ipv6Percent < 100 || protocol.knowsIpv6(),
                    "ipv6Percent",
                    ipv6Percent,
                    "less than 100, for " + protocol.label() + " knows IPv4 alone");
        }
        need(templateRefreshDatagrams >= 1, "templateRefresh", templateRefreshDatagrams, "1 up");
        need(templatesAfterDatagrams >= 0, "templatesAfter", templatesAfterDatagrams, "0 up");
        need(samplingRate >= 1, "samplingRate", samplingRate, "1 up");
        need(withholdEvery == 0 || withholdEvery >= 2, "withholdEvery", withholdEvery, "0 or 2 up");
    }

    private static void within(String name, long value, long from, long to) {
        need(value >= from && value <= to, name, value, from + " to " + to);
    }

    private static void need(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + "; it can be " + allowed);
        }
    }

    /** A datagram must fit into UDP, with the widest record and all that is no record. */
    private static int datagramMax(List<Protocol> protocols) {
        int most =
                (UdpSender.DATAGRAM_BYTES_MAX - Exporter.OVERHEAD_BYTES_MAX)
                        / Exporter.recordBytesMax(protocols);
        for (Protocol protocol : protocols) {
            most = Math.min(most, protocol.recordsMax());
        }
        return most;
    }

    /**
     * Records to send, whether given or by rate and duration; {@code Long.MAX_VALUE} = by clock.
     */
    long recordsToSend() {
        if (records > 0) {
            return records;
        }
        return recordsPerSecond > 0
                ? Math.max(1, durationMs * recordsPerSecond / 1_000)
                : Long.MAX_VALUE;
    }

    Protocol protocol(int exporter) {
        return protocols.get(exporter % protocols.size());
    }

    /** A plan with all defaults: 3 exporters, one each of v5, v9 and IPFIX, a million records. */
    public static Builder to(InetSocketAddress target) {
        return new Builder(target);
    }

    /** Sets what differs from the defaults; see {@link TrafficPlan} for the meanings. */
    public static final class Builder {
        private final InetSocketAddress target;
        private List<Protocol> protocols = List.of(Protocol.V5, Protocol.V9, Protocol.IPFIX);
        private int exporters = 3;
        private long records = 1_000_000;
        private long durationMs;
        private long recordsPerSecond;
        private int recordsPerDatagram = 24;
        private int pairs = 10_000;
        private int ipv6Percent = 10;
        private int templateRefreshDatagrams = 500;
        private Set<Integer> templatesOnce = Set.of();
        private int templatesAfterDatagrams;
        private int withholdEvery;
        private int samplingRate = 1;
        private long startMs;
        private long seed = 1;

        private Builder(InetSocketAddress target) {
            this.target = target;
        }

        /** In rotation over the exporters; by default v5, v9 and IPFIX. */
        public Builder protocols(Protocol... values) {
            protocols = List.of(values);
            return this;
        }

        /** Default 3. */
        public Builder exporters(int value) {
            exporters = value;
            return this;
        }

        /** Default 1,000,000. */
        public Builder records(long value) {
            records = value;
            return this;
        }

        /** Instead of a number of records. */
        public Builder durationMs(long value) {
            durationMs = value;
            records = 0;
            return this;
        }

        /** Default 0: as fast as it goes. */
        public Builder recordsPerSecond(long value) {
            recordsPerSecond = value;
            return this;
        }

        /** Default 24. */
        public Builder recordsPerDatagram(int value) {
            recordsPerDatagram = value;
            return this;
        }

        /** Default 10,000. */
        public Builder pairs(int value) {
            pairs = value;
            return this;
        }

        /** Default 10. */
        public Builder ipv6Percent(int value) {
            ipv6Percent = value;
            return this;
        }

        /** Default 500. */
        public Builder templateRefreshDatagrams(int value) {
            templateRefreshDatagrams = value;
            return this;
        }

        /** Default none. */
        public Builder templatesOnce(Set<Integer> exporterNumbers) {
            templatesOnce = exporterNumbers;
            return this;
        }

        /** Default 0: templates first. */
        public Builder templatesAfterDatagrams(int value) {
            templatesAfterDatagrams = value;
            return this;
        }

        /** Default 0: nothing is withheld. */
        public Builder withholdEvery(int value) {
            withholdEvery = value;
            return this;
        }

        /** Default 1. */
        public Builder samplingRate(int value) {
            samplingRate = value;
            return this;
        }

        /** Default 0: 1970. Give the present for flows of the present. */
        public Builder startMs(long value) {
            startMs = value;
            return this;
        }

        /** Default 1. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * The plan.
         *
         * @throws IllegalArgumentException names the value that cannot be, and what can
         */
        public TrafficPlan build() {
            return new TrafficPlan(
                    target,
                    protocols,
                    exporters,
                    records,
                    durationMs,
                    recordsPerSecond,
                    recordsPerDatagram,
                    pairs,
                    ipv6Percent,
                    templateRefreshDatagrams,
                    templatesOnce,
                    templatesAfterDatagrams,
                    withholdEvery,
                    samplingRate,
                    startMs,
                    seed);
        }
    }
}
