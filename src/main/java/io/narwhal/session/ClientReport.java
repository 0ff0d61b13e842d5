package io.narwhal.session;

import io.narwhal.record.Reason;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;

/**
 * What came of one device, that is of one (client address, name that it gives itself).
 *
 * @param clientHigh high half of the address that its requests come from
 * @param clientLow low half
 * @param client that address as users read it; "others" where several are added up
 * @param nas the device's name for itself; empty for what was rejected before that was known
 * @param requests requests that came, whatever became of them
 * @param accounted requests that were accounted
 * @param duplicates requests that came again; they were answered, and count nothing
 * @param rejected requests that were rejected, by reason
 * @param sessions sessions that were ever known
 * @param openSessions sessions that are open now
 * @param wraps how often a counter of 32 bits began anew because it was full
 * @param resets how often the counters of a session began anew
 * @param late requests that came behind later ones of their session
 * @param clampedTimes requests whose times could not be right and were moved
 * @param boots Accounting-On requests
 * @param heardMs arrival of its newest request, ms since 1970
 * @param retired 0 of a device that is followed; else how many are added up here
 */
public record ClientReport(
        long clientHigh,
        long clientLow,
        String client,
        String nas,
        long requests,
        long accounted,
        long duplicates,
        Map<Reason, Long> rejected,
        long sessions,
        long openSessions,
        long wraps,
        long resets,
        long late,
        long clampedTimes,
        long boots,
        long heardMs,
        long retired) {
    /** Those that are followed first; by address, then by name. */
    public static final Comparator<ClientReport> ORDER =
            Comparator.<ClientReport, Boolean>comparing(r -> r.retired > 0)
                    .thenComparingLong(r -> r.clientHigh ^ Long.MIN_VALUE)
                    .thenComparingLong(r -> r.clientLow ^ Long.MIN_VALUE)
                    .thenComparing(r -> r.nas);

    public ClientReport {
        var ordered = new EnumMap<Reason, Long>(Reason.class);
        ordered.putAll(rejected);
        rejected = Collections.unmodifiableMap(ordered);
    }
}
