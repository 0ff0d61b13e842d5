package io.narwhal.wire;

import io.narwhal.record.Source;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scopes by key, and in the order in which they were last heard of, so that the one that was silent
 * longest is at hand. Finding one allocates nothing. The order of the hash table is never used.
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
        append(scope);
    }

    void remove(Scope scope) {
        byKey.remove(ScopeKey.of(scope));
        unlink(scope);
        if (last == scope) {
            last = null;
        }
    }

    /**
     * The one that was silent longest of those that send datagrams: a session ends when it says so,
     * and its templates come once.
     */
    @Nullable Scope eldestDatagrams() {
        Scope one = eldest;
        while (one != null && one.transport.isSession()) {
            one = one.newer;
        }
        return one;
    }

    /** This one was heard of now. */
    void touch(Scope scope) {
        if (newest != scope) {
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
