package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Who wrote a journal is known whatever is cut: frames of two histories are never taken for one.
 */
class LineageTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final Path FILE = DIRECTORY.resolve(Lineage.FILE);

    private final SimulatedDisk disk = new SimulatedDisk(1);

    LineageTest() {
        disk.createDirectories(DIRECTORY);
    }

    private static Lineage.Entry entry(long number) {
        return new Lineage.Entry(1_000 + number, number, 5);
    }

    private static List<Lineage.Entry> entries(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(LineageTest::entry).toList();
    }

    @Test
    void theExampleOfThePageIsWhatIsWritten() throws IOException {
        var example = HexExample.of("journal.md", "### Example of a lineage");
        byte[] bytes = example.bytes(example.end());
        disk.put(FILE, bytes);
        List<Lineage.Entry> read = Lineage.read(disk, DIRECTORY);

        assertThat(read)
                .containsExactly(
                        new Lineage.Entry(0x1f2e3d4c5b6a7988L, 0, 1_700_000_000_000_000L),
                        new Lineage.Entry(0x0123456789abcdefL, 104, 1_700_000_060_000_000L));
        disk.delete(FILE);
        read.forEach(entry -> Lineage.enter(disk, DIRECTORY, entry));
        assertThat(disk.bytes(FILE)).isEqualTo(bytes);
    }

    @Test
    void nobodyHasWrittenWhatHasNoFile() {
        assertThat(Lineage.read(disk, DIRECTORY)).isEmpty();
        assertThat(Lineage.read(disk, Path.of("/nowhere"))).isEmpty();
    }

    @Test
    void aTornEndIsIgnoredAndOverwritten() {
        entries(1, 2).forEach(entry -> Lineage.enter(disk, DIRECTORY, entry));
        disk.shorten(FILE, 45);
        assertThat(Lineage.read(disk, DIRECTORY)).isEqualTo(entries(1, 1));

        Lineage.enter(disk, DIRECTORY, entry(3));

        assertThat(Lineage.read(disk, DIRECTORY)).containsExactly(entry(1), entry(3));
        assertThat(disk.bytes(FILE)).hasSize(64);
    }

    @Test
    void aDamagedEntryCostsItselfAlone() {
        entries(1, 3).forEach(entry -> Lineage.enter(disk, DIRECTORY, entry));
        disk.flip(FILE, 40);

        Lineage.enter(disk, DIRECTORY, entry(4));

        assertThat(Lineage.read(disk, DIRECTORY)).containsExactly(entry(1), entry(3), entry(4));
    }

    @Test
    void theNewestAreKeptAndTheFileStaysSmall() {
        for (Lineage.Entry entry : entries(1, 5_000)) {
            Lineage.enter(disk, DIRECTORY, entry);
            assertThat(disk.bytes(FILE).length).isLessThanOrEqualTo(2_048 * 32);
        }
        assertThat(Lineage.read(disk, DIRECTORY)).isEqualTo(entries(5_000 - 1_023, 5_000));
    }

    @Test
    void theNewestSurviveACutWhileTheFileIsMadeAnew() {
        entries(1, 2_048).forEach(entry -> Lineage.enter(disk, DIRECTORY, entry));
        for (int n = 1; n <= 6; n++) {
            for (int seed = 0; seed < 6; seed++) {
                SimulatedDisk cut = disk.afterPowerCut(new Random(seed));
                cut.cutAt(n);
                boolean done = !isCut(() -> Lineage.enter(cut, DIRECTORY, entry(2_049)));
                List<Lineage.Entry> found =
                        Lineage.read(cut.afterPowerCut(new Random(seed)), DIRECTORY);
                if (done) {
                    assertThat(found).isEqualTo(entries(1_026, 2_049));
                } else {
                    assertThat(found).isIn(entries(1_025, 2_048), entries(1_026, 2_049));
                }
            }
        }
    }

    /** Every content that was ever in a journal, by who wrote it where. */
    private static final class Contents {
        private final Map<String, String> known = new HashMap<>();
        private long ids;
        private long texts;

        /** Some frames, some of them forced and published, as whoever opens the journal next. */
        void write(SimulatedDisk disk) {
            var settings =
                    new JournalSettings(
                            DIRECTORY, new JournalLimits(4_096, 1_024, 0, 0), List.of());
            try (var writer = JournalWriter.open(disk, new TestClock(), settings, () -> 7)) {
                long id = ++ids;
                Lineage.enter(disk, DIRECTORY, new Lineage.Entry(id, writer.published(), 0));
                for (int frame = 0; frame < 3; frame++) {
                    String text = "content " + ++texts;
                    // Once the write has begun the frame may be there, whether append returns or
                    // not.
                    put(id, writer.end(), text);
                    JournalBasicsTest.append(writer, text, 1);
                    if (frame == 1) {
                        writer.publish(writer.force());
                    }
                }
            }
        }

        private void put(long id, long position, String text) {
            assertThat(known.put(id + "@" + position, text)).isNull();
        }

        /** Each frame that is there now is the one that its writer put there. */
        void verify(String what, SimulatedDisk disk) {
            List<Lineage.Entry> lineage = Lineage.read(disk, DIRECTORY);
            try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
                while (reader.next() == JournalReader.Step.FRAME) {
                    long writer = writerOf(lineage, reader.framePosition());
                    String text = JournalBasicsTest.text(reader).replaceFirst("/1$", "");
                    assertThat(known)
                            .as(what)
                            .containsEntry(writer + "@" + reader.framePosition(), text);
                }
            }
        }

        private static long writerOf(List<Lineage.Entry> lineage, long position) {
            return lineage.stream()
                    .filter(entry -> entry.first() <= position)
                    .reduce((_, last) -> last)
                    .map(Lineage.Entry::id)
                    .orElse(0L);
        }
    }

    @Test
    void whateverIsCutTwoContentsNeverHaveTheSameWriterAndPosition() {
        var counted = new SimulatedDisk(1);
        new Contents().write(counted);
        for (long n = 1; n <= counted.operations(); n++) {
            for (int seed = 0; seed < 8; seed++) {
                var contents = new Contents();
                SimulatedDisk now = new SimulatedDisk(seed);
                contents.write(now);
                for (int life = 0; life < 4; life++) {
                    var chance = new Random(31L * seed + life);
                    now = life % 2 == 0 ? now.afterPowerCut(chance) : now.afterKill();
                    now.cutAt(n);
                    SimulatedDisk living = now;
                    isCut(() -> contents.write(living));
                    now = now.afterKill();
                    contents.verify("cut at " + n + ", seed " + seed + ", life " + life, now);
                }
            }
        }
    }

    private static boolean isCut(Runnable work) {
        try {
            work.run();
            return false;
        } catch (PowerCut _) {
            return true;
        }
    }

    @Test
    void whoWroteTheFramesOfARestoredBackupIsAnother() {
        var contents = new Contents();
        contents.write(disk);
        SimulatedDisk backup = disk.afterKill();
        contents.write(disk);
        contents.write(backup);

        List<Long> original = ids(disk);
        List<Long> restored = ids(backup);

        assertThat(original).hasSize(2).startsWith(restored.getFirst());
        assertThat(restored.getLast()).isNotIn(new ArrayList<>(original));
    }

    private static List<Long> ids(SimulatedDisk disk) {
        return Lineage.read(disk, DIRECTORY).stream().map(Lineage.Entry::id).toList();
    }
}
