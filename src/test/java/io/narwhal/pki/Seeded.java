package io.narwhal.pki;

import java.security.Provider;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.Random;

/** Randomness that is the same for the same seed, so that a run can be had again. */
final class Seeded extends SecureRandom {
    private static final long serialVersionUID = 1;

    Seeded(long seed) {
        super(new Numbers(seed), new Nobody());
    }

    private static final class Nobody extends Provider {
        private static final long serialVersionUID = 1;

        Nobody() {
            super("seeded", "1", "numbers of a test");
        }
    }

    private static final class Numbers extends SecureRandomSpi {
        private static final long serialVersionUID = 1;

        private final Random random;

        Numbers(long seed) {
            random = new Random(seed);
        }

        @Override
        protected void engineSetSeed(byte[] seed) {}

        @Override
        protected void engineNextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        }
    }
}
