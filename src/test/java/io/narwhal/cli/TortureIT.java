package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/**
 * A short torture (R20, R23, R34): random faults on real processes under load, truth against
 * ledger. Without root the disk is not filled, which the report says.
 */
class TortureIT {
    private static final long SEED = Long.getLong("torture.seed", 20261123L);
    private static final int KINDS_BUT_DISK = 8;

    @TempDir private Path directory;

    @Test
    void nothingIsLostAndNothingDoubledWhateverHappens() {
        System.out.println("TortureIT: -Dtorture.seed=" + SEED);

        CommandLineRun run =
                CommandLineRun.of(
                        directory,
                        "torture",
                        "--seed",
                        Long.toString(SEED),
                        "--minutes",
                        "0.6",
                        "--rate",
                        "2000");

        System.out.println(run.out());
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("Usage is what was sent, to the last octet")
                .contains("; 0 lost, 0 doubled.\n");
        assertThat(run.out().lines().filter(line -> line.matches("[a-z]+ +[1-9][0-9]*")))
                .as("kinds of faults that happened: %s", run.out())
                .hasSizeGreaterThanOrEqualTo(KINDS_BUT_DISK);
    }
}
