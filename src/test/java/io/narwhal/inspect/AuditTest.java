package io.narwhal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.output.LedgerSums;
import io.narwhal.record.Tally;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;

class AuditTest {
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

    /** A device, or a stranger, that tells absurd counters does not unbalance the books. */
    @Test
    void rowsThatSumBeyond64BitsAddUpToAChargeThatWrapped() {
        assertThat(usage(-5, TWO_TO_64.multiply(BigInteger.TWO).subtract(BigInteger.valueOf(5))))
                .matches(Audit.Usage::isBalanced);
        assertThat(usage(-5, TWO_TO_64.subtract(BigInteger.valueOf(5))))
                .matches(Audit.Usage::isBalanced);
    }

    @Test
    void aMissingOctetUnbalances() {
        assertThat(usage(-5, TWO_TO_64.subtract(BigInteger.valueOf(6))).isBalanced()).isFalse();
        assertThat(usage(7, BigInteger.valueOf(6)).isBalanced()).isFalse();
    }

    private static Audit.Usage usage(long charged, BigInteger octets) {
        var tally = new Tally();
        tally.add(2, 3, charged);
        var rows = new LedgerSums(1, 1, octets, BigInteger.valueOf(3), BigInteger.TWO);
        return new Audit.Usage("by-pair", false, tally, tally, rows, 0);
    }
}
