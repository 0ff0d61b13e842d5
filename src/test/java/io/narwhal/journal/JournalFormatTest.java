package io.narwhal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;
import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader.Step;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The worked example in docs/formats/journal.md is a journal, field by field. */
class JournalFormatTest {
    private static final Path DIRECTORY = Path.of("/journal");

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final String page =
            Files.readString(Path.of("docs/formats/journal.md")).split("## Compressed segment")[0];
    private final byte[] compressed = compressedExample();
    private final byte[] example = hex(page);

    JournalFormatTest() throws Exception {}

    @Test
    void theExampleDecodesToEveryFieldOfItsTable() {
        disk.put(Segments.file(DIRECTORY, 0), example);
        Map<String, String> decoded = new LinkedHashMap<>();
        try (var file = disk.open(Segments.file(DIRECTORY, 0), Disk.Mode.READ)) {
            if (SegmentHeader.read(file, 0) instanceof SegmentHeader.Read.Intact(var header)) {
                decoded.put("journal id", Long.toHexString(header.journalId()));
                decoded.put("base position", "" + header.base());
                decoded.put("first sequence", "" + header.firstSequence());
                decoded.put("created", "" + header.createdMicros());
            }
            var window = new FrameWindow();
            SegmentScan.walk(disk, DIRECTORY, 0, Long.MAX_VALUE, window, new Fields(decoded));
        }
        assertThat(decoded).isEqualTo(table(page));
        var verified = JournalVerifier.verify(disk, DIRECTORY);
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.frames()).isEqualTo(2);
        assertThat(verified.items()).isEqualTo(4);
        assertThat(verified.tornBytes()).isZero();
    }

    @Test
    void theReaderReadsTheExample() {
        disk.put(Segments.file(DIRECTORY, 0), example);
        try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
            assertThat(reader.journalId()).isEqualTo(0x1122334455667788L);
            assertThat(reader.next()).isEqualTo(Step.FRAME);
            assertThat(JournalBasicsTest.text(reader)).isEqualTo("first/1");
            assertThat(reader.next()).isEqualTo(Step.FRAME);
            assertThat(JournalBasicsTest.text(reader)).isEqualTo("the second one/3");
            assertThat(reader.next()).isEqualTo(Step.END);
        }
    }

    @Test
    void theWriterWritesTheExample() {
        var clock = new TestClock();
        var settings = new JournalSettings(DIRECTORY, JournalLimits.DEFAULT, List.of());
        try (var writer = JournalWriter.open(disk, clock, settings, () -> 0x1122334455667788L)) {
            JournalBasicsTest.append(writer, "first", 1);
            writer.force();
            JournalBasicsTest.append(writer, "the second one", 3);
        }
        assertThat(HexFormat.of().formatHex(disk.bytes(Segments.file(DIRECTORY, 0))))
                .isEqualTo(HexFormat.of().formatHex(example));
    }

    @Test
    void theCompressedExampleIsTheSameJournal() {
        Path file = Segments.compressed(DIRECTORY, 0);
        disk.put(file, compressed);
        try (var segment = CompressedSegment.open(disk, file, 0)) {
            ByteBuffer bytes = ByteBuffer.allocate(example.length + 1);
            assertThat(segment.read(bytes, 0)).isEqualTo(example.length);
            assertThat(bytes.array()).startsWith(example);
        }
        try (var open = disk.open(file, Disk.Mode.READ)) {
            assertThat(BlockTable.read(open)).isInstanceOf(BlockTable.Read.Intact.class);
        }
        var verified = JournalVerifier.verify(disk, DIRECTORY);
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.frames()).isEqualTo(2);
        assertThat(verified.bytes()).isEqualTo(compressed.length);
    }

    @Test
    void theCompressorWritesTheCompressedExample() {
        disk.put(Segments.file(DIRECTORY, 0), example);
        disk.put(Segments.file(DIRECTORY, example.length), new byte[SegmentHeader.BYTES]);
        try (var acknowledged = Pages.openAck(disk, DIRECTORY, "a");
                var compressor = new SegmentCompressor(disk, DIRECTORY, "a")) {
            acknowledged.putLong(0, example.length);
            assertThat(compressor.next(() -> true))
                    .isInstanceOf(SegmentCompressor.Step.Offered.class);
        }
        // Other versions of zstd may write other data; all around it is ours.
        byte[] written = disk.bytes(Segments.offered(DIRECTORY, 0));
        assertThat(written).startsWith(Arrays.copyOf(compressed, 0x5c));
        assertThat(ByteBuffer.wrap(written, 0x74, 12))
                .isEqualTo(ByteBuffer.wrap(compressed, 0x74, 12));
    }

    private static byte[] compressedExample() throws IOException {
        var example = HexExample.of("journal.md", "### Example of a compressed segment");
        return example.bytes(example.end());
    }

    private record Fields(Map<String, String> into) implements SegmentScan.Visitor {
        @Override
        public void frame(long at, int totalBytes, FrameWindow frame) {
            String name = "frame " + frame.sequence();
            into.put(name + " position", "" + at);
            into.put(name + " items", "" + frame.items());
            into.put(name + " sequence", "" + frame.sequence());
            into.put(name + " forced", "" + frame.forced());
            into.put(
                    name + " payload",
                    new String(
                            frame.bytes(),
                            frame.payloadOffset(),
                            frame.payloadLength(),
                            StandardCharsets.UTF_8));
        }

        @Override
        public void invalid(long from, long to) {
            into.put("invalid", from + " to " + to);
        }
    }

    private static byte[] hex(String page) {
        Matcher hex = Pattern.compile("```hex\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(hex.find()).isTrue();
        return HexFormat.of().parseHex(hex.group(1).replaceAll("\\s", ""));
    }

    private static Map<String, String> table(String page) {
        Map<String, String> fields = new LinkedHashMap<>();
        String example = page.substring(page.lastIndexOf("```"));
        Matcher row = Pattern.compile("(?m)^\\| (.+?) \\| (.+?) \\|$").matcher(example);
        while (row.find()) {
            if (!row.group(1).equals("field")) {
                fields.put(row.group(1), row.group(2));
            }
        }
        return fields;
    }
}
