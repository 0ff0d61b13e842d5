package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.DiskFull;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.recovery.RecoveryNote;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** R20: what is written down of recoveries is durable, bounded, and readable whatever was torn. */
class RecoveryFileTest {
    private static final NodeLayout LAYOUT = new NodeLayout(Path.of("/data"));
    private static final Path FILE = LAYOUT.recoveries().resolve("flows.jsonl");

    private static RecoveryNote note(long pid) {
        return new RecoveryNote(
                "2026-11-23T00:00:00Z",
                "flows",
                "collector",
                pid,
                pid,
                "boot",
                "crash",
                null,
                1,
                null,
                1,
                null,
                null,
                List.of());
    }

    private static RecoveryFile file(SimulatedDisk disk) {
        return new RecoveryFile(disk, LAYOUT, "flows");
    }

    private static List<Long> pids(SimulatedDisk disk) {
        return file(disk).read().stream().map(RecoveryNote::pid).toList();
    }

    @Test
    void theLastLineOfAStartHolds() {
        var disk = new SimulatedDisk(1);
        file(disk).append(note(1).line());
        file(disk).append(note(2).line());
        String ended = note(2).line().replace("\"ended\":null", "\"ended\":\"stopped\"");
        file(disk).append(ended);
        assertThat(pids(disk)).containsExactly(1L, 2L);
        assertThat(file(disk).read().getLast().ended()).isEqualTo("stopped");
        assertThat(file(disk).last()).contains(ended);
    }

    @Test
    void ofTooManyTheOlderHalfIsDropped() {
        var disk = new SimulatedDisk(1);
        for (int i = 0; i < RecoveryFile.LINES_MAX; i++) {
            file(disk).append(note(i).line());
        }
        assertThat(pids(disk)).hasSize(RecoveryFile.LINES_MAX);
        file(disk).append(note(1_000).line());
        assertThat(pids(disk))
                .hasSize(RecoveryFile.LINES_MAX / 2 + 1)
                .startsWith(RecoveryFile.LINES_MAX / 2L)
                .endsWith(1_000L);
    }

    @Test
    void aTornLastLineIsPassedOverAndTheNextBeginsALineOfItsOwn() {
        var disk = new SimulatedDisk(1);
        file(disk).append(note(1).line());
        disk.put(FILE, (note(1).line() + "\n{\"at\":\"2026-").getBytes(StandardCharsets.UTF_8));
        assertThat(pids(disk)).containsExactly(1L);
        file(disk).append(note(2).line());
        assertThat(pids(disk)).containsExactly(1L, 2L);
    }

    @Test
    void aFullDiskLeavesTheLinesBeforeAsTheyWere() {
        var disk = new SimulatedDisk(1);
        file(disk).append(note(1).line());
        int bytes = disk.bytes(FILE).length;
        disk.capacity(bytes + 40);
        assertThatThrownBy(() -> file(disk).append(note(2).line())).isInstanceOf(DiskFull.class);
        assertThat(disk.bytes(FILE)).hasSize(bytes);
        disk.capacity(Long.MAX_VALUE);
        file(disk).append(note(2).line());
        assertThat(pids(disk)).containsExactly(1L, 2L);
    }

    /** Whatever is cut where, what was written before is there, and the next line can be added. */
    @Test
    void whateverIsCutTheLinesBeforeAreThere() {
        for (long n = 1; ; n++) {
            var disk = new SimulatedDisk(n);
            disk.cutAt(n);
            int written = 0;
            try {
                while (written < 5) {
                    file(disk).append(note(written).line());
                    written++;
                }
                file(disk).replaceLast(note(9).line());
                return;
            } catch (PowerCut cut) {
                holds(disk.afterKill(), written, "cut " + n + " by kill");
                for (int chance = 0; chance < 8; chance++) {
                    holds(
                            disk.afterPowerCut(new Random(31 * n + chance)),
                            written,
                            "cut " + n + " by power, chance " + chance);
                }
            }
        }
    }

    private static void holds(SimulatedDisk disk, int written, String what) {
        List<Long> pids = pids(disk);
        int certain = written == 5 ? 4 : written; // the last one may have been replaced
        assertThat(pids).as(what).hasSizeBetween(certain, written + 1);
        for (int i = 0; i < certain; i++) {
            assertThat(pids.get(i)).as(what).isEqualTo(i);
        }
        file(disk).append(note(77).line());
        assertThat(pids(disk)).as(what).endsWith(77L).hasSize(pids.size() + 1);
    }
}
