package io.narwhal.session;

import io.narwhal.radius.AccountingRequest;
import io.narwhal.radius.Attribute;

import java.util.Arrays;

/**
 * The cumulative counters of one request, and what they add to their session. Reused for each
 * request.
 *
 * <p>A counter that comes with Gigawords is known whole; without, it is known modulo 2^32, and its
 * upper half is that of the counter before, or one more.
 */
final class Counters {
    /** The fastest that a session without Gigawords may be, octets a second: 10 Gbit/s. */
    static final long OCTETS_PER_SECOND_MAX = 1_250_000_000L;

    /** No IP packet is smaller than its header. */
    static final int PACKET_OCTETS_MIN = 20;

    private static final long WRAP = 1L << 32;
    private static final long LOW = WRAP - 1;
    private static final int[] OCTETS = {Attribute.ACCT_INPUT_OCTETS, Attribute.ACCT_OUTPUT_OCTETS};
    private static final int[] GIGAWORDS = {
        Attribute.ACCT_INPUT_GIGAWORDS, Attribute.ACCT_OUTPUT_GIGAWORDS
    };
    private static final int[] PACKETS = {
        Attribute.ACCT_INPUT_PACKETS, Attribute.ACCT_OUTPUT_PACKETS
    };

    private enum Order {
        /** Before the newest counters that were told. */
        LATE,
        /** As new as these. */
        SAME,
        /** Behind them. */
        LATER
    }

    private boolean isStart;
    // By direction; −1 when the request does not tell.
    private final long[] octets = new long[2];
    private final long[] gigawords = new long[2];
    private final long[] packets = new long[2];
    private final long[] addedOctets = new long[2];
    private final long[] addedPackets = new long[2];

    /**
     * Takes those of a request.
     *
     * @param isStart of a Start, in which zeros tell nothing and no counter begins anew: some
     *     devices send a second one while the session goes on
     */
    void read(AccountingRequest request, boolean isStart) {
        this.isStart = isStart;
        for (int direction = 0; direction < 2; direction++) {
            octets[direction] = request.integer(OCTETS[direction]);
            gigawords[direction] = request.integer(GIGAWORDS[direction]);
            packets[direction] = request.integer(PACKETS[direction]);
            addedOctets[direction] = 0;
            addedPackets[direction] = 0;
        }
        if (isStart && !isUsage()) {
            Arrays.fill(octets, -1);
            Arrays.fill(packets, -1);
        }
    }

    long addedOctets(int direction) {
        return addedOctets[direction];
    }

    long addedPackets(int direction) {
        return addedPackets[direction];
    }

    boolean isTold() {
        return (octets[0] & octets[1] & packets[0] & packets[1]) >= 0;
    }

    /** Whether it tells any that is not 0. */
    boolean isUsage() {
        return octets[0] > 0 || octets[1] > 0 || packets[0] > 0 || packets[1] > 0;
    }

    private boolean isWhole(int direction) {
        return gigawords[direction] >= 0;
    }

    private long whole(int direction) {
        return gigawords[direction] << 32 | octets[direction];
    }

    /** Whether some counter is below what the session has told. */
    boolean isBelow(Instance session) {
        for (int direction = 0; direction < 2; direction++) {
            if (octets[direction] >= 0 && isOctetsBelow(session, direction)
                    || isPacketsBelow(session, direction)) {
                return true;
            }
        }
        return false;
    }

    private boolean isOctetsBelow(Instance session, int direction) {
        long last = session.octets(direction);
        return isWhole(direction)
                ? Long.compareUnsigned(whole(direction), last) < 0
                : octets[direction] < (last & LOW);
    }

    private boolean isPacketsBelow(Instance session, int direction) {
        return packets[direction] >= 0 && packets[direction] < (session.packets(direction) & LOW);
    }

