package io.narwhal.output;

import java.math.BigInteger;

/** How much a {@link LedgerDifference} came to. Sums are exact, beyond 64 bits if need be. */
public final class Differing {
    private long rows;
    private BigInteger octets = BigInteger.ZERO;
    private BigInteger packets = BigInteger.ZERO;
    private BigInteger flows = BigInteger.ZERO;
    private BigInteger octetsAdded = BigInteger.ZERO;
    private BigInteger octetsTakenBack = BigInteger.ZERO;

    void add(long moreRows, BigInteger moreOctets, BigInteger morePackets, BigInteger moreFlows) {
        rows += moreRows;
        octets = octets.add(moreOctets);
        packets = packets.add(morePackets);
        flows = flows.add(moreFlows);
        if (moreOctets.signum() > 0) {
            octetsAdded = octetsAdded.add(moreOctets);
        } else {
            octetsTakenBack = octetsTakenBack.subtract(moreOctets);
        }
    }

    /** Rows of corrections. */
    public long rows() {
        return rows;
    }

    /** What they add up to; 0 when octets only went from one key to another. */
    public BigInteger octets() {
        return octets;
    }

    /** As {@link #octets}. */
    public BigInteger packets() {
        return packets;
    }

    /** As {@link #octets}. */
    public BigInteger flows() {
        return flows;
    }

    /** Octets of all bins and keys that get more. */
    public BigInteger octetsAdded() {
        return octetsAdded;
    }

    /** Octets of all bins and keys that get less. */
    public BigInteger octetsTakenBack() {
        return octetsTakenBack;
    }
}
