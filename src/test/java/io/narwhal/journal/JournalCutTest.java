package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** R20: cut at every write and force; what was promised is there, what is torn is not shown. */
class JournalCutTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final int POWER_CUTS = 6;

    /** What the scenario knew when it was cut. */
    private static final class Knowledge {
        final List<String> appended = new ArrayList<>();
        final List<Long> behind = new ArrayList<>();
        long forced;
        long published;
        long acknowledged;
        long written;
    }

    @Test
    void nothingPublishedIsLostWhereverAPlainWriterIsCut() {
        long operations = new Scenario(new SimulatedDisk(1)).run(new Knowledge());
        assertThat(operations).isGreaterThan(100);
        for (long n = 1; n <= operations; n++) {
            var disk = new SimulatedDisk(n);
            disk.cutAt(n);
            var known = new Knowledge();
            cut(() -> new Scenario(disk).run(known));
            survivesKill("kill at " + n, disk.afterKill(), known);
            for (int seed = 0; seed < POWER_CUTS; seed++) {
                String what = "power cut at " + n + ", seed " + seed;
                survives(what, disk.afterPowerCut(new Random(seed)), known, known.forced);
            }
        }
    }

    @Test
    void recoveryItselfMayBeCutAnywhere() {
        long operations = new Scenario(new SimulatedDisk(1)).run(new Knowledge());
        for (long n = 7; n <= operations; n += 3) {
            var disk = new SimulatedDisk(n);
            disk.cutAt(n);
            var known = new Knowledge();
            cut(() -> new Scenario(disk).run(known));
            for (long again = 1; again <= 12; again++) {
                var second = disk.afterPowerCut(new Random(again));
                second.cutAt(again);
                cut(() -> open(second).close());
                String what = "power cut at " + n + ", recovery cut at " + again;
                survives(
                        what + " by power",
                        second.afterPowerCut(new Random(n)),
                        known,
                        known.forced);
                survives(what + " by kill", second.afterKill(), known, known.forced);
            }
        }
    }

    private static void survivesKill(String what, SimulatedDisk disk, Knowledge known) {
        survives(what, disk, known, known.written);
    }

    /** All frames up to {@code kept} are there, in order, and nothing that was not appended. */
    private static void survives(String what, SimulatedDisk disk, Knowledge known, long kept) {
        try (var writer = open(disk)) {
            assertThat(writer.recovered().damage()).as(what).isEmpty();
            assertThat(writer.published()).as(what).isGreaterThanOrEqualTo(known.published);
            long oldest = Segments.bases(disk, DIRECTORY).getFirst();
            assertThat(oldest).as(what).isLessThanOrEqualTo(known.acknowledged);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < known.appended.size(); i++) {
                if (known.behind.get(i) > oldest) {
                    expected.add(known.appended.get(i));
                }
            }
            List<String> read = read(what, disk);
            assertThat(
                            expected.subList(
                                    0,
                                    read.size() > expected.size() ? expected.size() : read.size()))
                    .as(what)
                    .isEqualTo(read.subList(0, Math.min(read.size(), expected.size())));
            // The frame that was being appended may be there whole, although append did not return.
            assertThat(read.size()).as(what).isLessThanOrEqualTo(expected.size() + 1);
            long durable = known.behind.stream().filter(b -> b > oldest && b <= kept).count();
            assertThat((long) read.size()).as(what).isGreaterThanOrEqualTo(durable);
            JournalBasicsTest.append(writer, "after", 1);
            writer.publish(writer.force());
            assertThat(read(what, disk)).as(what).hasSize(read.size() + 1).endsWith("after/1");
            assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).as(what).isEmpty();
        }
    }

    private static List<String> read(String what, Disk disk) {
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            List<String> read = new ArrayList<>();
            while (true) {
                Step step = reader.next();
                assertThat(step).as(what).isNotEqualTo(Step.DAMAGED);
                if (step == Step.END) {
                    return read;
                }
                read.add(JournalBasicsTest.text(reader));
            }
        }
    }

    private static void cut(Runnable scenario) {
        try {
            scenario.run();
        } catch (PowerCut expected) {
            assertThat(expected).hasMessageContaining("cut at operation");
        }
    }

    private static JournalWriter open(Disk disk) {
        var limits = new JournalLimits(1500, 1400, 0, 0);
        var settings = new JournalSettings(DIRECTORY, limits, List.of("a"));
        return JournalWriter.open(disk, new TestClock(), settings, () -> 99);
    }

    /** Two lives of a writer, one reader that acknowledges, rolls and trims. */
    private record Scenario(SimulatedDisk disk) {
        long run(Knowledge known) {
            for (int life = 0; life < 2; life++) {
                try (var writer = open(disk);
                        var reader = JournalReader.open(disk, DIRECTORY, known.acknowledged)) {
                    known.forced = Math.max(known.forced, writer.forced());
                    known.published = Math.max(known.published, writer.published());
                    for (int i = 0; i < 24; i++) {
                        append(writer, known, i);
                        if (i % 3 == 2) {
                            known.forced = writer.force();
                        }
                        if (i % 6 == 5) {
                            writer.publish(known.forced);
                            known.published = known.forced;
                        }
                        if (i % 8 == 7) {
                            readAndTrim(writer, reader, known);
                        }
                    }
                }
            }
            return disk.operations();
        }

        private static void append(JournalWriter writer, Knowledge known, int i) {
            String text = "frame " + known.appended.size() + "x".repeat(i * 97 % 700);
            known.appended.add(text + "/" + i);
            known.behind.add(Long.MAX_VALUE);
            long behind = JournalBasicsTest.append(writer, text, i);
            known.behind.set(known.behind.size() - 1, behind);
            known.written = behind;
        }

        private static void readAndTrim(
                JournalWriter writer, JournalReader reader, Knowledge known) {
            while (reader.next() == Step.FRAME) {}
            known.acknowledged = reader.position();
            reader.acknowledge("a", reader.position());
            writer.trim(Long.MAX_VALUE);
        }
    }
}
