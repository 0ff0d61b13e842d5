package io.narwhal.journal;

import static io.narwhal.journal.CompressedJournal.DIRECTORY;
import static io.narwhal.journal.CompressedJournal.fill;
import static io.narwhal.journal.CompressedJournal.open;
import static io.narwhal.journal.CompressedJournal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

/** R20: cut at every write, force, rename and deletion of a compression, the journal is whole. */
class CompressionCutTest {
    private static final int FRAMES = 24;
    private static final int POWER_CUTS = 8;

    @Test
    void theSameFramesAreReadWhereverCompressionIsCut() {
        var whole = new SimulatedDisk(1);
        List<String> frames = fill(whole, FRAMES);
        long before = whole.operations();
        compressAndTrim(whole);
        long operations = whole.operations() - before;
        assertThat(operations).isGreaterThan(30);
        for (long n = 1; n <= operations; n++) {
            var disk = new SimulatedDisk(1);
            fill(disk, FRAMES);
            disk.cutAt(disk.operations() + n);
            cut(disk);
            survives("kill at " + n, disk.afterKill(), frames);
            for (int seed = 0; seed < POWER_CUTS; seed++) {
                String what = "power cut at " + n + ", seed " + seed;
                survives(what, disk.afterPowerCut(new Random(seed)), frames);
            }
        }
    }

    @Test
    void aSecondCutChangesNothing() {
        var whole = new SimulatedDisk(1);
        List<String> frames = fill(whole, FRAMES);
        long before = whole.operations();
        compressAndTrim(whole);
        long operations = whole.operations() - before;
        for (long n = 2; n <= operations; n += 3) {
            var disk = new SimulatedDisk(1);
            fill(disk, FRAMES);
            disk.cutAt(disk.operations() + n);
            cut(disk);
            for (long again = 1; again <= 9; again += 2) {
                var killed = disk.afterKill();
                killed.cutAt(again);
                cut(killed);
                String what = "kill at " + n + ", power cut at " + again;
                survives(what, killed.afterPowerCut(new Random(n)), frames);
            }
        }
    }

    /** All there is to compression: copies, adoption, and in the end a journal that is trimmed. */
    private static void compressAndTrim(SimulatedDisk disk) {
        try (var writer = open(disk, new JournalLimits(1_000, 300, 0, 0));
                var compressor = CompressedJournal.compressor(disk)) {
            for (int i = 0; i < 2; i++) {
                compressor.next(() -> true);
            }
            writer.adoptCompressed();
            compressor.next(() -> true);
            writer.trim(Long.MAX_VALUE);
            writer.adoptCompressed();
        }
    }

    private static void cut(SimulatedDisk disk) {
        try {
            compressAndTrim(disk);
        } catch (PowerCut expected) {
            assertThat(expected).hasMessageContaining("cut at operation");
        }
    }

    /** What is there is an end of all frames: nothing is missing but what was trimmed. */
    private static void survives(String what, SimulatedDisk disk, List<String> frames) {
        try (var writer = open(disk)) {
            assertThat(writer.recovered().damage()).as(what).isEmpty();
            assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).as(what).isEmpty();
            List<String> read = read(disk, 0);
            assertThat(read).as(what).isNotEmpty();
            assertThat(read)
                    .as(what)
                    .isEqualTo(frames.subList(frames.size() - read.size(), frames.size()));
            // And it goes on as if nothing had been.
            CompressedJournal.compress(disk);
            writer.adoptCompressed();
            assertThat(read(disk, 0)).as(what).isEqualTo(read);
            assertThat(CompressedJournal.names(disk))
                    .as(what)
                    .hasSameSizeAs(Segments.bases(disk, DIRECTORY));
            JournalBasicsTest.append(writer, "after", 1);
            writer.publish(writer.force());
            assertThat(read(disk, 0)).as(what).hasSize(read.size() + 1).endsWith("after/1");
            assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).as(what).isEmpty();
        }
    }
}
