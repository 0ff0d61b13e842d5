package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** One thread appends, one forces and publishes, one reads, on the machine's own disk. */
class JournalThreadsTest {
    private static final JournalLimits SMALL = new JournalLimits(1 << 20, 100_000, 0, 0);

    @TempDir Path directory;

    @Test
    void appendingForcingAndReadingGoOnTogetherAcrossRolls() throws Exception {
        long frames = 20_000;
        long[] read = new long[1];
        AtomicReference<Throwable> failure = new AtomicReference<>();
        var reading =
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((_, e) -> failure.set(e))
                        .start(() -> read[0] = readAll(frames));
        move(Disk.system(), directory, SMALL, frames, 500);
        reading.join();
        assertThat(failure.get()).isNull();
        assertThat(read[0]).isEqualTo(frames);
        var verified = JournalVerifier.verify(Disk.system(), directory);
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.frames()).isEqualTo(frames);
        assertThat(verified.segments()).isGreaterThan(5);
    }

    @Test
    void segmentsAreTrimmedWhileOthersAreBegunAndNoneIsForgotten() throws Exception {
        var tiny = new JournalLimits(16 << 10, 1_000, 0, 0);
        var settings = new JournalSettings(directory, tiny, List.of());
        var done = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long[] freed = new long[1];
        try (var writer = JournalWriter.open(Disk.system(), Clock.system(), settings, () -> 3)) {
            var trimming =
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, e) -> failure.set(e))
                            .start(
                                    () -> {
                                        while (!done.get()) {
                                            freed[0] += writer.trim(Long.MAX_VALUE);
                                        }
                                    });
            for (int i = 0; i < 3_000; i++) {
                writer.append(new byte[500], 0, 500, 1);
            }
            done.set(true);
            trimming.join();
            assertThat(failure.get()).isNull();
            freed[0] += writer.trim(Long.MAX_VALUE);
            assertThat(freed[0]).isGreaterThan(1_000_000);
            assertThat(freed[0] + writer.bytesOnDisk()).isEqualTo(writer.end());
            assertThat(Segments.bases(Disk.system(), directory)).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(JournalVerifier.verify(Disk.system(), directory).findings()).isEmpty();
    }

    private long readAll(long frames) {
        long expected = 0;
        try (var reader = JournalReader.open(Disk.system(), directory, 0)) {
            while (expected < frames) {
                switch (reader.next()) {
                    case FRAME -> {
                        expected++;
                        assertThat(reader.sequence()).isEqualTo(expected);
                        int first = reader.bytes()[reader.payloadOffset()];
                        assertThat(first).isEqualTo((byte) expected);
                    }
                    case DAMAGED -> throw new AssertionError(reader.damage().line());
                    case END -> Thread.onSpinWait();
                }
            }
        }
        return expected;
    }

    /** Appends frames while a second thread forces and publishes; all is published at the end. */
    static void move(Disk disk, Path directory, JournalLimits limits, long frames, int payload)
            throws InterruptedException {
        var settings = new JournalSettings(directory, limits, List.of());
        try (var writer = JournalWriter.open(disk, Clock.system(), settings, () -> 3)) {
            var done = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            var forcing =
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, e) -> failure.set(e))
                            .start(
                                    () -> {
                                        while (!done.get()) {
                                            writer.publish(writer.force());
                                        }
                                    });
            ByteBuffer frame = ByteBuffer.allocateDirect(payload + 64);
            frame.position(32).limit(32 + payload);
            for (long i = 1; i <= frames; i++) {
                frame.put(32, (byte) i);
                writer.append(frame, 1);
            }
            done.set(true);
            forcing.join();
            assertThat(failure.get()).isNull();
            writer.publish(writer.force());
        }
    }

    /** Prints throughput; not a test, as figures depend on the machine. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        long frames = Long.parseLong(arguments[1]);
        int payload = 90 << 10;
        double megabytes = frames * (double) payload / 1e6;
        long start = System.nanoTime();
        move(Disk.system(), directory, JournalLimits.DEFAULT, frames, payload);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("append and force: %.0f MB/s%n", megabytes / seconds);
        for (int round = 0; round < 3; round++) {
            start = System.nanoTime();
            long read = 0;
            try (var reader = JournalReader.open(Disk.system(), directory, 0)) {
                while (reader.next() == Step.FRAME) {
                    read++;
                }
            }
            seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("read %d frames: %.0f MB/s%n", read, megabytes / seconds);
        }
    }
}
