package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

/** R20: readers that live on while the writer is killed and its successor computes again. */
class JournalSuccessorTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private final SimulatedDisk disk = new SimulatedDisk(1);

    private JournalWriter open(JournalPosition at) {
        var settings =
                new JournalSettings(DIRECTORY, new JournalLimits(400, 300, 0, 0), List.of("a"));
        return JournalWriter.openAt(disk, new TestClock(), settings, () -> 9, at);
    }

    private static void append(JournalWriter writer, int first, int count) {
        for (int i = first; i < first + count; i++) {
            JournalBasicsTest.append(writer, "x".repeat(100) + i, i);
        }
    }

    @Test
    void aReaderAtTheEndOfASegmentDoesNotHoldTheNextOneBeforeItIsPublished() {
        JournalPosition saved;
        try (var writer = open(JournalPosition.BEGINNING)) {
            append(writer, 1, 2);
            writer.publish(writer.force());
            saved = new JournalPosition(writer.journalId(), writer.end());
            append(writer, 3, 1); // rolls; killed before it was published
        }
        assertThat(Segments.bases(disk, DIRECTORY)).contains(saved.position());
        try (var reader = JournalReader.open(disk, DIRECTORY, saved.position());
                var successor = open(saved)) {
            assertThat(reader.journalId()).isEqualTo(9);
            append(successor, 3, 5);
            successor.publish(successor.force());
            for (int i = 3; i < 8; i++) {
                assertThat(reader.next()).isEqualTo(JournalReader.Step.FRAME);
                assertThat(reader.items()).isEqualTo(i);
            }
            assertThat(reader.next()).isEqualTo(JournalReader.Step.END);
        }
    }
}
