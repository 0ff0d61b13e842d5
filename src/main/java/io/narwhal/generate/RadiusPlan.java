package io.narwhal.generate;

import java.net.InetSocketAddress;

/**
 * Which sessions access servers report. The same plan makes the same sessions: identities,
 * addresses, times and counters; what depends on answers (identifiers, delays, what is sent again)
 * does not.
 *
 * <p>Make one with {@link #to}. Session {@code s} (counted from 0) belongs to the NAS {@code s}
 * modulo their number and to the subscriber {@code s} modulo theirs. NAS {@code i} is called {@code
 * nas-(i + 1)} and, on an IPv4 loopback target, has the address 127.0.0.(11 + i). A session has a
 * Start, interim updates and a Stop, each sent only when the one before it was answered.
 *
 * @param target where to send to
 * @param sessions to report in total; 0 = by duration
 * @param durationMs no request is begun after this time; those that are out are still awaited. 0 =
 *     until all sessions have ended
 * @param interims interim updates of each session, 0 to 1,000
 * @param nas access servers, 1 to 200
 * @param subscribers who have the sessions, 1 up
 * @param outstanding sessions that are reported at once, each with at most one request on its way
 * @param requestsPerSecond 0 = as fast as answers come
 * @param timeoutMs a request without an answer is sent again after so long
 * @param retries how often at most; {@link #UNTIL_ANSWERED}. Then it is given up, and the session
 *     goes on with its next report
 * @param duplicatePercent so many of the answered requests are sent again all the same, at once or
 *     behind the session's next request
 * @param delay what becomes of Acct-Delay-Time when a request is sent again
 * @param gigawords whether counters above 32 bits are told (RFC 2869 §5.1, §5.2); otherwise they
 *     wrap, and grow by less than 2^32 from report to report
 * @param messageAuthenticator whether requests carry one (RFC 2869 §5.14)
 * @param intervalMs from report to report, in the time that the reports tell
 * @param startMs the time at which the first session ends, milliseconds since 1970; its other
 *     reports lie before. Sessions that follow end later, 10,000 of them in a second
 * @param seed of counters and times
 */
