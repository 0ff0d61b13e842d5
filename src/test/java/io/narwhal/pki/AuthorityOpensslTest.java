package io.narwhal.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** R63: what openssl says of the certificates, the keys and the revocation list. */
class AuthorityOpensslTest {
    @TempDir private Path directory;
    private Path home = Path.of("");
    private Path node = Path.of("");

    /** How it ended, and all that it printed. */
    private record Said(int code, String text) {}

    @BeforeEach
    void issue() throws IOException {
        boolean isThere = isInstalled();
        if (!isThere) {
            System.out.println("skipped: openssl is not installed");
        }
        assumeTrue(isThere, "openssl is not installed");
        home = directory.resolve("pki");
        node = directory.resolve("edge-1");
        Authority.init(Disk.system(), Clock.system(), home, "test", 10)
                .issue(Order.of("edge-1").at("192.0.2.1"), node);
    }

    private static boolean isInstalled() {
        try {
            return run("version").code() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static Said run(Object... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("openssl"));
        for (Object one : arguments) {
            line.add(String.valueOf(one));
        }
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Said(process.waitFor(), text);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Said verify(String purpose) throws IOException {
        return run(
                "verify",
                "-x509_strict",
                "-crl_check",
                "-purpose",
                purpose,
                "-verify_hostname",
                "edge-1",
                "-CAfile",
                node.resolve(Authority.CA),
                "-CRLfile",
                node.resolve(Authority.REVOKED),
                node.resolve(Authority.CERTIFICATE));
    }

    @Test
    void itAcceptsACertificateForBothEndsUntilItIsRevoked() throws IOException {
        assertThat(verify("sslserver").text()).endsWith("certificate.pem: OK\n");
        assertThat(verify("sslclient").text()).endsWith("certificate.pem: OK\n");

        Authority.open(Disk.system(), Clock.system(), home)
                .revoke("edge-1", Revocation.Reason.KEY_COMPROMISE);
        Files.copy(
                home.resolve(Authority.REVOKED),
                node.resolve(Authority.REVOKED),
                StandardCopyOption.REPLACE_EXISTING);

        Said said = verify("sslserver");
        assertThat(said.code()).isNotZero();
        assertThat(said.text()).contains("certificate revoked");
        assertThat(run("crl", "-noout", "-text", "-in", node.resolve(Authority.REVOKED)).text())
                .contains("X509v3 CRL Number: \n                2\n")
                .contains("Key Compromise");
    }

    @Test
    void itFindsTheKeyWholeAndOfTheCertificate() throws IOException {
        Said key = run("pkey", "-in", node.resolve(Authority.KEY), "-pubout", "-check");
        Said certificate =
                run("x509", "-in", node.resolve(Authority.CERTIFICATE), "-noout", "-pubkey");

        assertThat(key.code()).as(key.text()).isZero();
        assertThat(key.text()).contains("Key is valid").endsWith(certificate.text());
    }
}
