package io.narwhal.config;

/**
 * A sampling rate of exporters that do not tell theirs.
 *
 * @param name of the rule
 * @param exporter addresses that datagrams come from
 * @param inputIf input interface that it is for; 0: all
 * @param rate one packet of this many is looked at
 * @param always whether it holds where the exporter tells a rate, too
 */
public record SamplingConfig(
        String name, AddressPrefix exporter, long inputIf, long rate, boolean always) {}
