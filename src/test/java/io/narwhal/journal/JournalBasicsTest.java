package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class JournalBasicsTest {
    private static final JournalLimits TINY = new JournalLimits(256, 100, 0, 0);

    @TempDir Path directory;

    private final Disk disk = Disk.system();

    @Test
    void readersSeeExactlyWhatWasPublishedAcrossSegments() {
        try (var writer = open();
                var reader = JournalReader.open(disk, directory, 0)) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String payload = "payload " + "x".repeat(i);
                append(writer, payload, i);
                expected.add(payload + "/" + i);
            }
            assertThat(reader.next()).isEqualTo(Step.END);
            long forced = writer.force();
            assertThat(reader.next()).isEqualTo(Step.END);
            writer.publish(forced);
            assertThat(all(reader)).isEqualTo(expected);
            assertThat(reader.position()).isEqualTo(writer.end());
            assertThat(Segments.bases(disk, directory)).hasSizeGreaterThan(3);
        }
    }

    @Test
    void aReaderOpenedBeforeTheJournalExistsWaitsForIt() {
        try (var reader = JournalReader.open(disk, directory, 0)) {
            assertThat(reader.next()).isEqualTo(Step.END);
            try (var writer = open()) {
                assertThat(reader.next()).isEqualTo(Step.END);
                append(writer, "one", 1);
                writer.publish(writer.force());
                assertThat(all(reader)).containsExactly("one/1");
                assertThat(reader.journalId()).isEqualTo(7);
            }
        }
    }

    @Test
    void aReaderGoesOnAtThePositionThatItKept() {
        try (var writer = open()) {
            for (int i = 0; i < 20; i++) {
                append(writer, "frame " + i, i);
            }
            writer.publish(writer.force());
        }
        List<String> read = new ArrayList<>();
        long position = 0;
        for (int i = 0; i < 20; i++) {
            try (var reader = JournalReader.open(disk, directory, position)) {
                assertThat(reader.next()).isEqualTo(Step.FRAME);
                assertThat(reader.sequence()).isEqualTo(i + 1);
                read.add(text(reader));
                position = reader.position();
            }
        }
        assertThat(read).hasSize(20).first().isEqualTo("frame 0/0");
    }

    @Test
    void reopeningKeepsEveryFrameOfAKilledWriter() {
        try (var writer = open()) {
            append(writer, "one", 1);
        }
        try (var writer = open();
                var reader = JournalReader.open(disk, directory, 0)) {
            append(writer, "two", 2);
            writer.publish(writer.force());
            assertThat(all(reader)).containsExactly("one/1", "two/2");
            assertThat(writer.recovered().damage()).isEmpty();
        }
    }

    @Test
    void aWriterThatComputesAgainSkipsWhatWasPublishedAndWritesTheRest() {
        long checkpoint;
        long id;
        try (var writer = open()) {
            checkpoint = append(writer, "one", 1);
            append(writer, "two", 2);
            writer.publish(writer.force());
            append(writer, "never published", 3);
            id = writer.journalId();
        }
        try (var writer = openAt(new JournalPosition(id, checkpoint));
                var reader = JournalReader.open(disk, directory, 0)) {
            assertThat(writer.isComparing()).isTrue();
            append(writer, "two", 2);
            assertThat(writer.isComparing()).isFalse();
            append(writer, "three", 3);
            writer.publish(writer.force());
            assertThat(all(reader)).containsExactly("one/1", "two/2", "three/3");
        }
    }

    private JournalWriter open() {
        return JournalWriter.open(disk, Clock.system(), settings(), () -> 7);
    }

    private JournalWriter openAt(JournalPosition at) {
        return JournalWriter.openAt(disk, Clock.system(), settings(), () -> 7, at);
    }

    private JournalSettings settings() {
        return new JournalSettings(directory, TINY, List.of());
    }

    static long append(JournalWriter writer, String payload, int items) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(JournalWriter.HEADER_BYTES + bytes.length + 7);
        frame.position(JournalWriter.HEADER_BYTES).limit(JournalWriter.HEADER_BYTES + bytes.length);
        frame.put(frame.position(), bytes);
        return writer.append(frame, items);
    }

    static List<String> all(JournalReader reader) {
        List<String> read = new ArrayList<>();
        while (reader.next() == Step.FRAME) {
            read.add(text(reader));
        }
        return read;
    }

    static String text(JournalReader reader) {
        return new String(
                        reader.bytes(),
                        reader.payloadOffset(),
                        reader.payloadLength(),
                        StandardCharsets.UTF_8)
                + "/"
                + reader.items();
    }
}
