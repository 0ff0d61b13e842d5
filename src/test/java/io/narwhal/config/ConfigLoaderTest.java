package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Field;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class ConfigLoaderTest {
    private static final String EXAMPLE =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "[::]:2055" }          # told apart by version
            enhance:
              customers: { table: ./customers.csv }                      # prefix,customer
            usage:
              by-pair:     { keys: [src_addr, dst_addr], bin: 1m, close-after: 5m }
              by-customer: { keys: [customer], bin: 5m, close-after: 15m }
            outputs:
              ledger: { type: parquet }
            admin: { listen: 127.0.0.1:8080 }
            """;

    @TempDir private Path directory;

    @BeforeEach
    void writeCustomers() throws IOException {
        Files.writeString(directory.resolve("customers.csv"), "prefix,customer\n");
    }

    @Test
    void theExampleOfTheDesignIsValidAndOnlyTheAdminKeyIsWarnedAbout() {
        var loaded = (Loaded.Valid) load(EXAMPLE);

        assertThat(loaded.warnings())
                .containsExactly(
                        new Problem(
                                directory.resolve("narwhal.yaml").toString(),
                                12,
                                1,
                                "this release serves no pages; 'admin' has no effect"));
        NodeConfig config = loaded.config();
        assertThat(config.node()).isEqualTo("edge-1");
        assertThat(config.data()).isEqualTo(directory.resolve("data"));
        assertThat(config.collectors())
                .containsExactly(
                        new CollectorConfig(
                                "flows",
                                CollectorConfig.Protocol.NETFLOW,
                                Transport.UDP,
                                List.of(new Listen("::", 2055)),
                                1,
                                32 << 20,
                                1024,
                                null,
                                null,
                                null));
        assertThat(config.enhance())
                .isEqualTo(
                        new EnhanceConfig(new CustomersConfig(directory.resolve("customers.csv"))));
        assertThat(config.usage())
                .containsExactly(
                        new UsageDefinition(
                                "by-pair",
                                List.of(Field.SRC_ADDR, Field.DST_ADDR),
                                60_000,
                                300_000),
                        new UsageDefinition(
                                "by-customer", List.of(Field.CUSTOMER), 300_000, 900_000));
        assertThat(config.outputs())
                .containsExactly(new OutputConfig("ledger", OutputConfig.Type.PARQUET));
        assertThat(config.admin()).isEqualTo(new AdminConfig(new Listen("127.0.0.1", 8080)));
    }

    @Test
    void whatIsLeftOutHasTheDocumentedDefault() {
        NodeConfig config = ((Loaded.Valid) load(ConfigLoader.MINIMAL)).config();

        assertThat(config.data()).isEqualTo(directory.resolve("data"));
        assertThat(config.node()).matches(Key.NAME_PATTERN);
        assertThat(config.usage().getFirst().binMs()).isEqualTo(300_000);
        assertThat(config.usage().getFirst().closeAfterMs()).isEqualTo(300_000);
        assertThat(config.enhance().customers()).isNull();
        assertThat(config.admin()).isNull();
        assertThat(config.outputs())
                .containsExactly(new OutputConfig("ledger", OutputConfig.Type.PARQUET));
        var journal = new JournalSettings(128 << 20, 7 * 86_400_000L, 0);
        assertThat(config.journals()).isEqualTo(new JournalsConfig(journal, journal));
        assertThat(config.checkpoint()).isEqualTo(new CheckpointConfig(1_000, 2_000));
        assertThat(config.commit()).isEqualTo(new CommitConfig(20));
        assertThat(config.held()).isEqualTo(new HeldConfig(64 << 20, 3_600_000));
        assertThat(config.limits())
                .isEqualTo(
                        new LimitsConfig(
                                1024,
                                512,
                                10_000,
                                3_600_000,
                                2_000_000,
                                65_536,
                                128L << 20,
                                250_000,
                                10_000,
                                2_000_000));
        assertThat(config.sessions())
                .isEqualTo(new SessionsConfig(3 * 86_400_000L, 31 * 86_400_000L));
        assertThat(config.memory())
                .isEqualTo(new MemoryConfig(64 << 20, 1 << 30, 512 << 20, 192 << 20, 512 << 20));
        assertThat(config.hangAfterMs()).isEqualTo(10_000);
        assertThat(config.restart()).isEqualTo(new RestartConfig(100, 5_000));
    }

    @Test
    void everySettingReachesTheRecordItIsNamedFor() {
        NodeConfig config =
                ((Loaded.Valid)
                                load(
                                        """
                                        collectors:
                                          a: { protocol: netflow, listen: [127.0.0.1:1, "[::1]:2"], receive-buffer: 1MiB }
                                        usage: { total: { keys: [], bin: 1h, close-after: 0s } }
                                        outputs: { one: { type: parquet }, two: { type: parquet } }
                                        journals:
                                          received: { segment: 16MiB, retention: 1d, capacity: 32MiB, compress: zstd }
                                          usage: { segment: 17MiB, retention: 2d, capacity: 39MiB }
                                        checkpoint: { every: 2s }
                                        commit: { every: 3ms }
                                        held: { memory: 4MiB, for: 5m }
                                        limits: { templates-per-exporter: 6, fields-per-template: 7, exporters: 8, exporter-idle: 10s, open-keys: 9, total-flows: 10, exporter-state: 11MiB, sessions: 12, held-lines: 13, copies: 14 }
                                        sessions: { keep: 2m, expire: 3m }
                                        memory: { collector: 33MiB, accounting: 65MiB, output: 66MiB, transfer: 67MiB, beside-heap: 129MiB }
                                        hang-after: 12s
                                        restart: { delay: 13ms, delay-max: 14ms }
                                        """))
                        .config();

        assertThat(config.collectors().getFirst().listen())
                .containsExactly(new Listen("127.0.0.1", 1), new Listen("::1", 2));
        assertThat(config.collectors().getFirst().receiveBufferBytes()).isEqualTo(1 << 20);
        assertThat(config.usage())
                .containsExactly(new UsageDefinition("total", List.of(), 3_600_000, 0));
        assertThat(config.outputs()).extracting(OutputConfig::name).containsExactly("one", "two");
        assertThat(config.journals())
                .isEqualTo(
                        new JournalsConfig(
                                new JournalSettings(16 << 20, 86_400_000, 32 << 20)
                                        .with(JournalSettings.Compression.ZSTD),
                                new JournalSettings(17 << 20, 172_800_000, 39 << 20)));
        assertThat(config.checkpoint().everyMs()).isEqualTo(2_000);
        assertThat(config.commit().everyMs()).isEqualTo(3);
        assertThat(config.held()).isEqualTo(new HeldConfig(4 << 20, 300_000));
        assertThat(config.limits())
                .isEqualTo(new LimitsConfig(6, 7, 8, 10_000, 9, 10, 11L << 20, 12, 13, 14));
        assertThat(config.sessions()).isEqualTo(new SessionsConfig(120_000, 180_000));
        assertThat(config.memory())
                .isEqualTo(new MemoryConfig(33 << 20, 65 << 20, 66 << 20, 67 << 20, 129 << 20));
        assertThat(config.hangAfterMs()).isEqualTo(12_000);
        assertThat(config.restart()).isEqualTo(new RestartConfig(13, 14));
    }

    @Test
    void theSourceLoadsToTheSameConfigurationAgain() {
        NodeConfig config = ((Loaded.Valid) load(EXAMPLE)).config();

        Loaded again = ConfigLoader.load(config.source().file(), config.source().text());

        assertThat(((Loaded.Valid) again).config()).isEqualTo(config);
    }

    @Test
    void aFileIsReadWithItsProblemsUnderItsName() throws IOException {
        Path file = Files.writeString(directory.resolve("n.yaml"), EXAMPLE + "colectors: 1\n");

        assertThat(messages(ConfigLoader.load(file)))
                .containsExactly(
                        file + ":13:1: unknown key 'colectors'; did you mean 'collectors'?");
    }

    @Test
    void aMissingFileADirectoryAndAFileThatIsNotTextAreProblems() throws IOException {
        Path missing = directory.resolve("missing.yaml");
        Path binary = Files.write(directory.resolve("b"), new byte[] {'a', '\n', 'b', -1, 'c'});
        Path large = Files.write(directory.resolve("l"), new byte[(1 << 20) + 1]);

        assertThat(messages(ConfigLoader.load(missing)))
                .singleElement()
                .asString()
                .startsWith(missing + ":1:1: cannot open ")
                .contains("no such file or directory");
        assertThat(messages(ConfigLoader.load(directory)))
                .singleElement()
                .asString()
                .startsWith(directory + ":1:1: cannot read ");
        assertThat(messages(ConfigLoader.load(binary)))
                .containsExactly(binary + ":2:2: is not UTF-8 here; save the file as UTF-8");
        assertThat(messages(ConfigLoader.load(large)))
                .containsExactly(large + ":1:1: is larger than 1048576 bytes");
    }

    @Test
    void aTableThatCannotBeReadIsAProblemWhereItIsNamed() throws IOException {
        Files.delete(directory.resolve("customers.csv"));
        String table = directory.resolve("customers.csv").toString();

        assertThat(messages(load(EXAMPLE)))
                .containsExactly(
                        directory.resolve("narwhal.yaml")
                                + ":6:23: cannot open "
                                + table
                                + ": no such file or directory; mend the path or make the file"
                                + " readable");
        Files.createDirectory(directory.resolve("customers.csv"));
        assertThat(messages(load(EXAMPLE)))
                .singleElement()
                .asString()
                .contains(":6:23: cannot read " + table);
    }

    @Test
    void aUsageByCustomerWithoutACustomersTableIsAWarning() {
        var loaded = (Loaded.Valid) load(ConfigLoader.MINIMAL.replace("dst_addr", "dst_customer"));

        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .contains(":1:90: 'dst_customer' will be empty in every row");
    }

    @Test
    void theBuiltInConfigurationIsValidWithoutWarnings() {
        Loaded.Valid loaded = DefaultConfig.load();

        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.config().data()).isEqualTo(Path.of("narwhal-data").toAbsolutePath());
        assertThat(loaded.config().usage())
                .containsExactly(
                        new UsageDefinition(
                                "by-pair",
                                List.of(Field.SRC_ADDR, Field.DST_ADDR),
                                60_000,
                                300_000),
                        new UsageDefinition(
                                "by-exporter",
                                List.of(Field.EXPORTER, Field.DOMAIN),
                                300_000,
                                300_000));
    }

    @Test
    void aHostNameBecomesANodeName() {
        assertThat(HostName.asName("Edge_1.example.net\n")).isEqualTo("edge-1");
        assertThat(HostName.asName("--")).isEqualTo(HostName.NAMELESS);
        assertThat(HostName.asName("x".repeat(80))).hasSize(63);
    }

    private Loaded load(String text) {
        return ConfigLoader.load(directory.resolve("narwhal.yaml"), text);
    }

    private static List<String> messages(Loaded loaded) {
        return ((Loaded.Invalid) loaded).problems().stream().map(Problem::toString).toList();
    }
}
