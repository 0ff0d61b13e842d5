package io.narwhal.wire;

import io.narwhal.record.Source;
import io.narwhal.record.Transport;

import java.util.Comparator;

/**
 * Whom templates, sampling rates and sequence numbers belong to. Ordered, so that a hash table
 * whose keys a forger chose to collide is a tree in that place, and finding one stays cheap.
 */
final class ScopeKey implements Comparable<ScopeKey> {
    private static final Comparator<ScopeKey> ORDER =
            Comparator.<ScopeKey>comparingLong(k -> k.high ^ Long.MIN_VALUE)
                    .thenComparingLong(k -> k.low ^ Long.MIN_VALUE)
                    .thenComparingInt(k -> k.port)
                    .thenComparingInt(k -> k.listen)
                    .thenComparing(k -> k.transport)
                    .thenComparing(k -> k.protocol)
                    .thenComparingLong(k -> k.domain)
                    .thenComparingInt(k -> k.path)
                    .thenComparingLong(k -> k.agentHigh)
                    .thenComparingLong(k -> k.agentLow);

    private long high;
    private long low;
    private int port;
    private int listen;
    private Transport transport = Transport.UDP;
    private FlowProtocol protocol = FlowProtocol.NETFLOW_V9;
    private long domain;
    private int path;

    /** The agent that an sFlow header names; both 0 of the others. */
    private long agentHigh;

    private long agentLow;

    /** Becomes another key; only of one that stands in no table. */
    ScopeKey set(Source source, Header header) {
        this.high = source.high();
        this.low = source.low();
        this.port = Scope.port(source, header.protocol);
        this.listen = source.listen();
        this.transport = source.transport();
        this.protocol = header.protocol;
        this.domain = header.domain;
        this.path = source.path();
        this.agentHigh = header.agentHigh;
        this.agentLow = header.agentLow;
        return this;
    }

    static ScopeKey of(Scope scope) {
        var key = new ScopeKey();
        key.high = scope.high;
        key.low = scope.low;
        key.port = scope.port;
        key.listen = scope.listen;
        key.transport = scope.transport;
        key.protocol = scope.protocol;
        key.domain = scope.domain;
        key.path = scope.path;
        SflowAgent agent = scope.sflow;
        key.agentHigh = agent == null ? 0 : agent.high;
        key.agentLow = agent == null ? 0 : agent.low;
        return key;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScopeKey key && compareTo(key) == 0;
    }

    @Override
    public int hashCode() {
        long mixed = high * 0x9e3779b97f4a7c15L + low;
        mixed = (mixed ^ mixed >>> 32) * 0x9e3779b97f4a7c15L;
        mixed += (long) port << 40 ^ (long) protocol.code() << 32 ^ domain;
        mixed ^= (agentHigh * 0x9e3779b97f4a7c15L + agentLow) * 0x94d049bb133111ebL;
        mixed += path * 0x2545f4914f6cdd1dL;
        mixed = (mixed ^ mixed >>> 29) * 0xbf58476d1ce4e5b9L;
        return (int) (mixed ^ mixed >>> 32);
    }

    @Override
    public int compareTo(ScopeKey other) {
        return ORDER.compare(this, other);
    }
}
