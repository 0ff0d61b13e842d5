package io.narwhal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.wire.FuzzTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/**
 * The fuzz target of the messages between hosts for a short while (R63): each seed, then Jazzer,
 * always with the same seed and number of runs. {@code benchmarks/fuzz Transfer} goes on for
 * longer.
 */
class TransferFuzzTest {
    @Test
    void everySeedHolds() {
        List<byte[]> seeds = TransferFuzz.seeds();
        assertThat(seeds).hasSizeGreaterThan(80);
        seeds.forEach(TransferFuzz::run);
    }

    @Test
    void jazzerFindsNothing(@TempDir Path directory) throws Exception {
        TransferFuzz.write(directory.resolve("seeds"));
        FuzzTest.run(directory, TransferFuzz.Transfer.class, "io.narwhal.remote.*");
    }
}
