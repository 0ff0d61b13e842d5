package io.narwhal.base;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * Numbers that nobody else has: the only randomness of the program. They tell apart what two hosts
 * made without knowing of each other; nothing that is computed depends on them.
 */
public final class Identities {
    private Identities() {}

    /** Numbers of 63 random bits, never 0 and never negative. */
    public static LongSupplier system() {
        var random = new SecureRandom();
        return () -> {
            long id = random.nextLong() & Long.MAX_VALUE;
            return id == 0 ? 1 : id;
        };
    }
}
