package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The two sides of a transfer in the configuration. What is wrong is in the corpus, too. */
final class TransferConfigTest {
    private static final Path TLS = Path.of("src/test/resources/transfer-tls").toAbsolutePath();
    private static final Path STRANGER =
            Path.of("src/test/resources/tls/stranger.key").toAbsolutePath();
    private static final String SERVE = "listen: \"[::]:4747\", managers: [central, m1, m2]";

    @TempDir private Path directory;

    private Loaded load(String text) throws IOException {
        Path files = Files.createDirectories(directory.resolve("tls"));
        for (String name : List.of("certificate.pem", "key.pem", "ca.pem")) {
            Files.copy(TLS.resolve(name), files.resolve(name));
        }
        Files.copy(TLS.resolve("revoked.pem"), directory.resolve("revoked.pem"));
        Files.copy(STRANGER, directory.resolve("stranger.key"));
        Files.writeString(directory.resolve("text.pem"), "nothing\n");
        return ConfigLoader.load(directory.resolve("n.yaml"), text);
    }

    private NodeConfig valid(String text) throws IOException {
        Loaded loaded = load(text);
        assertThat(loaded).isInstanceOf(Loaded.Valid.class);
        return ((Loaded.Valid) loaded).config();
    }

    private String problem(String text) throws IOException {
        Loaded loaded = load(text);
        assertThat(loaded).isInstanceOf(Loaded.Invalid.class);
        var problems = ((Loaded.Invalid) loaded).problems();
        assertThat(problems).hasSize(1);
        return problems.getFirst().toString().replace(directory + "/", "");
    }

    private static String agent(String serve) {
        return "node: edge-1\n"
                + "collectors: { flows: { protocol: netflow, listen: \"[::]:2055\" } }\n"
                + "serve: { "
                + serve
                + " }\n";
    }

    private static String manager(String link) {
        return "node: central\npull: { edge-1: { "
                + link
                + " } }\nusage: { total: { keys: [] } }\n";
    }

    @Test
    void whatAnAgentIsToldReachesItsRecord() throws IOException {
        NodeConfig node =
                valid(
                        agent(
                                SERVE
                                        + ", groups: { pair: [m2, m1] }, failover-after: 5s,"
                                        + " tls: ./tls"));

        assertThat(node.serve())
                .isEqualTo(
                        new ServeConfig(
                                new Listen("::", 4747),
                                List.of("central", "m1", "m2"),
                                List.of(new ServeConfig.Group("pair", List.of("m2", "m1"))),
                                5_000,
                                TransferTls.of(directory.resolve("tls"))));
        assertThat(node.servedReaders()).containsExactly("to.central", "to.pair");
        assertThat(node.hasAccounting()).isFalse();
        assertThat(node.outputs()).isEmpty();
        assertThat(node.lanes()).containsExactly("flows", "import");
    }

    @Test
    void anAgentThatAccountsDeliversLikeAnyNodeUnlessItIsToldNotTo() throws IOException {
        String usage = "usage: { total: { keys: [] } }\n";

        assertThat(valid(agent(SERVE + ", tls: ./tls") + usage).outputs()).hasSize(1);
    }

    @Test
    void anAgentCanLeaveDeliveryToItsManagers() throws IOException {
        NodeConfig node =
                valid(
                        agent(SERVE + ", tls: ./tls")
                                + "usage: { total: { keys: [] } }\noutputs: {}\n");

        assertThat(node.outputs()).isEmpty();
        assertThat(node.hasAccounting()).isTrue();
    }

    @Test
    void withoutUsageWhatConcernsItIsWarnedOf() throws IOException {
        Loaded loaded =
                load(agent(SERVE + ", tls: ./tls") + "outputs: { ledger: { type: parquet } }\n");

        assertThat(((Loaded.Valid) loaded).config().outputs()).isEmpty();
        assertThat(((Loaded.Valid) loaded).warnings())
                .singleElement()
                .asString()
                .contains("'outputs' has no effect, as nothing is accounted here");
    }

