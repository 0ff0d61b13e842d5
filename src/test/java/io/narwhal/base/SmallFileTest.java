package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Random;

/** Promise 2: a small file is the old one or the new one, wherever the power is cut. */
class SmallFileTest {
    private static final Path DIRECTORY = Path.of("/data/node");
    private static final byte[] OLD = {1, 2, 3};
    private static final byte[] NEW = new byte[2_000];

    private static SimulatedDisk disk() {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(DIRECTORY);
        SmallFile.replace(disk, DIRECTORY, "state", OLD);
        return disk;
    }

    private static byte[] read(Disk disk) {
        return SmallFile.read(disk, DIRECTORY.resolve("state"));
    }

    @Test
    void itIsReadAsItWasWritten() {
        SimulatedDisk disk = disk();
        assertThat(read(disk)).isEqualTo(OLD);
        SmallFile.replace(disk, DIRECTORY, "state", NEW);
        assertThat(read(disk)).isEqualTo(NEW);
        assertThat(disk.list(DIRECTORY)).containsExactly("state");
    }

    @Test
    void aCutAtAnyStepLeavesTheOldOrTheNewAndTheEndLeavesTheNew() {
        int cuts = 0;
        while (cutAt(cuts + 1)) {
            cuts++;
        }
        assertThat(cuts).isGreaterThanOrEqualTo(4); // write, force, rename, force the directory
    }

    /** Whether there was such a step. */
    private static boolean cutAt(int step) {
        SimulatedDisk disk = disk();
        disk.cutAt(disk.operations() + step);
        boolean cut = false;
        try {
            SmallFile.replace(disk, DIRECTORY, "state", NEW);
        } catch (PowerCut e) {
            cut = true;
        }
        for (int seed = 0; seed < 20; seed++) {
            byte[] found = read(disk.afterPowerCut(new Random(seed)));
            if (cut) {
                assertThat(found).as("step %d, seed %d", step, seed).isIn(OLD, NEW);
            } else {
                assertThat(found).as("seed %d", seed).isEqualTo(NEW);
            }
        }
        return cut;
    }
}
