package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader.Step;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small journal of which tests compress segments. */
final class CompressedJournal {
    static final Path DIRECTORY = Path.of("/journal");
    static final int BLOCK_BYTES = 256;

    private static final JournalLimits TINY = new JournalLimits(1_000, 300, 0, 1_000_000);

    private CompressedJournal() {}

    static JournalWriter open(Disk disk) {
        return open(disk, TINY);
    }

    static JournalWriter open(Disk disk, JournalLimits limits) {
        var settings = new JournalSettings(DIRECTORY, limits, List.of("a"));
        return JournalWriter.open(disk, new TestClock(), settings, () -> 99);
    }

    static SegmentCompressor compressor(Disk disk) {
        return new SegmentCompressor(disk, DIRECTORY, "a", BLOCK_BYTES);
    }

    static String payload(int i) {
        return ("frame " + i + " ").repeat(3 + i * 7 % 11);
    }

    /** A journal of some segments, all published and acknowledged; what its reader reads. */
    static List<String> fill(Disk disk, int frames) {
        try (var writer = open(disk)) {
            for (int i = 0; i < frames; i++) {
                JournalBasicsTest.append(writer, payload(i), i);
            }
            writer.publish(writer.force());
        }
        acknowledgeAll(disk);
        return read(disk, 0);
    }

    static void acknowledgeAll(Disk disk) {
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (reader.next() == Step.FRAME) {}
            reader.acknowledge("a", reader.position());
        }
    }

    /** All frames from there on; there is no damage. */
    static List<String> read(Disk disk, long position) {
        try (var reader = JournalReader.open(disk, DIRECTORY, position)) {
            List<String> read = new ArrayList<>();
            while (true) {
                Step step = reader.next();
                assertThat(step).isNotEqualTo(Step.DAMAGED);
                if (step == Step.END) {
                    return read;
                }
                read.add(JournalBasicsTest.text(reader));
            }
        }
    }

    /** Makes copies of all that is due; how many. */
    static int compress(Disk disk) {
        try (var compressor = compressor(disk)) {
            int copies = 0;
            while (compressor.next(() -> true) instanceof SegmentCompressor.Step.Offered) {
                copies++;
            }
            return copies;
        }
    }

    static List<String> names(SimulatedDisk disk) {
        return disk.list(DIRECTORY).stream().filter(name -> name.contains(".seg")).toList();
    }

    /** As a closed journal has them when all but the last segment is compressed. */
    static void compressAndAdopt(Disk disk) {
        assertThat(compress(disk)).isPositive();
        try (var writer = open(disk)) {
            writer.adoptCompressed();
        }
    }
}
