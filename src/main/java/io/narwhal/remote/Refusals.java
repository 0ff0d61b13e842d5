package io.narwhal.remote;

import io.narwhal.base.Clock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.EnumMap;
import java.util.Map;

/** Counts what was refused, and tells it at most once a second for each reason. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long TELL_NANOS = 1_000_000_000L;
    private static final int WHY_CHARS_MAX = 500;

    private static final class Count {
        private long all;
        private long told;
        private long toldNanos;
    }

    private final Clock clock;
    private final Map<Refusal, Count> counts = new EnumMap<>(Refusal.class);

    Refusals(Clock clock) {
        this.clock = clock;
    }

    /**
     * One more.
     *
     * @param who where it came from
     */
    synchronized void add(Refusal refusal, String who, String why) {
        Count count = counts.computeIfAbsent(refusal, _ -> new Count());
        count.all++;
        long now = clock.monotonicNanos();
        if (count.told > 0 && now - count.toldNanos < TELL_NANOS) {
            return;
        }
        long untold = count.all - count.told - 1;
        LOG.warn(
                "refused {} ({}): {}{}",
                printable(who),
                refusal.label(),
                printable(why),
                untold > 0 ? "; and " + untold + " more for this reason" : "");
        count.told = count.all;
        count.toldNanos = now;
    }

    synchronized Map<Refusal, Long> counts() {
        Map<Refusal, Long> all = new EnumMap<>(Refusal.class);
        counts.forEach((refusal, count) -> all.put(refusal, count.all));
        return all;
    }

    /** What strangers say cannot break a line or hide one. */
    static String printable(String text) {
        String line = text.replaceAll("\\p{C}", "?");
        return line.length() <= WHY_CHARS_MAX ? line : line.substring(0, WHY_CHARS_MAX) + "…";
    }
}
