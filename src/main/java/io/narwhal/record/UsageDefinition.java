package io.narwhal.record;

import io.narwhal.base.Check;

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
 */
public record UsageDefinition(
        String name, List<Field> keys, long binMs, long closeAfterMs, boolean scaled) {
    /** A definition whose rows have measured counters alone. */
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
     * Whether a record is charged at both its ends: to the customer at its source and at its
     * destination.
     */
    public boolean isTwoSided() {
        return keys.contains(Field.CUSTOMER) || keys.contains(Field.DIRECTION);
    }
}
