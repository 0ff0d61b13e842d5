package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** docs/formats/in-flight.md says what the code does. */
@DisabledIf(value = "isBigEndian", disabledReason = "the example is of a little-endian machine")
class InFlightDocumentTest {
    private static final long BOOT_HIGH = 0x1122334455667788L;
    private static final long BOOT_LOW = 0xaabbccddeeff0001L;

    @TempDir Path directory;

    static boolean isBigEndian() {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    }

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        Path file = directory.resolve("area");
        Files.write(file, HexExample.of("in-flight.md").bytes((int) InFlight.SIZE_BYTES));
        ByteBuffer payload = ByteBuffer.allocate(4);
        try (InFlight area = MappedArea.map(file)) {
            assertThat(area.isOf(BOOT_HIGH, BOOT_LOW)).isTrue();
            assertThat(area.batch()).isEqualTo(7);
            assertThat(area.appendAt()).isEqualTo(4096);
            assertThat(area.length(0)).isEqualTo(4);
            assertThat(area.length(1)).isZero();
            assertThat(area.sourceHigh(0)).isEqualTo(0x2001_0db8_0000_0000L);
            assertThat(area.sourceLow(0)).isEqualTo(1);
            assertThat(area.sourcePort(0)).isEqualTo(50_000);
            area.copyTo(0, payload);
        }
        assertThat(payload.array()).containsExactly(0, 9, 0, 1);
    }

    @Test
    void theExampleIsWrittenToTheSameBytes() throws IOException {
        Path file = directory.resolve("area");
        try (InFlight area = MappedArea.map(file)) {
            area.format(BOOT_HIGH, BOOT_LOW);
            while (area.batch() < 7) {
                area.clear();
            }
            area.put(
                    0, ByteBuffer.wrap(new byte[] {0, 9, 0, 1}), 0x2001_0db8_0000_0000L, 1, 50_000);
            area.setAppendAt(4096);
        }
        byte[] written = Files.readAllBytes(file);
        HexExample example = HexExample.of("in-flight.md");
        assertThat(written).hasSize(4_205_568);
        assertThat(example.shownOf(written)).isEqualTo(example.bytes(written.length));
    }
}
