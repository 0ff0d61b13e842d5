package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a collector that speaks TLS needs is tried when the configuration is read (R63). */
class TlsConfigTest {
    private static final Path TLS = Path.of("src/test/resources/tls").toAbsolutePath();

    @TempDir private Path directory;

    private Loaded load(String tls) throws IOException {
        for (String name : List.of("edge.pem", "edge.key", "ca.pem", "stranger.key")) {
            Files.copy(TLS.resolve(name), directory.resolve(name));
        }
        Files.copy(TLS.resolve("edge-encrypted.key"), directory.resolve("encrypted.key"));
        Files.copy(TLS.resolve("edge-old.key"), directory.resolve("old.key"));
        Files.writeString(directory.resolve("text.pem"), "no certificate\n");
        return ConfigLoader.load(
                directory.resolve("n.yaml"),
                """
                collectors:
                  flows:
                    protocol: ipfix
                    transport: tls
                    listen: "[::]:4740"
                    tls: %s
                usage: { by-pair: { keys: [src_addr] } }
                """
                        .formatted(tls));
    }

    private String problem(String tls) throws IOException {
        Loaded loaded = load(tls);
        assertThat(loaded).isInstanceOf(Loaded.Invalid.class);
        var problems = ((Loaded.Invalid) loaded).problems();
        assertThat(problems).hasSize(1);
        return problems.getFirst().toString().replace(directory + "/", "");
    }

    @Test
    void goodFilesAreTaken() throws IOException {
        Loaded loaded = load("{ certificate: ./edge.pem, key: ./edge.key, ca: ./ca.pem }");
        assertThat(loaded).isInstanceOf(Loaded.Valid.class);
        CollectorConfig collector = ((Loaded.Valid) loaded).config().collectors().getFirst();
        assertThat(collector.transport()).isEqualTo(Transport.TLS);
        assertThat(collector.sessions()).isEqualTo(1024);
        assertThat(collector.receiveBufferBytes()).isEqualTo(CollectorConfig.STREAM_BUFFER_BYTES);
        assertThat(collector.tls())
                .isEqualTo(
                        new TlsConfig(
                                directory.resolve("edge.pem"),
                                directory.resolve("edge.key"),
                                directory.resolve("ca.pem"),
                                true));
    }

    @Test
    void withoutClientCertificatesNoAuthorityIsNeeded() throws IOException {
        assertThat(load("{ certificate: ./edge.pem, key: ./edge.key, require-client: false }"))
                .isInstanceOf(Loaded.Valid.class);
    }

    @Test
    void anAuthorityIsNeededToAcceptClientCertificates() throws IOException {
        assertThat(problem("{ certificate: ./edge.pem, key: ./edge.key }"))
                .isEqualTo(
                        "n.yaml:6:5: tls has no 'ca', so no exporter's certificate could be"
                                + " accepted; add ca: ./ca.pem, or say require-client: false");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        assertThat(problem("{ certificate: ./edge.pem, key: ./gone.key, ca: ./ca.pem }"))
                .isEqualTo(
                        "n.yaml:6:42: cannot open gone.key: no such file or directory; mend the"
                                + " path or make the file readable");
    }

    @Test
    void whatIsNoPemIsNamed() throws IOException {
        assertThat(problem("{ certificate: ./text.pem, key: ./edge.key, ca: ./ca.pem }"))
                .startsWith("n.yaml:6:25: text.pem holds no certificate in PEM form");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws IOException {
        assertThat(problem("{ certificate: ./edge.pem, key: ./stranger.key, ca: ./ca.pem }"))
                .isEqualTo("n.yaml:6:42: stranger.key is not the key of the certificate");
    }

    @Test
    void anEncryptedKeyIsRefusedWithTheWayOut() throws IOException {
        assertThat(problem("{ certificate: ./edge.pem, key: ./encrypted.key, ca: ./ca.pem }"))
                .startsWith("n.yaml:6:42: encrypted.key holds an encrypted key;")
                .contains("openssl pkey");
    }

    @Test
    void aKeyInTheOldFormIsRefusedWithTheWayOut() throws IOException {
        assertThat(problem("{ certificate: ./edge.pem, key: ./old.key, ca: ./ca.pem }"))
                .startsWith("n.yaml:6:42: old.key holds a key in the old form 'EC';")
                .contains("openssl pkcs8 -topk8 -nocrypt");
    }

    @Test
    void anAuthorityThatIsNoPemIsNamed() throws IOException {
        assertThat(problem("{ certificate: ./edge.pem, key: ./edge.key, ca: ./text.pem }"))
                .startsWith("n.yaml:6:58: text.pem holds no certificate in PEM form");
    }
}
