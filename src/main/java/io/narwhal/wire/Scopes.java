package io.narwhal.wire;

import io.narwhal.record.Source;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scopes by key; and those that send datagrams in the order in which they were last heard of, so
 * that the one that was silent longest is at hand. A session ends when it says so, and its
 * templates come once, so silence says nothing about it. Finding one allocates nothing. The order
 * of the hash table is never used.
 */
final class Scopes {
    private final Map<ScopeKey, Scope> byKey = new HashMap<>();
    private final ScopeKey probe = new ScopeKey();
    private @Nullable Scope last;

    // A list through the scopes themselves.
    private @Nullable Scope eldest;
    private @Nullable Scope newest;

    int size() {
        return byKey.size();
    }

    /** What they were made to remember. */
    long stateBytes() {
        long sum = 0;
        for (Scope scope : byKey.values()) {
            sum += scope.stateBytes();
        }
        return sum;
    }

    @Nullable Scope find(Source source, Header header) {
        Scope recent = last;
        if (recent != null && recent.is(source, header)) {
            return recent;
        }
        Scope found = byKey.get(probe.set(source, header));
        if (found != null) {
            last = found;
        }
        return found;
    }

    /** Adds one that was heard of after all others. */
    void add(Scope scope) {
        byKey.put(ScopeKey.of(scope), scope);
        last = scope;
        if (!scope.transport.isSession()) {
            append(scope);
        }
    }

    void remove(Scope scope) {
        byKey.remove(ScopeKey.of(scope));
        if (!scope.transport.isSession()) {
            unlink(scope);
        }
        if (last == scope) {
            last = null;
        }
    }

    /** The one that was silent longest of those that send datagrams. */
    @Nullable Scope eldestDatagrams() {
        return eldest;
    }

    /** This one was heard of now. */
    void touch(Scope scope) {
        if (newest != scope && !scope.transport.isSession()) {
            unlink(scope);
            append(scope);
        }
    }

    private void append(Scope scope) {
        Scope before = newest;
        scope.older = before;
        scope.newer = null;
        if (before == null) {
            eldest = scope;
        } else {
            before.newer = scope;
        }
        newest = scope;
    }

    private void unlink(Scope scope) {
        Scope older = scope.older;
        Scope newer = scope.newer;
        if (older == null) {
            eldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        scope.older = null;
        scope.newer = null;
    }

    /** All, in {@link Scope#ORDER}. */
    List<Scope> sorted() {
        List<Scope> all = new ArrayList<>(byKey.values());
        all.sort(Scope.ORDER);
        return all;
    }
}
