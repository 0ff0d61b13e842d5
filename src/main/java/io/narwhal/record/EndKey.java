package io.narwhal.record;

import java.util.Arrays;
import java.util.List;

/**
 * A key by which a flow is charged at both its ends: to whom it names at the source, and to whom it
 * names at the destination.
 */
public enum EndKey {
    /** By the customers table. */
    CUSTOMER(Field.CUSTOMER, Field.SRC_CUSTOMER, Field.DST_CUSTOMER),
    /** By the accounting sessions: the subscriber. */
    SUBSCRIBER(Field.SUBSCRIBER, Field.SRC_SUBSCRIBER, Field.DST_SUBSCRIBER),
    /** By the accounting sessions: the session. */
    SESSION_ID(Field.SESSION_ID, Field.SRC_SESSION_ID, Field.DST_SESSION_ID),
    /** By the accounting sessions: the access server. */
    NAS(Field.NAS, Field.SRC_NAS, Field.DST_NAS);

    private final Field key;
    private final Field source;
    private final Field destination;

    EndKey(Field key, Field source, Field destination) {
        this.key = key;
        this.source = source;
        this.destination = destination;
    }

    /** The key as it stands in a usage definition. */
    public Field key() {
        return key;
    }

    /** The column that says who is at the source. */
    public Field source() {
        return source;
    }

    /** The column that says who is at the destination. */
    public Field destination() {
        return destination;
    }

    /** Whether the accounting sessions tell it, rather than the customers table. */
    public boolean isOfSessions() {
        return this != CUSTOMER;
    }

    /**
     * The keys that decide at which ends a flow is charged; empty when a flow is charged as a
     * whole. A direction alone is as seen from the customers.
     */
    public static List<EndKey> of(List<Field> keys) {
        List<EndKey> ends = Arrays.stream(values()).filter(end -> keys.contains(end.key)).toList();
        return ends.isEmpty() && keys.contains(Field.DIRECTION) ? List.of(CUSTOMER) : ends;
    }

    /** Whether a field is told by accounting sessions: a key of these, or of either end. */
    public static boolean isOfSessions(Field field) {
        return Arrays.stream(values())
                .filter(EndKey::isOfSessions)
                .anyMatch(e -> field == e.key || field == e.source || field == e.destination);
    }
}
