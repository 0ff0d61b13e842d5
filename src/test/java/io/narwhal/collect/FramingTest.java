package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

/** Where messages end in a stream (RFC 7011 §10.4.3). */
class FramingTest {
    private static ByteBuffer messages(int... lengths) {
        var bytes = ByteBuffer.allocate(200_000);
        for (int length : lengths) {
            bytes.putShort(bytes.position(), (short) 10);
            bytes.putShort(bytes.position() + 2, (short) length);
            bytes.position(bytes.position() + length);
        }
        return bytes.flip();
    }

    @Test
    void atWhateverByteTheStreamIsSplitTheWholeMessagesAreFound() {
        ByteBuffer bytes = messages(16, 21, 40);
        int[] ends = {16, 37, 77};
        for (int end = 0; end <= 77; end++) {
            int whole = 0;
            while (whole < 3 && ends[whole] <= end) {
                whole++;
            }
            assertThat(Framing.of(bytes, 0, end))
                    .as("split at %d", end)
                    .isEqualTo(new Framing(whole == 0 ? 0 : ends[whole - 1], whole, ""));
        }
    }

    @Test
    void severalMessagesAreFoundBehindWhatWasTaken() {
        assertThat(Framing.of(messages(16, 16, 65_535, 20), 16, 65_580))
                .isEqualTo(new Framing(65_567, 2, ""));
    }

    @Test
    void r6AVersionOtherThan10BreaksTheStreamBehindTheLastMessage() {
        ByteBuffer bytes = messages(16, 20);
        bytes.putShort(16, (short) 9);
        Framing found = Framing.of(bytes, 0, 36);
        assertThat(found.to()).isEqualTo(16);
        assertThat(found.messages()).isEqualTo(1);
        assertThat(found.broken()).contains("version 9");
        assertThat(Framing.of(bytes, 0, 18)).isEqualTo(found);
        assertThat(Framing.of(bytes, 0, 17).broken()).isEmpty();
    }

    @Test
    void r6ALengthOfLessThanAHeaderBreaksTheStream() {
        ByteBuffer bytes = messages(16, 20);
        bytes.putShort(18, (short) 15);
        assertThat(Framing.of(bytes, 0, 20).broken()).contains("15 bytes");
        assertThat(Framing.of(bytes, 0, 19).broken()).isEmpty();
        bytes.putShort(18, (short) 0);
        assertThat(Framing.of(bytes, 0, 20).broken()).contains("0 bytes");
    }
}
