package io.narwhal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Frames that were pulled are read like others, and say by which agent they came. */
class PulledRecordsTest {
    private static final long ARRIVAL_MS = 1_795_341_600_000L;

    @TempDir Path directory;

    private NodeConfig config() throws IOException {
        Path file = directory.resolve("narwhal.yaml");
        Files.writeString(
                file,
                """
                node: test
                data: ./data
                collectors:
                  flows: { protocol: netflow, listen: "127.0.0.1:2055" }
                usage:
                  by-pair: { keys: [src_addr] }
                """);
        return switch (ConfigLoader.load(file)) {
            case Loaded.Valid(var config, var _) -> config;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    private static byte[] block(int octets) {
        ByteBuffer out = ByteBuffer.allocate(56 + 20 + 72);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.DATAGRAMS,
                        0,
                        0,
                        Transport.UDP,
                        1,
                        ARRIVAL_MS * 1_000,
                        1,
                        1,
                        0,
                        1,
                        72)
                .write(out);
        ReceivedBlock.writeDatagramHeader(out, 72, 2000, 0, Addresses.ofIpv4(0xc0000201));
        out.putShort((short) 5).putShort((short) 1).putInt(100_000).putInt(1_795_341_600);
        out.putInt(76 + 24 + 16, 1).putInt(76 + 24 + 20, octets);
        return out.array();
    }

    private static byte[] from(String link, int flags, byte[] block) {
        return new Origin(1, 2, 4_096, 5_000, 1, 1, flags, link, "flows").before(block);
    }

    @Test
    void framesWithAnOriginAndWithoutAreReadAndAGapIsPassedOver() throws IOException {
        NodeConfig config = config();
        Disk disk = Disk.system();
        Path journal = new NodeLayout(config.data()).received("flows");
        disk.createDirectories(journal);
        var settings =
                new JournalSettings(journal, new JournalLimits(16 << 10, 8 << 10, 0, 0), List.of());
        try (var writer = JournalWriter.open(disk, Clock.system(), settings, () -> 7)) {
            for (byte[] frame :
                    List.of(
                            from("edge-1", 0, block(10)),
                            block(20),
                            from("edge-2", Origin.GAP, new byte[0]),
                            from("edge-2", Origin.RESENT, block(30)),
                            from("edge-1", 0, block(40)))) {
                writer.append(frame, 0, frame.length, 1);
            }
            writer.publish(writer.force());
        }
        var records = new ReceivedRecords(config, disk);
        List<String> read = new ArrayList<>();
        records.read(
                ReceivedRecords.Arrival.ANY,
                block -> {
                    for (int row = 0; row < block.size(); row++) {
                        read.add(records.via() + " " + block.column(Field.OCTETS)[row]);
                    }
                    return true;
                },
                note -> {
                    throw new AssertionError(note);
                });

        assertThat(read)
                .containsExactly("edge-1/flows 10", " 20", "edge-2/flows 30", "edge-1/flows 40");
        assertThat(records.hasPaths()).isFalse(); // no link is configured
    }
}
