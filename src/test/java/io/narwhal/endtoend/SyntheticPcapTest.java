package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

class SyntheticPcapTest {
    @TempDir private Path directory;

    @Test
    void theFileHoldsWhatTheSumsSay() throws IOException {
        SyntheticPcap.Written written =
                SyntheticPcap.write(directory.resolve("a.pcap"), 7, 1_000, 1_767_225_600_000L);

        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(written.file()));
        assertThat(in.getInt(0)).isEqualTo(0xa1b2_c3d4);
        long octets = 0;
        int packets = 0;
        for (int at = 24; at < in.capacity(); at += 16 + in.getInt(at + 8)) {
            boolean ipv6 = in.get(at + 16) == 0x60;
            octets += ipv6 ? 40 + in.getShort(at + 20) : in.getShort(at + 18);
            packets++;
        }
        assertThat(packets).isEqualTo(1_000);
        assertThat(written.packets()).isEqualTo(1_000);
        assertThat(written.octets()).isEqualTo(octets);
        assertThat(written.ipv4()).isNotEmpty();
        assertThat(written.ipv6()).isNotEmpty();
    }

    @Test
    void theSameSeedWritesTheSameBytes() throws IOException {
        Path first = SyntheticPcap.write(directory.resolve("a"), 7, 100, 1_000).file();
        Path again = SyntheticPcap.write(directory.resolve("b"), 7, 100, 1_000).file();
        Path other = SyntheticPcap.write(directory.resolve("c"), 8, 100, 1_000).file();

        assertThat(first).hasSameBinaryContentAs(again);
        assertThat(Files.mismatch(first, other)).isNotNegative();
    }
}
