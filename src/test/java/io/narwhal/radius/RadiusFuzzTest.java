package io.narwhal.radius;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.wire.FuzzTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The fuzz target of the packet room for a short while (R6): each seed, then Jazzer, always with
 * the same seed and number of runs. {@code benchmarks/fuzz Radius} goes on for longer.
 */
class RadiusFuzzTest {
    @Test
    void everySeedHolds() throws IOException {
        List<byte[]> seeds = RadiusFuzz.seeds();
        assertThat(seeds).hasSizeGreaterThan(100);
        seeds.forEach(RadiusFuzz::run);
    }

    @Test
    void jazzerFindsNothing(@TempDir Path directory) throws Exception {
        RadiusFuzz.write(directory.resolve("seeds"));
        FuzzTest.run(directory, RadiusFuzz.Radius.class, "io.narwhal.radius.**");
    }
}
