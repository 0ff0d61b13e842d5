package io.narwhal.wire;

/**
 * What the flow samples of one sFlow data source told, since the first of them.
 *
 * @param sourceClass 0: an interface by its ifIndex, 1: a VLAN, 2: a physical entity
 * @param sourceIndex its number in that class
 * @param samplingRate the rate that its newest sample named; 0 unknown
 * @param samples flow samples that came
 * @param missing flow samples that the numbers name and that did not come
 * @param packets packets that could have been sampled, by the growth of {@code sample_pool}
 * @param packetSamples the samples that came out of those packets
 * @param drops packets that were chosen and that the agent could not sample
 */
public record SampleSource(
        long sourceClass,
        long sourceIndex,
        long samplingRate,
        long samples,
        long missing,
        long packets,
        long packetSamples,
        long drops) {
    /** Packets for each sample that came, rounded; 0 while one sample at most has come. */
    public long effectiveRate() {
        return packetSamples == 0 ? 0 : (packets + packetSamples / 2) / packetSamples;
    }
}
