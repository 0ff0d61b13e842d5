package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.JournalSettings;
import io.narwhal.config.JournalSettings.Compression;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/** The received journals become smaller beside accounting, when the configuration says so. */
class ReceivedCompressionTest {
    private static final Disk DISK = Disk.system();

    @TempDir private Path directory;

    @Test
    void onlyJournalsThatAreKeptAndSoConfiguredAreCompressed() {
        var kept = new JournalSettings(1, 1, 0);
        var deleted = new JournalSettings(1, 0, 0);
        assertThat(ReceivedCompression.isWanted(kept)).isFalse();
        assertThat(ReceivedCompression.isWanted(kept.with(Compression.ZSTD))).isTrue();
        assertThat(ReceivedCompression.isWanted(deleted.with(Compression.ZSTD))).isFalse();
    }

    @Test
    void theThreadOffersCopiesThatTheCollectorsWriterTakesIn() {
        Environment environment = environment();
        Path journal = environment.layout().received("flows");
        try (var writer = writer(journal)) {
            fill(writer, journal);
            long before = writer.bytesOnDisk();
            try (var compression = new ReceivedCompression(environment)) {
                compression.start();
                await().until(() -> names(journal, ".segz.new") == 3);
            }
            assertThat(names(journal, ".seg")).isEqualTo(4);
            assertThat(writer.adoptCompressed()).isPositive();
            assertThat(names(journal, ".seg")).isEqualTo(1);
            assertThat(names(journal, ".segz")).isEqualTo(3);
            assertThat(writer.bytesOnDisk()).isLessThan(before / 2);
        }
        try (var reader = JournalReader.open(DISK, journal, 0)) {
            for (int i = 1; i <= 32; i++) {
                assertThat(reader.next()).isEqualTo(JournalReader.Step.FRAME);
                assertThat(reader.sequence()).isEqualTo(i);
            }
            assertThat(reader.next()).isEqualTo(JournalReader.Step.END);
        }
    }

    private static JournalWriter writer(Path journal) {
        var settings =
                new io.narwhal.journal.JournalSettings(
                        journal,
                        new JournalLimits(8_192, 2_000, 0, 1_000_000),
                        List.of(NodeConfig.ACCOUNTING));
        return JournalWriter.open(DISK, Clock.system(), settings, () -> 7);
    }

    /** Four segments of eight frames. */
    private static void fill(JournalWriter writer, Path journal) {
        for (int i = 0; i < 32; i++) {
            writer.append(new byte[960], 0, 960, 1);
        }
        writer.publish(writer.force());
        try (var reader = JournalReader.open(DISK, journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {}
            reader.acknowledge(NodeConfig.ACCOUNTING, reader.position());
        }
    }

    private static long names(Path journal, String suffix) {
        return DISK.list(journal).stream().filter(name -> name.endsWith(suffix)).count();
    }

    private Environment environment() {
        String text =
                """
                data: ./data
                collectors: { flows: { protocol: netflow, listen: "127.0.0.1:2055" } }
                usage: { by-pair: { keys: [src_addr, dst_addr] } }
                journals: { received: { compress: zstd } }
                """;
        return switch (ConfigLoader.load(directory.resolve("narwhal.yaml"), text)) {
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
            case Loaded.Valid(var config, var _) ->
                    new Environment(
                            config,
                            new NodeLayout(config.data()),
                            DISK,
                            Net.system(),
                            Processes.system(),
                            Clock.system());
        };
    }
}
