package io.narwhal.base;

import org.junit.jupiter.api.Assumptions;

/** What tests of Linux's own calls begin with. */
final class Linux {
    private Linux() {}

    /** Skips the test elsewhere, and says so. */
    static void assume() {
        if (!Native.available()) {
            System.out.println("skipped: these are system calls of Linux");
        }
        Assumptions.assumeTrue(Native.available(), "Linux");
    }
}
