package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

class SimulatedDiskTest {
    private static final Path DIRECTORY = Path.of("/d");
    private static final Path FILE = DIRECTORY.resolve("f");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void aKilledProcessLosesNothingThatItWrote() {
        write(3000);
        assertThat(disk.afterKill().bytes(FILE)).isEqualTo(filled(3000));
    }

    @Test
    void aPowerCutKeepsWhatWasForcedAndAnySectorsOfTheRest() {
        try (var file = write(1024)) {
            file.force();
            disk.forceDirectory(DIRECTORY);
            file.write(ByteBuffer.wrap(filled(2048)), 1024);
        }
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            byte[] found = disk.afterPowerCut(new Random(seed)).bytes(FILE);
            assertThat(Arrays.copyOf(found, 1024)).isEqualTo(filled(1024));
            seen.add(Arrays.hashCode(found) + "/" + found.length);
        }
        assertThat(seen).hasSizeGreaterThan(20);
    }

    @Test
    void aNameThatWasNotForcedMayOrMayNotBeThere() {
        write(10).close();
        Set<Boolean> seen = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            seen.add(disk.afterPowerCut(new Random(seed)).exists(FILE));
        }
        assertThat(seen).containsExactlyInAnyOrder(true, false);
        disk.forceDirectory(DIRECTORY);
        for (int seed = 0; seed < 50; seed++) {
            assertThat(disk.afterPowerCut(new Random(seed)).exists(FILE)).isTrue();
        }
    }

    @Test
    void aRenameHappensWholeOrNotAtAll() {
        write(10).close();
        disk.forceDirectory(DIRECTORY);
        Path to = DIRECTORY.resolve("to");
        disk.rename(FILE, to);
        for (int seed = 0; seed < 50; seed++) {
            var found = disk.afterPowerCut(new Random(seed));
            assertThat(found.exists(FILE)).isNotEqualTo(found.exists(to));
        }
    }

    @Test
    void aPageHoldsAfterAPowerCutSomeValueThatWasPut() {
        disk.createDirectories(DIRECTORY);
        var page = disk.page(FILE, 64);
        try (var file = disk.open(FILE, Disk.Mode.WRITE)) {
            file.force();
        }
        disk.forceDirectory(DIRECTORY);
        page.putLong(8, 5);
        page.putLong(8, 6);
        assertThat(disk.afterKill().page(FILE, 64).getLong(8)).isEqualTo(6);
        Set<Long> seen = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            seen.add(disk.afterPowerCut(new Random(seed)).page(FILE, 64).getLong(8));
        }
        assertThat(seen).containsExactlyInAnyOrder(0L, 5L, 6L);
    }

    @Test
    void theCutOperationIsDoneInPartAndNothingAfterIt() {
        disk.createDirectories(DIRECTORY);
        disk.cutAt(3);
        assertThatThrownBy(() -> write(5000)).isInstanceOf(PowerCut.class);
        assertThatThrownBy(() -> disk.exists(FILE)).isInstanceOf(PowerCut.class);
        assertThat(disk.operations()).isEqualTo(3);
        byte[] found = disk.afterKill().bytes(FILE);
        assertThat(found.length).isLessThanOrEqualTo(5000);
    }

    @Test
    void aFullDiskTakesWhatFitsAndSaysSo() {
        disk.capacity(100);
        assertThatThrownBy(() -> write(101))
                .isInstanceOf(DiskFull.class)
                .hasMessage("cannot write /d/f: No space left on device");
        assertThat(disk.bytes(FILE)).hasSize(100);
    }

    @Test
    void whatAFailedForceLeftIsNotSavedByALaterOne() {
        try (var file = write(512)) {
            disk.forceDirectory(DIRECTORY);
            disk.failForceAt(1);
            assertThatThrownBy(file::force)
                    .isInstanceOf(DiskFailure.class)
                    .hasMessage("cannot force /d/f: Input/output error");
            file.force();
        }
        Set<Integer> sizes = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            sizes.add(disk.afterPowerCut(new Random(seed)).bytes(FILE).length);
        }
        assertThat(sizes).contains(0);
    }

    @Test
    void theSameSeedGivesTheSameDisk() {
        write(5000).close();
        disk.forceDirectory(DIRECTORY);
        assertThat(disk.afterPowerCut(new Random(9)).bytes(FILE))
                .isEqualTo(disk.afterPowerCut(new Random(9)).bytes(FILE));
    }

    private DiskFile write(int size) {
        disk.createDirectories(DIRECTORY);
        var file = disk.open(FILE, Disk.Mode.CREATE);
        file.write(ByteBuffer.wrap(filled(size)), 0);
        return file;
    }

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 7);
        return bytes;
    }
}
