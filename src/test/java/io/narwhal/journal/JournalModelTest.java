package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.DiskFull;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * R20, R22, R23: a writer, two readers and a compressor do what chance tells them, are killed and
 * lose power at any operation, and begin again; a model in memory says what must be there.
 */
class JournalModelTest {
    private static final Path DIRECTORY = Path.of("/data/journal");
    private static final int SEEDS = 400;
    private static final int LIVES = 7;

    private enum Kind {
        /** Frames come from outside and cannot be made again. */
        COLLECTING,
        /** Frames are a function of their number and are computed again behind a checkpoint. */
        COMPUTING
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void readersGetEveryPromisedFrameOnceInOrderThroughAnyCrash(Kind kind) {
        int read = 0;
        int compressed = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            var model = new Model(kind, seed);
            for (int life = 0; life < LIVES; life++) {
                model.live("seed " + seed + ", life " + life);
            }
            read += model.readers[0].consumed.size();
            compressed += model.compressed;
        }
        assertThat(read).as("the scenario moves frames at all").isGreaterThan(SEEDS * 20);
        if (kind == Kind.COLLECTING) {
            assertThat(compressed).as("segments are compressed at all").isGreaterThan(SEEDS);
        }
    }

    private record Checkpoint(long frames, JournalPosition at) {}

    /** What a reader holds: it survives crashes only up to the reader's own checkpoint. */
    private static final class Reading {
        final String name;
        final List<String> consumed = new ArrayList<>();
        long position;
        int checkpointFrames;
        long checkpointPosition;

        Reading(String name) {
            this.name = name;
        }

        void crash() {
            consumed.subList(checkpointFrames, consumed.size()).clear();
            position = checkpointPosition;
        }
    }

    private static final class Model {
        private final Kind kind;
        private final long seed;
        private final Random random;
        private final TestClock clock = new TestClock();
        private final Reading[] readers = {new Reading("a"), new Reading("b")};
        private SimulatedDisk disk;

        /** Of the collecting writer: all frames that may be there, and how many must be. */
        private final List<String> appended = new ArrayList<>();

        private final List<Long> behind = new ArrayList<>();
        private int durable;

        private Checkpoint checkpoint = new Checkpoint(0, JournalPosition.BEGINNING);
        private Checkpoint before = checkpoint;
        private long computed;
        private int compressed;

        Model(Kind kind, long seed) {
            this.kind = kind;
            this.seed = seed;
            random = new Random(seed);
            disk = new SimulatedDisk(seed);
        }

        void live(String what) {
            long cutIn = 1 + random.nextInt(random.nextBoolean() ? 20 : 200);
            disk.cutAt(disk.operations() + cutIn);
            try (var writer = open();
                    var compressor = new SegmentCompressor(disk, DIRECTORY, "a", 300);
                    var a = JournalReader.open(disk, DIRECTORY, readers[0].position);
                    var b = JournalReader.open(disk, DIRECTORY, readers[1].position)) {
                assertThat(writer.recovered().damage()).as(what).isEmpty();
                survivors(what);
                for (int step = 0; step < 150; step++) {
                    step(what, writer, random.nextBoolean() ? a : b, a);
                    compress(writer, compressor);
                    // A roll forces too.
                    while (durable < behind.size() && behind.get(durable) <= writer.forced()) {
                        durable++;
                    }
                }
            } catch (PowerCut expected) {
                // The next life begins with what is left.
            }
            crash();
            clock.sleepMillis(random.nextInt(50));
        }

        private JournalWriter open() {
            var limits = new JournalLimits(2000, 1200, 9000, 20);
            var settings = new JournalSettings(DIRECTORY, limits, List.of("a", "b"));
            return switch (kind) {
                case COLLECTING -> JournalWriter.open(disk, clock, settings, () -> 5);
                case COMPUTING -> {
                    computed = checkpoint.frames;
                    yield JournalWriter.openAt(disk, clock, settings, () -> 5, checkpoint.at);
                }
            };
        }

