package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;

import java.util.Comparator;

/** What a scope keeps if it speaks sFlow: one (agent, sub-agent). */
final class SflowAgent {
    /** By address. */
    static final Comparator<SflowAgent> ORDER =
            Comparator.<SflowAgent>comparingLong(a -> a.high ^ Long.MIN_VALUE)
                    .thenComparingLong(a -> a.low ^ Long.MIN_VALUE);

    /** The agent's address; both 0 when it named none. */
    final long high;

    final long low;
    final DataSources sources;

    long flowSamples;
    long counterSamples;
    long discardedPackets;
    long otherSamples;
    long notFollowed;

    SflowAgent(long high, long low, StateRoom room) {
        this.sources = new DataSources(room);
        this.high = high;
        this.low = low;
    }

    boolean is(Header header) {
        return header.agentLow == low && header.agentHigh == high;
    }

    SflowReport report() {
        return new SflowReport(
                Addresses.text(high, low),
                flowSamples,
                counterSamples,
                discardedPackets,
                otherSamples,
                notFollowed,
                sources.reports());
    }

    void snapshot(StateWriter out) {
        out.putLong(high).putLong(low).putLong(flowSamples).putLong(counterSamples);
        out.putLong(discardedPackets).putLong(otherSamples).putLong(notFollowed);
        sources.snapshot(out);
    }

    static SflowAgent restore(StateReader in, StateRoom room) {
        var agent = new SflowAgent(in.getLong(), in.getLong(), room);
        agent.flowSamples = in.getLong();
        agent.counterSamples = in.getLong();
        agent.discardedPackets = in.getLong();
        agent.otherSamples = in.getLong();
        agent.notFollowed = in.getLong();
        agent.sources.restore(in);
        return agent;
    }
}
