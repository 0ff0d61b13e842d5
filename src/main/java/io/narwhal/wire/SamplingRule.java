package io.narwhal.wire;

import io.narwhal.base.Check;
import io.narwhal.record.Addresses;

import java.util.List;

/**
 * A sampling rate that is configured, for exporters that do not tell theirs or tell it wrong.
 *
 * @param high high half of the exporters' prefix, in the form of IPv6
 * @param low low half
 * @param bits length of the prefix, 0 to 128; that of an IPv4 prefix is 96 more
 * @param inputIf the input interface that it is for; 0: all
 * @param rate one packet of this many is looked at
 * @param always whether it holds where the exporter told a rate, too
 */
public record SamplingRule(long high, long low, int bits, long inputIf, long rate, boolean always) {
    /** The prefix has a length that there is, and the rate is one. */
    public SamplingRule {
        Check.that(bits >= 0 && bits <= 128, "a prefix has 0 to 128 bits, not %d", bits);
        Check.that(rate >= 1, "a sampling rate is 1 or more, not %d", rate);
    }

    /** Those that concern an exporter, in their order. */
    static SamplingRule[] of(List<SamplingRule> all, long high, long low) {
        return all.stream().filter(rule -> rule.has(high, low)).toArray(SamplingRule[]::new);
    }

    private boolean has(long addressHigh, long addressLow) {
        return ((addressHigh ^ high) & Addresses.highMask(bits)) == 0
                && ((addressLow ^ low) & Addresses.lowMask(bits)) == 0;
    }

    /** What the first rule that fits says of a record; 0 when it leaves the rate as it is. */
    static long rate(SamplingRule[] rules, long inputIf, long told) {
        for (SamplingRule rule : rules) {
            if (rule.inputIf == 0 || rule.inputIf == inputIf) {
                return rule.always || told == 0 ? rule.rate : 0;
            }
        }
        return 0;
    }
}