        /** After recovery the collecting writer's frames are a beginning of those appended. */
        private void survivors(String what) {
            if (kind == Kind.COMPUTING) {
                return;
            }
            List<String> found = new ArrayList<>();
            List<Long> ends = new ArrayList<>();
            long first = 0;
            try (var all = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
                while (all.next() == Step.FRAME) {
                    first = first == 0 ? all.sequence() : first;
                    found.add(JournalBasicsTest.text(all));
                    ends.add(all.position());
                }
            }
            int begin = found.isEmpty() ? durable : (int) first - 1;
            int end = begin + found.size();
            assertThat(end).as(what).isBetween(durable, appended.size());
            assertThat(found).as(what).isEqualTo(appended.subList(begin, end));
            appended.subList(end, appended.size()).clear();
            behind.subList(begin, behind.size()).clear();
            behind.addAll(ends);
            durable = end;
        }

        private void step(
                String what, JournalWriter writer, JournalReader reader, JournalReader a) {
            Reading reading = reader == a ? readers[0] : readers[1];
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> append(writer);
                case 4 -> force(writer);
                case 5 -> publish(writer);
                case 6, 7, 8 -> read(what, reader, reading);
                case 9 -> {
                    reading.checkpointFrames = reading.consumed.size();
                    reading.position = reader.position();
                    reading.checkpointPosition = reading.position;
                    acknowledge(reader, reading);
                }
                case 10 -> {
                    clock.sleepMillis(random.nextInt(15));
                    writer.trim(clock.wallMicros());
                }
                default -> disk.capacity(random.nextInt(3) == 0 ? 6000 : Long.MAX_VALUE);
            }
        }

        private void compress(JournalWriter writer, SegmentCompressor compressor) {
            if (kind == Kind.COLLECTING && random.nextInt(6) == 0) {
                if (random.nextBoolean()) {
                    // Sometimes it is told to stop in the middle.
                    if (compressor.next(() -> random.nextInt(20) > 0)
                            instanceof SegmentCompressor.Step.Offered) {
                        compressed++;
                    }
                } else {
                    writer.adoptCompressed();
                }
            }
        }

        private static void acknowledge(JournalReader reader, Reading reading) {
            try {
                reader.acknowledge(reading.name, reading.position);
            } catch (DiskFull e) {
                // No room for the page: the acknowledgement comes with a later one.
            }
        }

        private void append(JournalWriter writer) {
            String text = text(kind == Kind.COLLECTING ? appended.size() : computed);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (kind == Kind.COLLECTING) {
                appended.add(text + "/3");
            }
            try {
                long end = writer.append(bytes, 0, bytes.length, 3);
                computed++;
                if (kind == Kind.COLLECTING) {
                    behind.add(end);
                }
            } catch (DiskFull | JournalFull e) {
                if (kind == Kind.COLLECTING) {
                    appended.removeLast();
                }
            }
        }

        private String text(long number) {
            int length = new Random(seed * 1_000_003 + number).nextInt(900);
            return "frame " + number + " " + "y".repeat(length);
        }

        private void force(JournalWriter writer) {
            writer.force();
            if (kind == Kind.COMPUTING) {
                before = checkpoint;
                checkpoint =
                        new Checkpoint(
                                computed, new JournalPosition(writer.journalId(), writer.end()));
            }
        }

        private void publish(JournalWriter writer) {
            writer.publish(kind == Kind.COLLECTING ? writer.forced() : checkpoint.at.position());
        }

        private void read(String what, JournalReader reader, Reading reading) {
            for (int i = random.nextInt(6); i >= 0; i--) {
                Step step = reader.next();
                assertThat(step).as(what).isNotEqualTo(Step.DAMAGED);
                if (step == Step.FRAME) {
                    int number = reading.consumed.size();
                    String expected = text(number) + "/3";
                    String read = JournalBasicsTest.text(reader);
                    assertThat(read).as(what + ", reader " + reading.name).isEqualTo(expected);
                    assertThat(reader.sequence()).as(what).isEqualTo(number + 1);
                    if (kind == Kind.COLLECTING) {
                        assertThat(number).as(what).isLessThan(durable);
                    }
                    reading.consumed.add(read);
                }
            }
        }

        private void crash() {
            if (random.nextBoolean()) {
                disk = disk.afterKill();
            } else {
                disk = disk.afterPowerCut(random);
                if (random.nextInt(4) == 0 && before.at.journalId() != 0) {
                    checkpoint = before;
                }
            }
            disk.capacity(Long.MAX_VALUE);
            for (Reading reading : readers) {
                reading.crash();
            }
        }
    }
}
