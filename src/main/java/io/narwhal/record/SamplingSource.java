package io.narwhal.record;

import java.util.Locale;

/** Who told the sampling rate of a record. */
public enum SamplingSource {
    /** Nobody: the rate is unknown. */
    UNKNOWN,
    /** The record itself. */
    RECORD,
    /** Options, for the sampler or selector that the record names. */
    SAMPLER,
    /** Options, for the interface that the packets came in by. */
    INTERFACE,
    /** Options, for all of the exporter. */
    EXPORTER,
    /** The header of the message. */
    HEADER,
    /** The configuration of the node. */
    CONFIGURATION;

    private static final SamplingSource[] VALUES = values();

    /** As users read it; unknown is empty. */
    public String label() {
        return this == UNKNOWN ? "" : name().toLowerCase(Locale.ROOT);
    }

    /** As it stands in a column of {@link Field#SAMPLING_SOURCE}. */
    public long code() {
        return ordinal();
    }

    /** The source of that code. */
    public static SamplingSource of(long code) {
        return VALUES[Math.toIntExact(code)];
    }
}
