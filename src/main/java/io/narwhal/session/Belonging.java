package io.narwhal.session;

import org.jspecify.annotations.Nullable;

/**
 * Which session a request is of, among those that had its Acct-Session-Id one after the other. Ids
 * are used again after a boot, and requests come late, twice, or never; so times decide, and where
 * they do not, whatever counts nothing twice.
 *
 * <p>Each function answers null for: of none that is known.
 */
final class Belonging {
    private static final long TOLERANCE_MS = Event.TOLERANCE_MS;

    private Belonging() {}

    /** The session of an Interim-Update or a Stop. */
    static @Nullable Instance ofReport(Instance newest, Event event, Counters counters) {
        Instance begun = event.hasSeconds() ? begunWith(newest, event, counters) : null;
        if (begun != null) {
            return begun;
        }
        Instance at = newest;
        while (true) {
            Instance older = at.older;
            if (at.startMs <= event.ms + TOLERANCE_MS && !(older != null && isBefore(at, event))) {
                return isReportOf(at, event, counters) ? at : null;
            }
            if (older == null) {
                return isOfOldest(at, event, counters) ? at : null;
            }
            at = older;
        }
    }

    /**
     * The one that began when the request says that its session did. Of two that began at about
     * that time the one that it goes on: else interims would go to the one and the other, and each
     * would count what the other has counted.
     */
    private static @Nullable Instance begunWith(Instance newest, Event event, Counters counters) {
        Instance best = null;
        long bestMs = TOLERANCE_MS;
        for (Instance at = newest; at != null; at = at.older) {
            long apartMs = Math.abs(at.startMs - event.begunMs);
            if (apartMs <= TOLERANCE_MS && isContinued(at, event, counters)) {
                return at;
            }
            if (apartMs < bestMs || apartMs == bestMs && best == null) {
                best = at;
                bestMs = apartMs;
            }
        }
        return best;
    }

    private static boolean isContinued(Instance at, Event event, Counters counters) {
        return at.is(Instance.TOLD)
                && at.state != Session.State.STOPPED
                && event.seconds >= at.toldSeconds
                && !counters.isBelow(at);
    }

    // Near the start of a session, where times of one event differ by whole seconds.
    private static boolean isBefore(Instance at, Event event) {
        return event.hasSeconds()
                ? event.ms <= at.startMs + TOLERANCE_MS && event.begunMs < at.startMs - TOLERANCE_MS
                : event.ms < at.startMs;
    }

    private static boolean isReportOf(Instance at, Event event, Counters counters) {
        return switch (at.state) {
            case OPEN, EXPIRED -> !isSuccessor(at, event, counters);
            case STOPPED -> !isAfterStop(at, event);
            case NAS_RESTARTED, REPLACED ->
                    event.ms < at.boundMs
                            || event.hasSeconds() && event.begunMs < at.boundMs - TOLERANCE_MS;
        };
    }

    /**
     * Whether the id is used again, and neither Stop nor Start came: it began after all that is
     * known, and its time or its counters went back. By the first alone each interim of a device
     * whose session time stands still would be a session.
     */
    private static boolean isSuccessor(Instance at, Event event, Counters counters) {
        return at.is(Instance.TOLD)
                && event.hasSeconds()
                && event.begunMs >= at.lastMs - TOLERANCE_MS
                && (event.seconds < at.toldSeconds || counters.isBelow(at));
    }

    /** Whether it is no late report of a session that was stopped, but one of a later session. */
    private static boolean isAfterStop(Instance at, Event event) {
        if (event.hasSeconds()) {
            return event.ms > at.lastMs + TOLERANCE_MS && event.begunMs >= at.lastMs - TOLERANCE_MS;
        }
        return event.ms > at.lastMs + (event.isStamped ? TOLERANCE_MS : Event.SETTLED_MS);
    }

    /**
     * Whether what is older than the oldest known is its report nevertheless: its start was a
     * guess, or the device's clock was set back, and session time and counters go on.
     */
    private static boolean isOfOldest(Instance oldest, Event event, Counters counters) {
        if (oldest.is(Instance.GUESSED)) {
            return true;
        }
        // Our own clock was set back, so that no time of the device is believed: it has only begun.
        if (event.isClamped && oldest.isOpen() && !oldest.is(Instance.TOLD)) {
            return true;
        }
        long bootMs = oldest.nas.bootMs;
        boolean isOtherSideOfBoot = event.ms < bootMs && bootMs <= oldest.startMs + TOLERANCE_MS;
        return oldest.isOpen()
                && oldest.is(Instance.TOLD)
                && event.seconds > oldest.toldSeconds
                && !counters.isBelow(oldest)
                && !isOtherSideOfBoot;
    }

    /** The session of a Start. */
    static @Nullable Instance ofStart(Instance newest, Event event) {
        Instance at = newest;
        while (at.startMs > event.ms + TOLERANCE_MS) {
            Instance older = at.older;
            if (older == null) {
                return at.is(Instance.STARTED) ? null : at;
            }
            at = older;
        }
        return isStartOf(at, event) ? at : null;
    }

    private static boolean isStartOf(Instance at, Event event) {
        if (at.boundMs <= event.ms) {
            return false;
        }
        boolean isLate =
                event.ms <= at.lastMs
                        || !at.is(Instance.STARTED) && event.ms <= at.lastMs + event.graceMs();
        // Some devices send a second Start when the session gets an address of IPv6.
        boolean isSecond =
                at.isOpen() && (!at.is(Instance.TOLD) || event.ms <= at.startMs + TOLERANCE_MS);
        return isLate || isSecond;
    }

    /**
     * The session that this very request has been counted for; null when it is new.
     *
     * @param newest the newest session of its id
     * @param own the session that it belongs to by its time
     */
    static @Nullable Instance counted(
            Instance newest,
            @Nullable Instance own,
            Event event,
            Counters counters,
            long print,
            boolean isStart) {
        for (Instance at = newest; at != null; at = at.older) {
            if (at.knows(print)
                    && (event.isNamed
                            || (isStart
                                    ? isStartAgain(at, event)
                                    : isReportAgain(at, own, event, counters)))) {
                return at;
            }
        }
        return null;
    }

    // Without a time stamp only what reports no usage can be the same of two sessions.
    private static boolean isReportAgain(
            Instance at, @Nullable Instance own, Event event, Counters counters) {
        return at == own || own == null || !event.isTimed || counters.isUsage();
    }

    // Without a time stamp a Start of the same id, user and address may be that after a boot.
    private static boolean isStartAgain(Instance at, Event event) {
        if (at.boundMs <= event.ms) {
            return false;
        }
        boolean isOver = !at.isOpen() && event.isTimed && event.ms > at.lastMs + TOLERANCE_MS;
        boolean isSoon = Math.abs(event.ms - at.startMs) <= Event.SETTLED_MS;
        return isSoon && !isOver || at.isOpen() && !at.is(Instance.TOLD);
    }
}