public record RadiusPlan(
        InetSocketAddress target,
        int sessions,
        long durationMs,
        int interims,
        int nas,
        int subscribers,
        int outstanding,
        long requestsPerSecond,
        long timeoutMs,
        int retries,
        int duplicatePercent,
        Delay delay,
        boolean gigawords,
        boolean messageAuthenticator,
        long intervalMs,
        long startMs,
        long seed) {

    /** The most sessions. */
    public static final int SESSIONS_MAX = 10_000_000;

    /** The most sessions that are reported at once. */
    public static final int OUTSTANDING_MAX = 16_384;

    /** A request is sent again for ever. */
    public static final int UNTIL_ANSWERED = -1;

    private static final int SESSIONS_PER_MS = 10;

    /** What becomes of Acct-Delay-Time when a request is sent again (RFC 2866 §4.1, §5.2). */
    public enum Delay {
        /** It grows, so there is a new identifier and a new authenticator. */
        CHANGES,
        /** The same packet goes again. */
        STAYS,
        /** The one half of the times this, the other that. */
        MIXED
    }

    /**
     * Checks the plan.
     *
     * @throws IllegalArgumentException names the value that cannot be, and what can
     */
    public RadiusPlan {
        need(!target.isUnresolved(), "target", target, "a known address");
        within("sessions", sessions, 0, SESSIONS_MAX);
        need(durationMs >= 0, "duration", durationMs, "0 or more");
        need(sessions > 0 || durationMs > 0, "sessions or duration", 0, "more than 0");
        within("interims", interims, 0, 1_000);
        within("nas", nas, 1, TrafficPlan.EXPORTERS_MAX);
        within("subscribers", subscribers, 1, SESSIONS_MAX);
        within("outstanding", outstanding, 1, OUTSTANDING_MAX);
        within("requestsPerSecond", requestsPerSecond, 0, 1_000_000_000);
        within("timeout", timeoutMs, 1, 3_600_000);
        within("retries", retries, UNTIL_ANSWERED, 1_000_000);
        within("duplicatePercent", duplicatePercent, 0, 100);
        within("interval", intervalMs, 1_000, 86_400_000);
    }

    private static void within(String name, long value, long from, long to) {
        need(value >= from && value <= to, name, value, from + " to " + to);
    }

    private static void need(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + "; it can be " + allowed);
        }
    }

    /** How many sessions there can be. */
    int sessionsMax() {
        return sessions > 0 ? sessions : SESSIONS_MAX;
    }

    /** Number of a session's last report, its Stop; the Start is 0. */
    int stop() {
        return interims + 1;
    }

    /** When a session ends, milliseconds since 1970. */
    long endMs(int session) {
        return startMs + session / SESSIONS_PER_MS;
    }

    /** A plan with all defaults: 1,000 sessions of 4 NASes with 4 interim updates each. */
    public static Builder to(InetSocketAddress target) {
        return new Builder(target);
    }

    /** Sets what differs from the defaults; see {@link RadiusPlan} for the meanings. */
    public static final class Builder {
        private final InetSocketAddress target;
        private int sessions = 1_000;
        private long durationMs;
        private int interims = 4;
        private int nas = 4;
        private int subscribers = 10_000;
        private int outstanding = 64;
        private long requestsPerSecond;
        private long timeoutMs = 1_000;
        private int retries = UNTIL_ANSWERED;
        private int duplicatePercent;
        private Delay delay = Delay.MIXED;
        private boolean gigawords = true;
        private boolean messageAuthenticator;
        private long intervalMs = 300_000;
        private long startMs;
        private long seed = 1;

        private Builder(InetSocketAddress target) {
            this.target = target;
        }

        /** Default 1,000; 0 is allowed with a duration. */
        public Builder sessions(int value) {
            sessions = value;
            return this;
        }

        /** Default 0: until all sessions have ended. */
        public Builder durationMs(long value) {
            durationMs = value;
            return this;
        }

        /** Default 4. */
        public Builder interims(int value) {
            interims = value;
            return this;
        }

        /** Default 4. */
        public Builder nas(int value) {
            nas = value;
            return this;
        }

        /** Default 10,000. */
        public Builder subscribers(int value) {
            subscribers = value;
            return this;
        }

        /** Default 64. */
        public Builder outstanding(int value) {
            outstanding = value;
            return this;
        }

        /** Default 0: as fast as answers come. */
        public Builder requestsPerSecond(long value) {
            requestsPerSecond = value;
            return this;
        }

        /** Default 1,000. */
        public Builder timeoutMs(long value) {
            timeoutMs = value;
            return this;
        }

        /** Default {@link #UNTIL_ANSWERED}. */
        public Builder retries(int value) {
            retries = value;
            return this;
        }

        /** Default 0. */
        public Builder duplicatePercent(int value) {
            duplicatePercent = value;
            return this;
        }

        /** Default {@link Delay#MIXED}. */
        public Builder delay(Delay value) {
            delay = value;
            return this;
        }

        /** Default true. */
        public Builder gigawords(boolean value) {
            gigawords = value;
            return this;
        }

        /** Default false. */
        public Builder messageAuthenticator(boolean value) {
            messageAuthenticator = value;
            return this;
        }

        /** Default 300,000. */
        public Builder intervalMs(long value) {
            intervalMs = value;
            return this;
        }

        /** Default 0: 1970. Give the present for sessions of the present. */
        public Builder startMs(long value) {
            startMs = value;
            return this;
        }

        /** Default 1. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * The plan.
         *
         * @throws IllegalArgumentException names the value that cannot be, and what can
         */
        public RadiusPlan build() {
            return new RadiusPlan(
                    target,
                    sessions,
                    durationMs,
                    interims,
                    nas,
                    subscribers,
                    outstanding,
                    requestsPerSecond,
                    timeoutMs,
                    retries,
                    duplicatePercent,
                    delay,
                    gigawords,
                    messageAuthenticator,
                    intervalMs,
                    startMs,
                    seed);
        }
    }
}
