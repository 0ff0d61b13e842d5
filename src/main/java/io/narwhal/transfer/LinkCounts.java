package io.narwhal.transfer;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** What went over the connections of one manager since the process began, for {@link LinkFacts}. */
final class LinkCounts {
    private final Map<Reason, Long> requests = new EnumMap<>(Reason.class);
    long pulls;
    long bytes;
    long records;
    long ackedTxn;
    long ackedMs;

    /** Counts a request to be pulled. */
    void requested(Set<Reason> reasons) {
        reasons.forEach(reason -> requests.merge(reason, 1L, Long::sum));
    }

    Map<Reason, Long> requests() {
        return requests;
    }
}
