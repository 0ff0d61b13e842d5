package io.narwhal.base;

import java.security.SecureRandom;

/**
 * Numbers that nobody can guess: for keys and for names unlike any other. Operators never see one,
 * as what they do must be the same when it is done again.
 */
public final class Randomness {
    private Randomness() {}

    /** The system's. */
    public static SecureRandom system() {
        return new SecureRandom();
    }
}
