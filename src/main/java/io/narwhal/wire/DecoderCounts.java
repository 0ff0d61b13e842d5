package io.narwhal.wire;

/**
 * What became of the datagrams.
 *
 * @param datagrams looked at
 * @param rejected discarded whole: malformed, of an unknown version, of one exporter too many
 * @param heldSets data sets that ever waited for their template
 * @param releasedSets of these, decoded after all
 * @param refusedTemplates template records that could not be kept
 */
public record DecoderCounts(
        long datagrams, long rejected, long heldSets, long releasedSets, long refusedTemplates) {}
