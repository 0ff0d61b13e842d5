package io.narwhal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.Random;

/** R47, pitfall 16: shares are exact, whatever the counter and the bins. */
class SpreadTest {
    private static final long SEED = Long.getLong("sim.seed", 20_260_101L);

    @Test
    void r47_sharesAgreeWithArithmeticWithoutLimits() {
        System.out.println("SpreadTest sim.seed=" + SEED);
        var random = new Random(SEED);
        for (int i = 0; i < 200_000; i++) {
            long total = random.nextLong() >>> random.nextInt(64);
            long whole = 1 + (random.nextLong() >>> 1 + random.nextInt(62));
            long part = random.nextLong(whole + 1);
            BigInteger exact =
                    new BigInteger(Long.toUnsignedString(total))
                            .multiply(BigInteger.valueOf(part))
                            .divide(BigInteger.valueOf(whole));
            assertThat(Long.toUnsignedString(Spread.until(total, part, whole)))
                    .as("%s × %d / %d", Long.toUnsignedString(total), part, whole)
                    .isEqualTo(exact.toString());
        }
    }

    @Test
    void r47_sharesOfAllBinsAddUpToTheCounter() {
        System.out.println("SpreadTest sim.seed=" + SEED);
        var random = new Random(SEED);
        for (int i = 0; i < 2_000; i++) {
            long total = i == 0 ? -1L : random.nextLong() >>> random.nextInt(64);
            long whole = 1 + random.nextLong(10_000_000);
            BigInteger sum = BigInteger.ZERO;
            long before = 0;
            for (long part = 0; part < whole; ) {
                part = Math.min(whole, part + 1 + random.nextLong(whole));
                long until = Spread.until(total, part, whole);
                assertThat(Long.compareUnsigned(before, until)).isNotPositive();
                sum = sum.add(new BigInteger(Long.toUnsignedString(until - before)));
                before = until;
            }
            assertThat(sum).isEqualTo(new BigInteger(Long.toUnsignedString(total)));
        }
    }

    @Test
    void theLargestCounterOverTheLongestTimeIsExact() {
        long longest = Long.MAX_VALUE;
        assertThat(Spread.until(-1L, longest, longest)).isEqualTo(-1L);
        assertThat(Spread.until(-1L, longest - 1, longest)).isEqualTo(-4L);
        assertThat(Spread.until(-1L, 0, longest)).isZero();
    }
}
