package io.narwhal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.HexExample;
import io.narwhal.base.StateReader;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;

/** docs/formats/received.md says what the code does, and bad bytes are refused. */
class OriginTest {
    private static final Origin ORIGIN =
            new Origin(0xe1, 0xa01, 4_096, 4_168, 17, 1_001, Origin.RESENT, "edge-1", "flows");

    private static byte[] example() throws IOException {
        HexExample example = HexExample.of("received.md", "## Frames that were pulled");
        return example.bytes(example.end());
    }

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        byte[] frame = example();

        assertThat(Origin.isAt(frame, 0, frame.length)).isTrue();
        Origin origin = Origin.read(frame, 0, frame.length);
        assertThat(origin).isEqualTo(ORIGIN);
        assertThat(origin.path()).isEqualTo("edge-1/flows");
        assertThat(origin.isResent()).isTrue();
        assertThat(origin.wasParked()).isFalse();
        assertThat(origin.isGap()).isFalse();
        var block = new ReceivedBlock();
        int at = origin.payloadOffset();
        block.read(frame, at, frame.length - at);
        assertThat(block.kind()).isEqualTo(ReceivedBlock.Kind.TICK);
        assertThat(block.arrivalMicros()).isEqualTo(1_795_341_900_250_000L);
        assertThat(block.datagramsTotal()).isEqualTo(1_002);
    }

    @Test
    void theExampleIsWrittenToTheSameBytes() throws IOException {
        byte[] frame = example();
        byte[] block = Arrays.copyOfRange(frame, ORIGIN.payloadOffset(), frame.length);

        assertThat(ORIGIN.before(block)).isEqualTo(frame);
        assertThat(ORIGIN.writtenBytes()).isEqualTo(66);
    }

    @Test
    void aFrameOfOneOfOurOwnCollectorsHasNone() throws IOException {
        HexExample own = HexExample.of("received.md");
        byte[] frame = own.bytes(own.end());

        assertThat(Origin.isAt(frame, 0, frame.length)).isFalse();
        assertThat(Origin.skip(frame, 0, frame.length)).isZero();
        assertThat(Origin.isAt(frame, 0, 0)).isFalse();
    }

    @Test
    void aGapNeedsNoPayloadAndNamesMayBeLongOrEmpty() {
        var gap = new Origin(1, 2, 3, 400, 5, 6, Origin.GAP | Origin.PARKED, "é".repeat(127), "");
        byte[] frame = new byte[7 + gap.writtenBytes()];
        System.arraycopy(gap.before(new byte[0]), 0, frame, 7, gap.writtenBytes());

        assertThat(Origin.read(frame, 7, gap.writtenBytes())).isEqualTo(gap);
        assertThat(gap.isGap()).isTrue();
        assertThat(gap.payloadOffset()).isEqualTo(55 + 254);
    }

    @Test
    void anOriginThatIsCutIsRefusedAndNeverReadBeyond() throws IOException {
        byte[] frame = example();
        for (int length = 0; length < ORIGIN.payloadOffset(); length++) {
            byte[] cut = Arrays.copyOf(frame, length);
            assertThatThrownBy(() -> Origin.read(cut, 0, cut.length))
                    .isInstanceOf(StateReader.Malformed.class);
        }
    }

    @Test
    void lyingLengthsOtherVersionsAndUnknownFlagsAreRefused() throws IOException {
        refuses(0, 0x51);
        refuses(1, 2);
        refuses(3, 0x41);
        refuses(3, 0x43);
        refuses(0x35, 255);
        refuses(0x35, 5);
        refuses(0x3c, 4);
        refuses(0x34, 16);
        refuses(0x14, 0x7f); // its beginning behind its end
    }

    private static void refuses(int at, int value) throws IOException {
        byte[] frame = example();
        frame[at] = (byte) value;
        assertThatThrownBy(() -> Origin.read(frame, 0, frame.length))
                .as("byte %d = %d", at, value)
                .isInstanceOf(StateReader.Malformed.class);
    }
}
