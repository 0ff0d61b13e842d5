package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

/** What a component prints does not fill the disk. */
class LogFileTest {
    private static final Path LOG = Path.of("/data/log/flows.log");
    private static final Path ASIDE = Path.of("/data/log/flows.log.1");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void aSmallLogIsGoneOnWithAndAMissingOneIsNone() {
        LogFile.rotate(disk, LOG);
        assertThat(disk.files()).isEmpty();
        disk.put(LOG, new byte[(int) LogFile.BYTES_MAX - 1]);
        LogFile.rotate(disk, LOG);
        assertThat(disk.files()).containsExactly(LOG);
    }

    @Test
    void aLargeLogIsPutAsideAndReplacesTheOneBefore() {
        disk.put(ASIDE, new byte[1]);
        disk.put(LOG, new byte[(int) LogFile.BYTES_MAX]);
        LogFile.rotate(disk, LOG);
        assertThat(disk.files()).containsExactly(ASIDE);
        assertThat(disk.bytes(ASIDE)).hasSize((int) LogFile.BYTES_MAX);
    }
}