    /** Reckons what they add, and makes the session know it. */
    void add(Instance session, Event event) {
        if (!isTold()) {
            return;
        }
        Order order = order(session, event);
        boolean isOver = isStart || session.state == Session.State.STOPPED;
        if (order == Order.LATER && !isOver && isReset(session, event)) {
            session.reset();
            session.nas.counts.resets++;
        }
        for (int direction = 0; direction < 2; direction++) {
            boolean mayWrap = order == Order.LATER && !isOver;
            addOctets(session, direction, order, mayWrap);
            addPackets(session, direction, order, mayWrap);
        }
        if (order == Order.LATE) {
            session.nas.counts.late++;
        } else if (order == Order.LATER) {
            session.toldMs = event.ms;
            session.toldSeconds = event.seconds;
        }
        session.flags |= Instance.TOLD;
    }

    private Order order(Instance session, Event event) {
        if (!session.is(Instance.TOLD)) {
            return Order.LATER;
        }
        boolean haveSeconds = event.hasSeconds() && session.toldSeconds > 0;
        int order =
                haveSeconds
                        ? Integer.compare(event.seconds, session.toldSeconds)
                        : Long.compare(event.ms, session.toldMs);
        boolean mayBeOvertaken =
                !haveSeconds
                        && !event.isTimed
                        && event.ms <= session.toldMs + Event.REORDER_MS
                        && isBelow(session);
        return order < 0 || mayBeOvertaken ? Order.LATE : order == 0 ? Order.SAME : Order.LATER;
    }

    /** Whether the device counts from 0 again: then it does so in both directions. */
    private boolean isReset(Instance session, Event event) {
        return session.is(Instance.TOLD)
                && (isReset(session, event, Instance.INPUT)
                        || isReset(session, event, Instance.OUTPUT));
    }

    private boolean isReset(Instance session, Event event, int direction) {
        if (octets[direction] < 0) {
            return false;
        }
        boolean isBelow = isOctetsBelow(session, direction);
        if (isWhole(direction)) {
            return isBelow;
        }
        boolean isAmbiguous = isBelow || session.is(Instance.GIGAWORDS);
        return isAmbiguous && isPacketsBelow(session, direction)
                || isBelow && !isPlausibleWrap(session, event, direction);
    }

    private boolean isPlausibleWrap(Instance session, Event event, int direction) {
        if (octets[direction] == 0) {
            return false; // a device that has forgotten, not a counter that stops at its very end
        }
        long added = octets[direction] + WRAP - (session.octets(direction) & LOW);
        long elapsedMs =
                event.hasSeconds() && session.toldSeconds > 0
                        ? (event.seconds - session.toldSeconds) * 1000L
                        : event.ms - session.toldMs;
        return added <= OCTETS_PER_SECOND_MAX / 1000 * elapsedMs;
    }

    private void addOctets(Instance session, int direction, Order order, boolean mayWrap) {
        if (octets[direction] < 0) {
            return;
        }
        long last = session.octets(direction);
        long now;
        if (isWhole(direction)) {
            session.flags |= Instance.GIGAWORDS;
            now = order == Order.LATE && session.wasReset() ? last : whole(direction);
        } else {
            now = extend(session, last, octets[direction], order);
            if (mayWrap && Long.compareUnsigned(now, last) < 0) {
                now += WRAP;
                session.flags |= Instance.WRAPPED;
                session.nas.counts.wraps++;
            }
        }
        if (Long.compareUnsigned(now, last) > 0) {
            addedOctets[direction] = now - last;
            session.setOctets(direction, now);
        }
    }

    private void addPackets(Instance session, int direction, Order order, boolean mayWrap) {
        if (packets[direction] < 0) {
            return;
        }
        long last = session.packets(direction);
        long now = extend(session, last, packets[direction], order);
        long carried = Long.divideUnsigned(addedOctets[direction], PACKET_OCTETS_MIN);
        if (mayWrap && now < last && now + WRAP - last <= carried) {
            now += WRAP;
            session.flags |= Instance.WRAPPED;
            session.nas.counts.wraps++;
        }
        if (now > last) {
            addedPackets[direction] = now - last;
            session.setPackets(direction, now);
        }
    }

    /**
     * A counter of 32 bits with the upper half of the last one. What comes late from before a wrap
     * or a reset had to be in what is known already.
     */
    private static long extend(Instance session, long last, long told, Order order) {
        boolean isKnown =
                order == Order.LATE
                        && (session.is(Instance.WRAPPED) || session.wasReset() || last > LOW);
        return isKnown ? last : last & ~LOW | told;
    }
}
