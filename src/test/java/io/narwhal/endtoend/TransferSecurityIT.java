package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Who has no business at an agent is refused and logged, while the good link goes on: certificates
 * by {@code narwhal pki}, the agent and its managers as real processes.
 */
class TransferSecurityIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long RECORDS = 12_000;
    private static final int RATE = 24_000;
    private static final int SILENT_MS = 5_000;
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                    .getBytes(StandardCharsets.ISO_8859_1);

    @TempDir private Path directory;

    private static final String EDGE =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:@flows" }
            serve: { listen: "127.0.0.1:@serve", managers: [m1, m2, m3], tls: @tls/edge-1 }
            """;

    /** It pulls from the agent, and from one that is not who it should be. */
    private static final String MANAGER =
            """
            node: @name
            data: ./data
            pull:
              edge-1: { address: "127.0.0.1:@edge", every: 300ms, tls: @tls/@name }
              edge-9: { address: "localhost:@edge", every: 300ms, tls: @tls/@name }
            serve: { listen: "127.0.0.1:@own", managers: [centre], tls: none }
            """;

    @BeforeAll
    static void isAskedFor() {
        LongRun.only(TransferSecurityIT.class, "RemoteSecurityTest shows who is refused");
    }

    @Test
    void whoHasNoBusinessHereIsRefusedAndLoggedAndTheGoodLinkGoesOn() throws Exception {
        var ours = Certificates.daysAgo(directory.resolve("pki"), 3);
        var others = Certificates.in(directory.resolve("others"));
        for (String name : List.of("edge-1", "m1", "m2", "stranger")) {
            ours.issue(name);
        }
        Path expired = ours.issueDaysAgo("m3", 3, "--days", "1");
        Path foreign = others.issue("m1");
        int flows = RunningNode.freePort();
        int port = PlacedNode.freePort();
        Path tls = ours.of("m1").getParent();
        try (var edge =
                        PlacedNode.start(
                                directory.resolve("edge-1"),
                                EDGE,
                                Map.of("flows", flows, "serve", port, "tls", tls));
                var m1 = manager("m1", port, tls);
                var m2 = manager("m2", port, tls)) {
            List.of(edge, m1, m2).forEach(PlacedNode::awaitReady);
            Routers.send(directory, "first", flows, RECORDS, RATE);
            awaitRecords(m1, RECORDS);
            awaitRecords(m2, RECORDS);

            refused(port, null);
            refused(port, expired);
            refused(port, foreign);
            refused(port, ours.of("stranger"));
            refusedInClear(port);
            awaitRefused(edge, "no certificate");
            awaitRefused(edge, "expired");
            awaitRefused(edge, "other ca");
            awaitRefused(edge, "wrong name");
            awaitRefused(edge, "plain text");
            await().atMost(LONG).untilAsserted(() -> assertThat(m1.log("pull")).contains("edge-9"));
            assertThat(m1.link("edge-9").path("records").asLong()).isZero();

            ours.revoke("m2", "edge-1");
            awaitRefused(edge, "revoked");
            await().atMost(LONG)
                    .until(() -> !m2.link("edge-1").path("state").asString().equals("ready"));
            long before = m2.link("edge-1").path("records").asLong();
            Routers.send(directory, "second", flows, RECORDS, RATE);
            awaitRecords(m1, 2 * RECORDS);
            assertThat(m2.link("edge-1").path("records").asLong()).isEqualTo(before);
        }
    }

    private PlacedNode manager(String name, int edge, Path tls) throws IOException {
        return PlacedNode.start(
                directory.resolve(name),
                MANAGER,
                Map.of("name", name, "edge", edge, "own", PlacedNode.freePort(), "tls", tls));
    }

    // An agent counts as the header does: NetFlow v9 has templates among its records.
    private static void awaitRecords(PlacedNode manager, long count) {
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(manager.link("edge-1").path("records").asLong())
                                        .as("%s", manager.log())
                                        .isGreaterThanOrEqualTo(count));
    }

    private static void awaitRefused(PlacedNode edge, String reason) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(edge.log("serve")).contains("(" + reason + ")"));
    }

    /** A TLS client with this certificate, or none, is not let in. */
    private static void refused(int port, @Nullable Path certificate) {
        assertThatThrownBy(
                        () -> {
                            var context = SSLContext.getInstance("TLSv1.3");
                            context.init(
                                    keys(certificate), new TrustManager[] {new Trusting()}, null);
                            try (var socket =
                                    (SSLSocket)
                                            context.getSocketFactory()
                                                    .createSocket(
                                                            InetAddress.getLoopbackAddress(),
                                                            port)) {
                                socket.setSoTimeout(SILENT_MS);
                                var parameters = socket.getSSLParameters();
                                parameters.setApplicationProtocols(new String[] {"h2"});
                                socket.setSSLParameters(parameters);
                                socket.startHandshake();
                                socket.getOutputStream().write(PREFACE);
                                readToEnd(socket.getInputStream());
                                throw new IOException("it was closed");
                            }
                        })
                .as("%s", certificate)
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(java.net.SocketTimeoutException.class);
    }

    private static void refusedInClear(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SILENT_MS);
            socket.getOutputStream().write(PREFACE);
            readToEnd(socket.getInputStream());
        } catch (java.net.SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static void readToEnd(InputStream in) throws IOException {
        byte[] some = new byte[1 << 12];
        while (in.read(some) >= 0) {
            continue;
        }
    }

    private static javax.net.ssl.KeyManager @Nullable [] keys(@Nullable Path directory)
            throws Exception {
        if (directory == null) {
            return null;
        }
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        char[] password = "password".toCharArray();
        store.setKeyEntry(
                "own",
                key(directory.resolve("key.pem")),
                password,
                new X509Certificate[] {certificate(directory.resolve("certificate.pem"))});
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey key(Path file) throws Exception {
        String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        byte[] der = Base64.getMimeDecoder().decode(text);
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    /** Believes any agent: it is the agent that is tried. */
    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
