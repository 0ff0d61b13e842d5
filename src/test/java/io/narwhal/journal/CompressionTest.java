package io.narwhal.journal;

import static io.narwhal.journal.CompressedJournal.DIRECTORY;
import static io.narwhal.journal.CompressedJournal.acknowledgeAll;
import static io.narwhal.journal.CompressedJournal.compress;
import static io.narwhal.journal.CompressedJournal.compressAndAdopt;
import static io.narwhal.journal.CompressedJournal.fill;
import static io.narwhal.journal.CompressedJournal.names;
import static io.narwhal.journal.CompressedJournal.open;
import static io.narwhal.journal.CompressedJournal.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** R20, R23: a compressed journal is read like a plain one, and nothing is lost on the way. */
class CompressionTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void allSegmentsButTheLastBecomeSmallerAndReadTheSame() {
        List<String> frames = fill(disk, 40);
        List<Long> bases = Segments.bases(disk, DIRECTORY);
        assertThat(bases).hasSizeGreaterThan(4);
        long before;
        long after;
        long freed;
        assertThat(compress(disk)).isEqualTo(bases.size() - 1);
        try (var writer = open(disk)) {
            before = writer.bytesOnDisk();
            freed = writer.adoptCompressed();
            after = writer.bytesOnDisk();
        }
        assertThat(names(disk)).hasSize(bases.size());
        assertThat(names(disk).subList(0, bases.size() - 1)).allMatch(n -> n.endsWith(".segz"));
        assertThat(names(disk).getLast()).endsWith(".seg");
        assertThat(Segments.bases(disk, DIRECTORY)).isEqualTo(bases);
        assertThat(after).isEqualTo(before - freed).isLessThan(before);
        try (var writer = open(disk)) {
            assertThat(writer.bytesOnDisk()).isEqualTo(after);
            assertThat(writer.recovered().damage()).isEmpty();
        }
        assertThat(read(disk, 0)).isEqualTo(frames);
        var verified = JournalVerifier.verify(disk, DIRECTORY);
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.frames()).isEqualTo(40);
        assertThat(verified.bytes()).isEqualTo(after);
    }

    @Test
    void aReaderMayBeginAtEveryFrameOfACompressedSegment() {
        List<String> frames = fill(disk, 40);
        List<Long> positions = new ArrayList<>();
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (reader.next() == Step.FRAME) {
                positions.add(reader.framePosition());
            }
        }
        compressAndAdopt(disk);
        for (int i = 0; i < positions.size(); i++) {
            assertThat(read(disk, positions.get(i))).isEqualTo(frames.subList(i, frames.size()));
        }
    }

    @Test
    void aReaderThatIsInTheMiddleOfAPlainSegmentGoesOnWhileItIsReplaced() {
        List<String> frames = fill(disk, 40);
        for (int ahead = 0; ahead < 40; ahead++) {
            var copy = disk.afterKill();
            List<String> read = new ArrayList<>();
            try (var reader = JournalReader.open(copy, DIRECTORY, 0)) {
                for (int i = 0; i < ahead; i++) {
                    assertThat(reader.next()).isEqualTo(Step.FRAME);
                    read.add(JournalBasicsTest.text(reader));
                }
                compressAndAdopt(copy);
                read.addAll(JournalBasicsTest.all(reader));
            }
            assertThat(read).isEqualTo(frames);
        }
    }

    @Test
    void onlyWhatTheReaderHasAcknowledgedIsDueAndNeverTheLastSegment() {
        try (var writer = open(disk);
                var compressor = CompressedJournal.compressor(disk)) {
            for (int i = 0; i < 40; i++) {
                JournalBasicsTest.append(writer, CompressedJournal.payload(i), i);
            }
            writer.publish(writer.force());
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Nothing.class);
            long second = Segments.bases(disk, DIRECTORY).get(1);
            try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
                while (reader.position() <= second) {
                    assertThat(reader.next()).isEqualTo(Step.FRAME);
                }
                reader.acknowledge("a", reader.position());
            }
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Offered.class);
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Nothing.class);
        }
    }

    @Test
    void aByteChangedAnywhereIsToldAndOnlyTheFramesOfItsBlockAreLost() {
        List<String> frames = fill(disk, 40);
        compressAndAdopt(disk);
        Path file = Segments.compressed(DIRECTORY, 0);
        int size = disk.bytes(file).length;
        for (int at = 0; at < size; at++) {
            disk.flip(file, at);
            String what = "byte " + at;
            var findings = JournalVerifier.verify(disk, DIRECTORY).findings();
            assertThat(findings).as(what).hasSize(1);
            assertThat(findings.getFirst().file()).as(what).isEqualTo(file);
            assertThat(findings.getFirst().fileByte()).as(what).isBetween(0L, (long) at);
            List<Damage> damage = new ArrayList<>();
            List<String> readable = readable(disk, damage);
            assertThat(frames).as(what).containsAll(readable);
            boolean inBlocks = at >= BlockTable.blocksAt(table(file).lengths().length);
            if (inBlocks) {
                assertThat(damage).as(what).hasSize(1);
                assertThat(damage.getFirst().file()).as(what).isEqualTo(file);
                assertThat(damage.getFirst().fileByte())
                        .as(what)
                        .isEqualTo(findings.getFirst().fileByte());
                assertThat(damage.getFirst().what()).contains("block fails its checksum");
                assertThat(readable.size()).as(what).isBetween(30, 39);
            } else {
                // A broken segment header is told; a broken table costs nothing.
                assertThat(damage).as(what).hasSize(at < SegmentHeader.BYTES ? 1 : 0);
                assertThat(readable).as(what).isEqualTo(frames);
            }
            disk.flip(file, at);
        }
        assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).isEmpty();
    }

    @Test
    void aCompressedSegmentThatWasCutIsToldWithThePositionsThatAreLost() {
        List<String> frames = fill(disk, 40);
        compressAndAdopt(disk);
        Path file = Segments.compressed(DIRECTORY, 0);
        byte[] whole = disk.bytes(file);
        for (int size = 0; size < whole.length; size++) {
            disk.shorten(file, size);
            assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).isNotEmpty();
            List<Damage> damage = new ArrayList<>();
            List<String> readable = readable(disk, damage);
            assertThat(damage).as("cut at " + size).isNotEmpty();
            assertThat(frames).containsAll(readable);
            assertThat(readable).endsWith(frames.get(38), frames.get(39));
            try (var writer = open(disk)) {
                assertThat(writer.nextSequence()).isEqualTo(41);
            }
            disk.put(file, whole);
        }
    }

    @Test
    void damageInThePlainSegmentIsTheSameDamageInTheCompressedOne() {
        fill(disk, 40);
        disk.flip(Segments.file(DIRECTORY, 0), 300);
        List<Damage> before = new ArrayList<>();
        List<String> readable = readable(disk, before);
        compressAndAdopt(disk);
        List<Damage> after = new ArrayList<>();
        assertThat(readable(disk, after)).isEqualTo(readable);
        assertThat(after).hasSize(1);
        assertThat(after.getFirst().from()).isEqualTo(before.getFirst().from());
        assertThat(after.getFirst().to()).isEqualTo(before.getFirst().to());
        assertThat(after.getFirst().what()).isEqualTo("no valid frame");
        assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).hasSize(1);
    }

    @Test
    void aSegmentThatEndsEarlyIsLeftAsItIs() {
        fill(disk, 40);
        Path file = Segments.file(DIRECTORY, 0);
        disk.shorten(file, disk.bytes(file).length - 8);
        try (var compressor = CompressedJournal.compressor(disk)) {
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Unfit.class);
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Offered.class);
        }
    }

    @Test
    void aFullDiskLeavesTheSegmentAndItIsCompressedLater() {
        List<String> frames = fill(disk, 40);
        long used = disk.files().stream().mapToLong(file -> disk.bytes(file).length).sum();
        List<String> before = names(disk);
        try (var compressor = CompressedJournal.compressor(disk)) {
            for (int room = 0; room < 400; room += 40) {
                disk.capacity(used + room);
                assertThat(compressor.next(() -> true))
                        .isInstanceOf(SegmentCompressor.Step.NoRoom.class);
                assertThat(names(disk)).isEqualTo(before);
            }
            disk.capacity(Long.MAX_VALUE);
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Offered.class);
        }
        compressAndAdopt(disk);
        assertThat(read(disk, 0)).isEqualTo(frames);
    }

    @Test
    void itStopsBetweenTwoBlocksAndLeavesNothingBehind() {
        fill(disk, 40);
        List<String> before = names(disk);
        try (var compressor = CompressedJournal.compressor(disk)) {
            var blocks = new AtomicInteger();
            assertThat(compressor.next(() -> blocks.incrementAndGet() < 3))
                    .isInstanceOf(SegmentCompressor.Step.Stopped.class);
            assertThat(blocks).hasValue(3);
            assertThat(names(disk)).isEqualTo(before);
        }
    }

    @Test
    void aSegmentThatWasTrimmedMeanwhileDoesNotComeBack() {
        fill(disk, 40);
        try (var writer = open(disk, new JournalLimits(1_000, 300, 0, 0));
                var compressor = CompressedJournal.compressor(disk)) {
            // Trimmed after the first block was read and before the copy is offered.
            var asked = new AtomicInteger();
            assertThat(
                            compressor.next(
                                    () -> {
                                        if (asked.incrementAndGet() == 2) {
                                            writer.trim(Long.MAX_VALUE);
                                        }
                                        return true;
                                    }))
                    .isInstanceOf(SegmentCompressor.Step.Offered.class);
            List<Long> left = Segments.bases(disk, DIRECTORY);
            assertThat(left).hasSize(1);
            assertThat(writer.adoptCompressed()).isZero();
            assertThat(names(disk)).containsExactly(Segments.name(left.getFirst()));
        }
    }

    @Test
    void trimmingTakesEveryForm() {
        fill(disk, 40);
        assertThat(compress(disk)).isGreaterThan(3);
        try (var writer = open(disk, new JournalLimits(1_000, 300, 0, 0))) {
            long all = writer.bytesOnDisk();
            long freed = writer.adoptCompressed() + writer.trim(Long.MAX_VALUE);
            assertThat(names(disk)).hasSize(1);
            assertThat(writer.bytesOnDisk()).isEqualTo(all - freed);
            assertThat(writer.bytesOnDisk())
                    .isEqualTo(disk.bytes(DIRECTORY.resolve(names(disk).getFirst())).length);
        }
    }

    @Test
    void aCopyThatDoesNotFitItsSegmentIsThrownAway() {
        List<String> frames = fill(disk, 40);
        compress(disk);
        Path offered = Segments.offered(DIRECTORY, 0);
        disk.flip(offered, BlockTable.AT + 20); // its table
        Path second = Segments.offered(DIRECTORY, Segments.bases(disk, DIRECTORY).get(1));
        disk.flip(second, 40); // its segment header
        try (var writer = open(disk)) {
            writer.adoptCompressed();
        }
        assertThat(names(disk)).contains(Segments.name(0));
        assertThat(names(disk)).noneMatch(name -> name.endsWith(".new"));
        assertThat(Segments.bases(disk, DIRECTORY).stream().filter(this::isPlain)).hasSize(3);
        assertThat(read(disk, 0)).isEqualTo(frames);
    }

    private boolean isPlain(long base) {
        return disk.exists(Segments.file(DIRECTORY, base));
    }

    @Test
    void anOfferForTheLastSegmentIsThrownAwayAsThatOneMayGrow() {
        fill(disk, 40);
        compress(disk);
        long last = Segments.bases(disk, DIRECTORY).getLast();
        disk.lose(Segments.file(DIRECTORY, last));
        disk.lose(DIRECTORY.resolve(Pages.PUBLISHED));
        disk.lose(DIRECTORY.resolve(Pages.ack("a")));
        long now = Segments.bases(disk, DIRECTORY).getLast();
        assertThat(disk.exists(Segments.offered(DIRECTORY, now))).isTrue();
        open(disk).close();
        assertThat(disk.exists(Segments.offered(DIRECTORY, now))).isFalse();
    }

    @Test
    void nothingIsWrittenIntoACompressedSegmentAgain() {
        List<String> frames = fill(disk, 40);
        compressAndAdopt(disk);
        long last = Segments.bases(disk, DIRECTORY).getLast();
        disk.lose(Segments.file(DIRECTORY, last));
        disk.lose(DIRECTORY.resolve(Pages.PUBLISHED));
        disk.lose(DIRECTORY.resolve(Pages.ack("a")));
        long sealed = Segments.bases(disk, DIRECTORY).getLast();
        byte[] before = disk.bytes(Segments.compressed(DIRECTORY, sealed));
        try (var writer = open(disk)) {
            assertThat(writer.recovered().damage()).isEmpty();
            JournalBasicsTest.append(writer, "behind it", 1);
            writer.publish(writer.force());
        }
        assertThat(disk.bytes(Segments.compressed(DIRECTORY, sealed))).isEqualTo(before);
        List<String> read = read(disk, 0);
        assertThat(read).endsWith("behind it/1");
        assertThat(frames).containsAll(read.subList(0, read.size() - 1));
        assertThat(JournalVerifier.verify(disk, DIRECTORY).findings()).isEmpty();
    }

    @Test
    void aJournalThatIsComputedAgainRefusesCompressedSegments() {
        fill(disk, 40);
        compressAndAdopt(disk);
        var settings = new JournalSettings(DIRECTORY, JournalLimits.DEFAULT, List.of());
        assertThatThrownBy(
                        () ->
                                JournalWriter.openAt(
                                        disk,
                                        new TestClock(),
                                        settings,
                                        () -> 99,
                                        new JournalPosition(99, 64)))
                .isInstanceOf(JournalMismatch.class)
                .hasMessageContaining("00000000000000000000.segz is compressed");
    }

    @Test
    void bytesThatDoNotShrinkComeBackTheSame() {
        var limits = new JournalLimits(300_000, 100_000, 0, 1_000_000);
        var random = new Random(7);
        List<byte[]> written = new ArrayList<>();
        try (var writer = open(disk, limits)) {
            for (int i = 0; i < 12; i++) {
                byte[] bytes = new byte[random.nextInt(100_000)];
                random.nextBytes(bytes);
                written.add(bytes);
                writer.append(bytes, 0, bytes.length, i);
            }
            writer.publish(writer.force());
            acknowledgeAll(disk);
            try (var compressor = new SegmentCompressor(disk, DIRECTORY, "a")) {
                while (compressor.next(() -> true) instanceof SegmentCompressor.Step.Offered) {}
            }
            writer.adoptCompressed();
        }
        assertThat(names(disk)).anyMatch(name -> name.endsWith(".segz"));
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            for (byte[] bytes : written) {
                assertThat(reader.next()).isEqualTo(Step.FRAME);
                assertThat(reader.bytes())
                        .as("payload of %d bytes", bytes.length)
                        .satisfies(
                                all ->
                                        assertThat(
                                                        Arrays.copyOfRange(
                                                                all,
                                                                reader.payloadOffset(),
                                                                reader.payloadOffset()
                                                                        + reader.payloadLength()))
                                                .isEqualTo(bytes));
            }
            assertThat(reader.next()).isEqualTo(Step.END);
        }
    }

    private BlockTable table(Path file) {
        try (var open = disk.open(file, Disk.Mode.READ)) {
            // The flipped byte may be the table's own; its length does not depend on it.
            return BlockTable.read(open) instanceof BlockTable.Read.Intact(var table)
                    ? table
                    : new BlockTable(256, 0, new int[blocks()]);
        }
    }

    private int blocks() {
        long second = Segments.bases(disk, DIRECTORY).get(1);
        return BlockTable.count(second, CompressedJournal.BLOCK_BYTES);
    }

    private static List<String> readable(SimulatedDisk disk, List<Damage> damage) {
        List<String> read = new ArrayList<>();
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (true) {
                switch (reader.next()) {
                    case FRAME -> read.add(JournalBasicsTest.text(reader));
                    case DAMAGED -> damage.add(reader.damage());
                    case END -> {
                        return read;
                    }
                }
            }
        }
    }
}
