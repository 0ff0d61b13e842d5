package io.narwhal.base;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * The only randomness of the program: for keys, and for numbers unlike any other, by which two
 * hosts tell apart what each made without knowing of the other. Nothing that is accounted depends
 * on it, as that must be the same when it is done again.
 */
public final class Randomness {
    private Randomness() {}

    /** The system's, which nobody can guess. */
    public static SecureRandom system() {
        return new SecureRandom();
    }

    /** Numbers that nobody else has: of 63 random bits, never 0 and never negative. */
    public static LongSupplier identities() {
        SecureRandom random = system();
        return () -> {
            long id = random.nextLong() & Long.MAX_VALUE;
            return id == 0 ? 1 : id;
        };
    }
}
