package io.narwhal.record;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;

import java.util.List;

/**
 * What to sum, and by what.
 *
 * @param name name in the configuration, unique
 * @param keys the fields to sum by, in the order declared, without repetition
 * @param binMs length of a time bin; bins begin at multiples of it since 1970
 * @param closeAfterMs how long after its end, by arrival time, a bin closes
 * @param scaled whether rows have, beside the measured counters, those multiplied by the sampling
 *     rate
 * @param counts what is summed
 */
public record UsageDefinition(
        String name,
        List<Field> keys,
        long binMs,
        long closeAfterMs,
        boolean scaled,
        Counts counts) {
    /** Which records a usage sums: the same octets may come in flows and in sessions. */
    public enum Counts {
        /** Flow records. */
        FLOWS(1),
        /** RADIUS sessions. */
        SESSIONS(2),
        /** Both. */
        ALL(3);

        private final int code;

        Counts(int code) {
            this.code = code;
        }

        /** As in states. */
        public int code() {
            return code;
        }

        /**
         * That of a code.
         *
         * @throws StateReader.Malformed when there is none
         */
        public static Counts of(int code) {
            return switch (code) {
                case 1 -> FLOWS;
                case 2 -> SESSIONS;
                case 3 -> ALL;
                default -> throw new StateReader.Malformed("a usage counts no " + code);
            };
        }

        /** Whether flow records count. */
        public boolean flows() {
            return this != SESSIONS;
        }

        /** Whether sessions count. */
        public boolean sessions() {
            return this != FLOWS;
        }
    }

    /** A definition of flows. */
    public UsageDefinition(
            String name, List<Field> keys, long binMs, long closeAfterMs, boolean scaled) {
        this(name, keys, binMs, closeAfterMs, scaled, Counts.FLOWS);
    }

    /** A definition of flows whose rows have measured counters alone. */
    public UsageDefinition(String name, List<Field> keys, long binMs, long closeAfterMs) {
        this(name, keys, binMs, closeAfterMs, false);
    }

    public UsageDefinition {
        keys = List.copyOf(keys);
        Check.that(keys.stream().allMatch(Field::isKey), "%s: every key is a key field", name);
        Check.that(keys.stream().distinct().count() == keys.size(), "%s: keys differ", name);
        Check.that(binMs > 0 && closeAfterMs >= 0, "%s: a bin has a length", name);
    }

    /**
     * Whether a flow is charged at both its ends: to the customer or subscriber at its source and
     * to the one at its destination. What a session counts has one end.
     */
    public boolean isTwoSided() {
        return counts.flows() && !EndKey.of(keys).isEmpty();
    }
}
