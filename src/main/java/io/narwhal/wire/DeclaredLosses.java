package io.narwhal.wire;

/**
 * What an exporter itself says that it exported and lost, in options records: the statistics of RFC
 * 7011 §4.2 (metering process) and §4.3 (exporting process), added up over its processes and its
 * restarts (R36). All 0 where it says nothing.
 *
 * @param ignoredPackets packets that were not metered (IE 164)
 * @param ignoredOctets octets in them (IE 165)
 * @param notSentFlows flow records that were not sent (IE 166)
 * @param notSentPackets packets in them (IE 167)
 * @param notSentOctets octets in them (IE 168)
 * @param exportedMessages messages sent (IE 41)
 * @param exportedRecords flow records sent (IE 42)
 * @param exportedOctets octets sent (IE 40)
 */
public record DeclaredLosses(
        long ignoredPackets,
        long ignoredOctets,
        long notSentFlows,
        long notSentPackets,
        long notSentOctets,
        long exportedMessages,
        long exportedRecords,
        long exportedOctets) {
    /** Whether the exporter says that it lost anything. */
    public boolean isAnyLost() {
        return (ignoredPackets | ignoredOctets | notSentFlows | notSentPackets | notSentOctets)
                != 0;
    }
}
