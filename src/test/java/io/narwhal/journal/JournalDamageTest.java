package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.DiskFull;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** R6, R23: torn and damaged are different facts; neither is silent; every refusal says why. */
class JournalDamageTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final JournalLimits TINY = new JournalLimits(400, 200, 0, 0);

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final TestClock clock = new TestClock();

    /** Position at which each frame begins, and the journal's end. */
    private final List<Long> starts = new ArrayList<>();

    @Test
    void aByteChangedAnywhereIsNamedAndTheRestStaysReadable() {
        fill(12);
        List<Long> bases = Segments.bases(disk, DIRECTORY);
        assertThat(bases).hasSize(3);
        for (long base : bases) {
            Path file = Segments.file(DIRECTORY, base);
            for (int at = 0; at < disk.bytes(file).length; at++) {
                disk.flip(file, at);
                var findings = JournalVerifier.verify(disk, DIRECTORY).findings();
                assertThat(findings).as(file + ":" + at).hasSize(1);
                assertThat(findings.getFirst().file()).isEqualTo(file);
                assertThat(findings.getFirst().fileByte()).isBetween(at - 96L, (long) at);
                List<Damage> damage = new ArrayList<>();
                int frames = readable(damage);
                assertThat(frames).as(file + ":" + at).isEqualTo(at < 64 ? 12 : 11);
                assertThat(damage).as(file + ":" + at).hasSize(1);
                assertThat(damage.getFirst().file()).isEqualTo(file);
                assertThat(damage.getFirst().fileByte()).isEqualTo(findings.getFirst().fileByte());
                disk.flip(file, at);
            }
        }
        assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).isEmpty();
    }

    @Test
    void aTailThatWasNeverForcedIsCutAndACopyKept() {
        fill(2);
        try (var writer = open()) {
            starts.add(writer.end());
            JournalBasicsTest.append(writer, "never forced", 1);
        }
        Path file = Segments.file(DIRECTORY, 0);
        long at = starts.getLast();
        disk.flip(file, at + 40);
        try (var writer = open()) {
            assertThat(writer.end()).isEqualTo(at);
            assertThat(writer.recovered().damage()).isEmpty();
            assertThat(writer.recovered().cutFrom()).isEqualTo(at);
            assertThat(writer.recovered().kept())
                    .containsExactly(DIRECTORY.resolve(file.getFileName() + "." + at + ".torn"));
            assertThat(disk.bytes(writer.recovered().kept().getFirst())).hasSize(48);
        }
    }

    @Test
    void aDamagedMiddleIsNeverCutAndTheWriterGoesOnBehindIt() {
        fill(4);
        Path file = Segments.file(DIRECTORY, 0);
        disk.flip(file, starts.get(1) + 33);
        byte[] before = disk.bytes(file);
        try (var writer = open()) {
            assertThat(writer.recovered().damage())
                    .extracting(Damage::line)
                    .containsExactly(
                            file
                                    + ":"
                                    + starts.get(1)
                                    + ": no valid frame (positions "
                                    + starts.get(1)
                                    + " to "
                                    + starts.get(2)
                                    + ")");
            assertThat(writer.nextSequence()).isEqualTo(5);
        }
        assertThat(disk.bytes(file)).isEqualTo(before);
    }

    @Test
    void whatALaterFrameSaysWasForcedIsNeverCutThoughItWasNotPublished() {
        var unpublished = new SimulatedDisk(2);
        try (var writer = open(unpublished)) {
            JournalBasicsTest.append(writer, payload(0), 0);
            writer.force();
            JournalBasicsTest.append(writer, payload(2), 2);
            assertThat(writer.published()).isEqualTo(64);
        }
        unpublished.flip(Segments.file(DIRECTORY, 0), 64 + 33);
        try (var writer = open(unpublished)) {
            assertThat(writer.recovered().damage()).hasSize(1);
            assertThat(writer.recovered().cutBytes()).isZero();
            assertThat(writer.nextSequence()).isEqualTo(3);
        }
    }

    @Test
    void aDamagedPublishedTailStaysAndNoPositionIsUsedTwice() {
        fill(3);
        Path file = Segments.file(DIRECTORY, 0);
        byte[] before = disk.bytes(file);
        long end = starts.getLast();
        for (boolean shortened : new boolean[] {false, true}) {
            var other = disk.afterKill();
            if (shortened) {
                other.shorten(file, starts.get(2) + 10);
            } else {
                other.flip(file, starts.get(2));
            }
            try (var writer = open(other)) {
                assertThat(writer.recovered().damage()).isNotEmpty();
                assertThat(writer.end()).isEqualTo(end + SegmentHeader.BYTES);
                assertThat(writer.nextSequence()).isGreaterThan(3);
                JournalBasicsTest.append(writer, "after", 1);
                writer.publish(writer.force());
            }
            try (var reader = JournalReader.open(other, DIRECTORY, starts.get(2))) {
                assertThat(reader.next()).isEqualTo(Step.DAMAGED);
                assertThat(reader.damage().from()).isEqualTo(starts.get(2));
                Step step = reader.next();
                step = step == Step.DAMAGED ? reader.next() : step;
                assertThat(step).isEqualTo(Step.FRAME);
                assertThat(JournalBasicsTest.text(reader)).isEqualTo("after/1");
            }
            assertThat(other.bytes(file).length).isLessThanOrEqualTo(before.length);
        }
    }

    @Test
    void aMissingSegmentIsDamageAndReadingGoesOnBehindIt() {
        fill(12);
        List<Long> bases = Segments.bases(disk, DIRECTORY);
        disk.lose(Segments.file(DIRECTORY, bases.get(1)));
        List<Damage> damage = new ArrayList<>();
        assertThat(readable(damage)).isBetween(1, 11);
        assertThat(damage).hasSize(1);
        assertThat(damage.getFirst().from()).isEqualTo(bases.get(1));
        assertThat(damage.getFirst().to()).isEqualTo(bases.get(2));
        assertThat(JournalVerifier.verify(disk, DIRECTORY).findings())
                .extracting(Verified.Finding::line)
                .singleElement()
                .asString()
                .contains("ends here, but the next segment begins at " + bases.get(2));
    }

    @Test
    void allSegmentsGoneIsRefused() {
        fill(3);
        disk.lose(Segments.file(DIRECTORY, 0));
        assertThatThrownBy(this::open)
                .isInstanceOf(JournalMismatch.class)
                .hasMessageContaining("no segment is there, although frames up to position");
    }

    @Test
    void aDamagedPublishedStretchBehindTheCheckpointIsComputedAgain() {
        fill(12);
        disk.flip(Segments.file(DIRECTORY, 0), starts.get(1) + 33);
        var at = new JournalPosition(7, starts.get(1));
        try (var writer = JournalWriter.openAt(disk, clock, settings(), () -> 7, at)) {
            assertThat(writer.published()).isEqualTo(starts.get(1));
            assertThat(writer.recovered().kept()).hasSize(3);
            for (int i = 1; i < 12; i++) {
                JournalBasicsTest.append(writer, payload(i), i);
            }
            writer.publish(writer.force());
            assertThat(writer.end()).isEqualTo(starts.getLast());
        }
        assertThat(readable(new ArrayList<>())).isEqualTo(12);
    }

    @Test
    void otherBytesThanWerePublishedAreRefused() {
        fill(3);
        var at = new JournalPosition(7, starts.get(1));
        try (var writer = JournalWriter.openAt(disk, clock, settings(), () -> 7, at)) {
            assertThatThrownBy(() -> JournalBasicsTest.append(writer, "something else", 1))
                    .isInstanceOf(JournalDiverged.class)
                    .hasMessageContaining("the frame at position " + starts.get(1));
            assertThatThrownBy(() -> JournalBasicsTest.append(writer, payload(1), 5))
                    .hasMessageContaining("1 items published, 5 computed");
            assertThatThrownBy(() -> JournalBasicsTest.append(writer, "frame 01 xx", 1))
                    .hasMessageContaining("same length, other bytes");
        }
    }

    @Test
    void positionsOfAnotherJournalAreRefused() {
        fill(3);
        assertThatThrownBy(() -> openAt(8, starts.get(1)))
                .isInstanceOf(JournalMismatch.class)
                .hasMessageContaining("its id is 0000000000000007");
        assertThatThrownBy(() -> openAt(7, 100_000))
                .isInstanceOf(JournalMismatch.class)
                .hasMessageContaining("position 100000, but 00000000000000000000.seg ends at");
        assertThatThrownBy(() -> openAt(7, starts.get(1) + 8))
                .isInstanceOf(JournalMismatch.class)
                .hasMessageContaining("lies within the frame at " + starts.get(1));
    }

    @Test
    void trimmedPositionsAreRefusedNamingBoth() {
        fill(12);
        long second = Segments.bases(disk, DIRECTORY).get(1);
        try (var writer = open()) {
            assertThat(writer.trim(clock.wallMicros())).isGreaterThan(0);
            assertThat(Segments.bases(disk, DIRECTORY)).hasSize(1);
        }
        assertThat(second).isPositive();
        assertThatThrownBy(() -> JournalReader.open(disk, DIRECTORY, 64))
                .isInstanceOf(JournalTrimmed.class)
                .hasMessageContaining("position 64 was trimmed; the oldest position still there");
        assertThatThrownBy(() -> openAt(7, 64)).isInstanceOf(JournalTrimmed.class);
    }

    @Test
    void aFullDiskLeavesTheWriterUsable() {
        try (var writer = open()) {
            JournalBasicsTest.append(writer, "one", 1);
            long end = writer.end();
            disk.capacity(10);
            assertThatThrownBy(() -> JournalBasicsTest.append(writer, "two", 2))
                    .isInstanceOf(DiskFull.class);
            assertThat(disk.bytes(Segments.file(DIRECTORY, 0))).hasSize((int) end);
            disk.capacity(Long.MAX_VALUE);
            JournalBasicsTest.append(writer, "two", 2);
            writer.publish(writer.force());
        }
        assertThat(readable(new ArrayList<>())).isEqualTo(2);
    }

    @Test
    void aFullJournalNamesTheReaderThatHoldsItBack() {
        var limits = new JournalLimits(400, 200, 600, 0);
        var settings = new JournalSettings(DIRECTORY, limits, List.of("usage"));
        try (var writer = JournalWriter.open(disk, clock, settings, () -> 7)) {
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    JournalBasicsTest.append(writer, payload(i), i);
                                    writer.publish(writer.force());
                                }
                            })
                    .isInstanceOf(JournalFull.class)
                    .hasMessageContaining("reader 'usage' has acknowledged position 0 of");
            assertThat(writer.bytesOnDisk()).isLessThanOrEqualTo(600);
        }
    }

    /** R27: what can be had again must not keep out what comes now. */
    @Test
    void atItsCapacityAJournalLetsGoOfWhatEverybodyHasSavedBeforeItsRetentionEnds() {
        var limits = new JournalLimits(400, 200, 1_000, 3_600_000);
        var settings = new JournalSettings(DIRECTORY, limits, List.of("usage"));
        try (var writer = JournalWriter.open(disk, clock, settings, () -> 7);
                var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            int appended = 0;
            while (writer.bytesOnDisk() < 600) {
                JournalBasicsTest.append(writer, payload(appended++), 1);
                writer.publish(writer.force());
            }
            while (reader.next() == JournalReader.Step.FRAME) {
                reader.acknowledge("usage", reader.position());
            }
            long freed = writer.trim(clock.wallMicros());
            assertThat(freed).isPositive();
            assertThat(writer.trim(clock.wallMicros())).as("no more than is needed").isZero();
        }
    }

    /** R27: a writer that shows its readers all of a step at once cannot wait within one. */
    @Test
    void whatNobodyWasShownYetIsWrittenWholeWhateverTheCapacity() {
        var limits = new JournalLimits(400, 200, 600, 0);
        var settings = new JournalSettings(DIRECTORY, limits, List.of("usage")).byCommits();
        try (var writer = JournalWriter.open(disk, clock, settings, () -> 7)) {
            for (int i = 0; i < 20; i++) {
                JournalBasicsTest.append(writer, payload(i), 1);
            }
            assertThat(writer.bytesOnDisk()).isGreaterThan(600);
            writer.publish(writer.force());
            assertThatThrownBy(() -> JournalBasicsTest.append(writer, payload(20), 1))
                    .isInstanceOf(JournalFull.class);
        }
    }

    @Test
    void afterAFailedForceTheWriterTakesNothingMore() {
        try (var writer = open()) {
            JournalBasicsTest.append(writer, "one", 1);
            disk.failForceAt(1);
            assertThatThrownBy(writer::force)
                    .isInstanceOf(JournalFailed.class)
                    .hasMessageContaining("everything behind position 64 counts as unsaved");
            assertThatThrownBy(writer::force).isInstanceOf(JournalFailed.class);
            assertThatThrownBy(() -> JournalBasicsTest.append(writer, "two", 2))
                    .isInstanceOf(JournalFailed.class);
        }
    }

    private void fill(int frames) {
        try (var writer = open()) {
            for (int i = 0; i < frames; i++) {
                long end = JournalBasicsTest.append(writer, payload(i), i);
                starts.add(end - Frames.totalBytes(payload(i).length()));
            }
            writer.publish(writer.force());
            starts.add(writer.end());
        }
    }

    private static String payload(int i) {
        return String.format("frame %02d %s", i, "pq".repeat(i == 1 ? 1 : 16));
    }

    private int readable(List<Damage> damage) {
        int frames = 0;
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (true) {
                switch (reader.next()) {
                    case FRAME -> frames++;
                    case DAMAGED -> damage.add(reader.damage());
                    case END -> {
                        return frames;
                    }
                }
            }
        }
    }

    private void openAt(long id, long position) {
        var at = new JournalPosition(id, position);
        JournalWriter.openAt(disk, clock, settings(), () -> 7, at).close();
    }

    private JournalSettings settings() {
        return new JournalSettings(DIRECTORY, TINY, List.of());
    }

    private JournalWriter open() {
        return open(disk);
    }

    private JournalWriter open(SimulatedDisk where) {
        return JournalWriter.open(where, clock, settings(), () -> 7);
    }
}
