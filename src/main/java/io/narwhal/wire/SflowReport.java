package io.narwhal.wire;

import java.util.List;

/**
 * What an sFlow agent sent, beside the flow records in its {@link ExporterReport}.
 *
 * @param agent the agent's address; empty when it named none
 * @param flowSamples flow samples, expanded ones included; each is a record
 * @param counterSamples counter samples, expanded ones included; no usage
 * @param discardedPackets notifications of discarded packets; no usage
 * @param otherSamples samples of enterprises and formats that we do not read
 * @param notFollowed flow samples of data sources beyond the limit of 4,096: decoded, but not in
 *     {@code sources}
 * @param sources its data sources, by class and index
 */
public record SflowReport(
        String agent,
        long flowSamples,
        long counterSamples,
        long discardedPackets,
        long otherSamples,
        long notFollowed,
        List<SampleSource> sources) {
    /** The sources are copied. */
    public SflowReport {
        sources = List.copyOf(sources);
    }

    /** Packets chosen by all data sources that the agent could not sample. */
    public long drops() {
        return sources.stream().mapToLong(SampleSource::drops).sum();
    }

    /** Flow samples of all data sources that did not come. */
    public long missingSamples() {
        return sources.stream().mapToLong(SampleSource::missing).sum();
    }

    /** Packets for each sample that came, over all data sources; 0 while that is unknown. */
    public long effectiveRate() {
        long packets = sources.stream().mapToLong(SampleSource::packets).sum();
        long samples = sources.stream().mapToLong(SampleSource::packetSamples).sum();
        return samples == 0 ? 0 : (packets + samples / 2) / samples;
    }
}
