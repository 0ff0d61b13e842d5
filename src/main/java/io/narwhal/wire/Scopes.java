package io.narwhal.wire;

import io.narwhal.record.Source;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Scopes by key: an open hash table, so that finding one allocates nothing. */
final class Scopes {
    private @Nullable Scope[] slots = new @Nullable Scope[64];
    private int size;
    private @Nullable Scope last;

    int size() {
        return size;
    }

    @Nullable Scope find(Source source, Header header) {
        Scope recent = last;
        if (recent != null && recent.is(source, header)) {
            return recent;
        }
        int mask = slots.length - 1;
        int port = Scope.port(source, header.protocol);
        int at = hash(source.high(), source.low(), port, header.protocol, header.domain);
        at = (at ^ agentHash(header.agentHigh, header.agentLow)) & mask;
        for (Scope scope = slots[at]; scope != null; scope = slots[at]) {
            if (scope.is(source, header)) {
                last = scope;
                return scope;
            }
            at = at + 1 & mask;
        }
        return null;
    }

    void add(Scope scope) {
        if (2 * ++size > slots.length) {
            @Nullable Scope[] old = slots;
            slots = new @Nullable Scope[2 * old.length];
            for (Scope one : old) {
                if (one != null) {
                    insert(one);
                }
            }
        }
        insert(scope);
        last = scope;
    }

    private void insert(Scope scope) {
        int mask = slots.length - 1;
        SflowAgent agent = scope.sflow;
        int at = hash(scope.high, scope.low, scope.port, scope.protocol, scope.domain);
        at = (at ^ (agent == null ? 0 : agentHash(agent.high, agent.low))) & mask;
        while (slots[at] != null) {
            at = at + 1 & mask;
        }
        slots[at] = scope;
    }

    private static int hash(long high, long low, int port, FlowProtocol protocol, long domain) {
        long mixed = high * 0x9e3779b97f4a7c15L + low;
        mixed = (mixed ^ mixed >>> 32) * 0x9e3779b97f4a7c15L;
        mixed += (long) port << 40 ^ (long) protocol.code() << 32 ^ domain;
        mixed = (mixed ^ mixed >>> 29) * 0xbf58476d1ce4e5b9L;
        return (int) (mixed ^ mixed >>> 32);
    }

    /** 0 for no agent. */
    private static int agentHash(long high, long low) {
        long mixed = (high * 0x9e3779b97f4a7c15L + low) * 0xbf58476d1ce4e5b9L;
        return (int) (mixed ^ mixed >>> 32);
    }

    /** All, in {@link Scope#ORDER}. */
    List<Scope> sorted() {
        List<Scope> all = new ArrayList<>(size);
        for (Scope scope : slots) {
            if (scope != null) {
                all.add(scope);
            }
        }
        all.sort(Scope.ORDER);
        return all;
    }
}
