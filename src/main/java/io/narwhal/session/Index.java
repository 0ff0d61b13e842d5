package io.narwhal.session;

import io.narwhal.base.Check;
import io.narwhal.radius.AccountingRequest;
import io.narwhal.radius.Attribute;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** All sessions: by device and id, the newest of an id first; and by number. */
final class Index {
    private static final int SMALLEST = 64;

    private @Nullable Instance[] heads = new @Nullable Instance[SMALLEST];
    // By number; those that were forgotten are gaps until there are more of them than of others.
    private @Nullable Instance[] byNumber = new @Nullable Instance[SMALLEST];
    private int places;
    private int size;

    int size() {
        return size;
    }

    static int hash(Nas nas, int idHash) {
        int mixed = (idHash * 31 + nas.key.hashCode()) * 0x9e3779b9;
        return mixed ^ mixed >>> 15;
    }

    /** The newest session of the device with the id of the request. */
    @Nullable Instance find(Nas nas, AccountingRequest request) {
        int hash = hash(nas, request.hash(Attribute.ACCT_SESSION_ID));
        for (Instance at = heads[hash & heads.length - 1]; at != null; at = at.chained) {
            if (at.hash == hash
                    && at.nas == nas
                    && request.isOctets(Attribute.ACCT_SESSION_ID, at.id)) {
                return at;
            }
        }
        return null;
    }

    private @Nullable Instance newest(Instance like) {
        for (Instance at = heads[like.hash & heads.length - 1]; at != null; at = at.chained) {
            if (at.hash == like.hash && at.nas == like.nas && Arrays.equals(at.id, like.id)) {
                return at;
            }
        }
        return null;
    }

    /** The next newer session of the same id; null of the newest. */
    @Nullable Instance successor(Instance session) {
        Instance at = newest(session);
        while (at != null && at.older != session && at != session) {
            at = at.older;
        }
        return at == session ? null : at;
    }

    /** Adds a session, whose number is the highest, at its place in time. */
    void add(Instance session) {
        place(session);
        Instance newest = newest(session);
        if (newest == null) {
            chain(session);
        } else if (newest.startMs <= session.startMs) {
            unchain(newest);
            session.older = newest;
            chain(session);
        } else {
            Instance newer = newest;
            Instance older = newer.older;
            while (older != null && older.startMs > session.startMs) {
                newer = older;
                older = newer.older;
            }
            session.older = older;
            newer.older = session;
        }
    }

    /** Adds sessions, in the order of their numbers, that know already which are older. */
    void addAll(List<Instance> sessions) {
        Set<Instance> succeeded = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Instance session : sessions) {
            Instance older = session.older;
            if (older != null) {
                succeeded.add(older);
            }
        }
        for (Instance session : sessions) {
            place(session);
            if (!succeeded.contains(session)) {
                chain(session);
            }
        }
    }

    private void place(Instance session) {
        if (places == byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, 2 * places);
        }
        Instance last = places == 0 ? null : byNumber[places - 1];
        Check.that(last == null || last.number < session.number, "sessions come by number");
        session.place = places;
        byNumber[places++] = session;
        size++;
        if (size > heads.length) {
            grow();
        }
    }

    private void chain(Instance session) {
        int place = session.hash & heads.length - 1;
        session.chained = heads[place];
        heads[place] = session;
    }

    private void unchain(Instance session) {
        int place = session.hash & heads.length - 1;
        Instance at = heads[place];
        if (at == session) {
            heads[place] = session.chained;
        } else {
            while (at != null && at.chained != session) {
                at = at.chained;
            }
            Objects.requireNonNull(at, "a newest session is in its chain").chained =
                    session.chained;
        }
        session.chained = null;
    }

    private void grow() {
        @Nullable Instance[] from = heads;
        heads = new @Nullable Instance[2 * from.length];
        for (Instance head : from) {
            Instance at = head;
            while (at != null) {
                Instance next = at.chained;
                chain(at);
                at = next;
            }
        }
    }

    void remove(Instance session) {
        Instance newer = successor(session);
        Instance older = session.older;
        if (newer != null) {
            newer.older = older;
        } else {
            unchain(session);
            if (older != null) {
                chain(older);
            }
        }
        session.older = null;
        byNumber[session.place] = null;
        size--;
        if (places > SMALLEST && size < places / 2) {
            compact();
        }
    }

    private void compact() {
        int to = 0;
        for (int i = 0; i < places; i++) {
            Instance session = byNumber[i];
            if (session != null) {
                session.place = to;
                byNumber[to++] = session;
            }
        }
        Arrays.fill(byNumber, to, places, null);
        places = to;
    }

    /** All, by number. */
    Stream<Instance> all() {
        return Arrays.stream(byNumber, 0, places).filter(Objects::nonNull);
    }
}
