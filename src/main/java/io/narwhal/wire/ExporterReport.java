package io.narwhal.wire;

import io.narwhal.record.Transport;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.List;

/**
 * What a {@link FlowDecoder} knows of one exporter, that is of one (source address, source port,
 * way, version, domain); of sFlow the agent's address takes the place of the port.
 *
 * @param exporterHigh high half of the source address of its datagrams
 * @param exporterLow low half
 * @param exporter the source address as users read it
 * @param sourcePort source port; 0 of sFlow, and for all sessions by TCP and TLS that are over
 * @param listen number of the address that the collector listens at
 * @param transport how its messages come
 * @param protocol what it speaks
 * @param domain IPFIX observation domain, NetFlow v9 source id, v5 engine type × 256 + engine id,
 *     sFlow sub-agent
 * @param received units that came; see {@code sequenceUnit}
 * @param missing units that the sequence numbers name and that did not come
 * @param datagrams datagrams decoded
 * @param records flow records decoded
 * @param optionsRecords options records decoded
 * @param templates templates known now, options templates included
 * @param templateRecords template records received, repeated ones included
 * @param resets how often its sequence numbers began anew
 * @param samplingRateKnown whether it has said any sampling rate
 * @param heldSets data sets that wait for their template
 * @param lastArrivalMs arrival of its newest datagram, ms since 1970
 * @param totalFlows flows whose last total counters are kept
 * @param forgottenTotals flows whose last totals had to be forgotten, as there were too many
 * @param clampedTimes records whose times could not be right and were moved to their arrival
 * @param clockSkewMs export time of its newest datagram less its arrival: how far its clock is
 *     ahead of ours, less the time under way
 * @param clockSkewMaxMs the same where it was farthest from 0
 * @param sflow what sFlow tells besides; null of other protocols
 * @param duplicates datagrams that came again and were dropped; not among {@code datagrams}
 * @param sequenceUnit what its sequence numbers count, as far as they have shown
 * @param firstMissingMs when a unit was first noticed to be missing, ms since 1970; 0: never
 * @param lastMissingMs when a unit was last noticed to be missing; 0: never
 * @param gaps the newest gaps that were not filled, the oldest first, at most 64
 * @param declared what it says itself that it lost
 * @param retired 0 of an exporter that is followed; else how many are added up here that made room
 *     for others: their ports are not told apart, and "others" stands for any address
 * @param path by which it came; see {@link io.narwhal.record.Source#path}
 * @param copies datagrams that another path had supplied; among {@code datagrams}
 */
public record ExporterReport(
        long exporterHigh,
        long exporterLow,
        String exporter,
        int sourcePort,
        int listen,
        Transport transport,
        FlowProtocol protocol,
        long domain,
        long received,
        long missing,
        long datagrams,
        long records,
        long optionsRecords,
        int templates,
        long templateRecords,
        long resets,
        boolean samplingRateKnown,
        int heldSets,
        long lastArrivalMs,
        int totalFlows,
        long forgottenTotals,
        long clampedTimes,
        long clockSkewMs,
        long clockSkewMaxMs,
        @Nullable SflowReport sflow,
        long duplicates,
        SequenceUnit sequenceUnit,
        long firstMissingMs,
        long lastMissingMs,
        List<SequenceGap> gaps,
        DeclaredLosses declared,
        long retired,
        int path,
        long copies) {
    /** Those that are followed first; by address, port, way, protocol, domain and sFlow agent. */
    public static final Comparator<ExporterReport> ORDER =
            Comparator.<ExporterReport, Boolean>comparing(r -> r.retired > 0)
                    .thenComparingLong(r -> r.exporterHigh ^ Long.MIN_VALUE)
                    .thenComparingLong(r -> r.exporterLow ^ Long.MIN_VALUE)
                    .thenComparingInt(r -> r.sourcePort)
                    .thenComparingInt(r -> r.listen)
                    .thenComparing(r -> r.transport)
                    .thenComparing(r -> r.protocol)
                    .thenComparingLong(r -> r.domain)
                    .thenComparingInt(r -> r.path)
                    .thenComparing(r -> r.sflow == null ? "" : r.sflow.agent());

    /** What {@code received} and {@code missing} count by the protocol. */
    public FlowProtocol.Unit unit() {
        return protocol.unit();
    }
}