    @Test
    void whatIsSaidOfALinkReachesItsRecord() throws IOException {
        NodeConfig node =
                valid(
                        manager(
                                "address: \"edge-1.example.net:4748\", journal: usage, every: 1m,"
                                        + " identity: branch, thresholds: { fill: 60%, clear: 20%,"
                                        + " records: 7, age: 8s, retry: 9s }, credit: { records:"
                                        + " 10, bytes: 1MiB }, tls: { certificate:"
                                        + " ./tls/certificate.pem, key: ./tls/key.pem, ca:"
                                        + " ./tls/ca.pem, revoked: ./revoked.pem }"));

        assertThat(node.pull())
                .containsExactly(
                        new PullConfig(
                                "edge-1",
                                new PeerAddress("edge-1.example.net", 4748),
                                PullConfig.Journal.USAGE,
                                List.of(),
                                60_000,
                                new PullConfig.Thresholds(60, 20, 7, 8_000, 9_000),
                                new PullConfig.Credit(10, 1 << 20),
                                "branch",
                                new TransferTls(
                                        directory.resolve("tls/certificate.pem"),
                                        directory.resolve("tls/key.pem"),
                                        directory.resolve("tls/ca.pem"),
                                        directory.resolve("revoked.pem"),
                                        false)));
        assertThat(node.collectors()).isEmpty();
        assertThat(node.lanes()).containsExactly("import");
        assertThat(node.usageLanes()).containsExactly("import", "reprocess", "pulled");
    }

    @Test
    void whatIsLeftOutOfALinkIsASafetyNet() throws IOException {
        NodeConfig node = valid(manager("address: \"[::1]:4747\", tls: none"));

        assertThat(node.pull())
                .containsExactly(
                        new PullConfig(
                                "edge-1",
                                new PeerAddress("::1", 4747),
                                PullConfig.Journal.RECEIVED,
                                List.of(),
                                10_000,
                                new PullConfig.Thresholds(75, 50, 0, 0, 5_000),
                                new PullConfig.Credit(200_000, 16 << 20),
                                "edge-1",
                                null));
        assertThat(node.lanes()).containsExactly("pull", "import");
        assertThat(node.usageLanes()).containsExactly("pull", "import", "reprocess");
    }

    @Test
    void clearIsBelowFillWhereItIsNotSaid() throws IOException {
        NodeConfig node =
                valid(manager("address: \"[::1]:4747\", tls: none, thresholds: { fill: 10% }"));

        assertThat(node.pull().getFirst().thresholds().clearPercent()).isZero();
    }

    @Test
    void inClearOnlyOnThisMachine() throws IOException {
        for (String host : List.of("127.0.0.1", "127.3.2.1", "localhost", "[::1]")) {
            assertThat(ConfigLoader.load(directory.resolve("n.yaml"), manager(link(host))))
                    .isInstanceOf(Loaded.Valid.class);
        }
        for (String host : List.of("128.0.0.1", "localhost.example", "[::2]", "127.example")) {
            assertThat(ConfigLoader.load(directory.resolve("n.yaml"), manager(link(host))))
                    .as(host)
                    .isInstanceOf(Loaded.Invalid.class);
        }
    }

    private static String link(String host) {
        return "address: \"" + host + ":4747\", tls: none";
    }

    @Test
    void theFilesAreTried() throws IOException {
        assertThat(
                        problem(
                                agent(
                                        SERVE
                                                + ", tls: { certificate: ./tls/certificate.pem,"
                                                + " key: ./stranger.key, ca: ./tls/ca.pem }")))
                .isEqualTo("n.yaml:3:108: stranger.key is not the key of the certificate");
    }

    @Test
    void aListOfRevokedCertificatesIsTried() throws IOException {
        assertThat(
                        problem(
                                agent(
                                        SERVE
                                                + ", tls: { certificate: ./tls/certificate.pem,"
                                                + " key: ./tls/key.pem, ca: ./tls/ca.pem, revoked:"
                                                + " ./text.pem }")))
                .startsWith("n.yaml:3:150: text.pem holds no");
    }

    @Test
    void aFileThatIsMissingInTheDirectoryIsNamed() throws IOException {
        assertThat(problem(manager("address: \"edge-1:4747\", tls: ./gone")))
                .isEqualTo(
                        "n.yaml:2:48: cannot open gone/certificate.pem: no such file or"
                                + " directory; mend the path or make the file readable");
    }

    @Test
    void filesAndDirectoryExcludeEachOther() throws IOException {
        assertThat(
                        problem(
                                manager(
                                        "address: \"edge-1:4747\", tls: { directory: ./tls, key:"
                                                + " ./tls/key.pem }")))
                .isEqualTo(
                        "n.yaml:2:68: 'key' is taken from the directory; remove it, or"
                                + " 'directory'");
    }

    @Test
    void theAddressToServeAtTakesPartInCollisions() throws IOException {
        Loaded loaded =
                load(
                        "collectors: { flows: { protocol: ipfix, transport: tcp, listen:"
                            + " \"127.0.0.1:4747\" } }\n"
                            + "serve: { listen: \"127.0.0.1:4747\", managers: [m1], tls: none }\n");

        assertThat(((Loaded.Invalid) loaded).problems().getLast().toString())
                .contains("n.yaml:2:18: 127.0.0.1:4747 collides with 127.0.0.1:4747 at line 1");
    }
}
