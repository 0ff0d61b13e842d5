package io.narwhal.endtoend;

import org.junit.jupiter.api.Assumptions;

/** Tests that the build has no time for: it is to be over within 20 minutes. */
final class LongRun {
    private static final String ASK = "narwhal.long";

    private LongRun() {}

    /** Skips the test, and says so, unless long ones are asked for. */
    static void only(Class<?> test, String meanwhile) {
        String why =
                test.getSimpleName()
                        + " runs with -D"
                        + ASK
                        + "=true only, as it takes a minute or two; without it "
                        + meanwhile;
        if (!Boolean.getBoolean(ASK)) {
            System.out.println("skipped: " + why);
        }
        Assumptions.assumeTrue(Boolean.getBoolean(ASK), why);
    }
}
