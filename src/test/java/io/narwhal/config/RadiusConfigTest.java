package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Clients and secrets of a collector of RADIUS accounting are tried when they are named (R63). */
class RadiusConfigTest {
    private static final Path TLS = Path.of("src/test/resources/tls").toAbsolutePath();
    private static final String LONG = "sixteen octets, or more";

    @TempDir private Path directory;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(directory.resolve("radius.secret"), LONG + "\n");
    }

    private Loaded load(String more, String clients) {
        return ConfigLoader.load(
                directory.resolve("n.yaml"),
                """
                collectors:
                  acct:
                    protocol: radius
                    listen: "[::]:1813"
                    %s
                    clients: %s
                usage: { by-session: { keys: [session_id, direction] } }
                """
                        .formatted(more.isEmpty() ? "sockets: 1" : more, clients));
    }

    private static CollectorConfig valid(Loaded loaded) {
        assertThat(loaded).isInstanceOf(Loaded.Valid.class);
        return ((Loaded.Valid) loaded).config().collectors().getFirst();
    }

    @Test
    void clientsAndDictionariesAreTakenWithAbsolutePaths() throws IOException {
        Files.writeString(directory.resolve("dictionary.acme"), "");
        CollectorConfig collector =
                valid(
                        load(
                                "dictionaries: ./dictionary.acme",
                                "[ { address: 127.0.0.0/8, secret-file: ./radius.secret },"
                                        + " { address: \"::1\", secret-file: radius.secret } ]"));

        assertThat(collector.protocol()).isEqualTo(CollectorConfig.Protocol.RADIUS);
        assertThat(collector.transport()).isEqualTo(Transport.UDP);
        RadiusConfig radius = collector.radius();
        assertThat(radius).isNotNull();
        Path secret = directory.resolve("radius.secret");
        assertThat(radius.clients())
                .containsExactly(
                        new ClientConfig(new AddressPrefix(0, 0xffff_7f00_0000L, 104), secret),
                        new ClientConfig(new AddressPrefix(0, 1, 128), secret));
        assertThat(radius.clients())
                .extracting(client -> client.address().text())
                .containsExactly("127.0.0.0/8", "::1");
        assertThat(radius.dictionaries()).containsExactly(directory.resolve("dictionary.acme"));
    }

    @Test
    void aShortSecretIsWarnedAboutAndNotShown() throws IOException {
        Files.writeString(directory.resolve("short.secret"), "testing123\n");
        Loaded loaded = load("", "[ { address: 192.0.2.1, secret-file: short.secret } ]");

        assertThat(((Loaded.Valid) loaded).warnings())
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .startsWith(directory + "/n.yaml:6:51: the secret in " + directory)
                .contains("shorter than 16 octets")
                .doesNotContain("testing123");
    }

    @Test
    void filesThatCannotBeUsedAreNamedWithTheirPlace() throws IOException {
        Files.writeString(directory.resolve("empty.secret"), "\n");
        Loaded loaded =
                load(
                        "dictionaries: gone.dictionary",
                        "[ { address: 192.0.2.1, secret-file: gone },"
                                + " { address: 192.0.2.2, secret-file: empty.secret } ]");

        assertThat(((Loaded.Invalid) loaded).problems())
                .extracting(problem -> problem.toString().replace(directory + "/", ""))
                .containsExactly(
                        "n.yaml:5:19: cannot open gone.dictionary: no such file or directory; mend"
                                + " the path or make the file readable",
                        "n.yaml:6:51: cannot open gone: no such file or directory; mend the path or"
                                + " make the file readable",
                        "n.yaml:6:94: empty.secret is empty; put the secret into it that the"
                                + " clients have, in one line");
    }

    @Test
    void byTlsTheSecretMayBeLeftOut() throws IOException {
        for (String name : List.of("edge.pem", "edge.key", "ca.pem")) {
            Files.copy(TLS.resolve(name), directory.resolve(name));
        }
        CollectorConfig collector =
                valid(
                        load(
                                "transport: tls\n"
                                        + "    tls: { certificate: edge.pem, key: edge.key,"
                                        + " ca: ca.pem }",
                                "[ { address: 192.0.2.0/24 } ]"));

        assertThat(collector.transport()).isEqualTo(Transport.TLS);
        assertThat(collector.radius().clients())
                .extracting(ClientConfig::secretFile)
                .containsExactly((Path) null);
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc",
        "'abc\n', abc",
        "'abc\r\n', abc",
        "'abc\r', 'abc\r'",
        "'abc\n\n', 'abc\n'",
        "' abc ', ' abc '",
        "ä, ä",
    })
    void aSecretIsTheContentWithoutOneLineEnd(String content, String secret) throws IOException {
        Path file = Files.writeString(directory.resolve("a"), content);

        assertThat(Secret.read(Disk.system(), file))
                .isInstanceOfSatisfying(
                        Secret.Good.class,
                        good -> {
                            assertThat(new String(good.bytes(), StandardCharsets.UTF_8))
                                    .isEqualTo(secret);
                            assertThat(good.toString()).doesNotContain(secret);
                        });
    }

    @Test
    void aSecretHasOneToFourThousandOctets() throws IOException {
        assertThat(bad("\n")).contains("is empty; put the secret into it");
        assertThat(bad("\r\n")).contains("is empty");
        assertThat(bad("x".repeat(Secret.BYTES_MAX + 3))).contains("longer than 4096 octets");
        assertThat(Secret.read(Disk.system(), directory))
                .isInstanceOfSatisfying(
                        Secret.Bad.class,
                        bad -> assertThat(bad.reason()).contains(directory.toString()));
        assertThat(Secret.read(Disk.system(), Path.of("/dev/zero"))).isInstanceOf(Secret.Bad.class);
    }

    private String bad(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("a"), content);
        Secret read = Secret.read(Disk.system(), file);
        assertThat(read).isInstanceOf(Secret.Bad.class);
        return ((Secret.Bad) read).reason();
    }
}
