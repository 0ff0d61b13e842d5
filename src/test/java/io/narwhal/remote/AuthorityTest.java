package io.narwhal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** R63: certificates for those who have no authority of their own. */
class AuthorityTest {
    private static final Path HOME = Path.of("pki");
    private static final Path OUT = Path.of("edge-1");
    private static final long SEED = 1;

    private final SimulatedDisk disk = new SimulatedDisk(SEED);
    private final SetClock clock = new SetClock(Instant.parse("2026-11-23T03:00:00.25Z"));
    private Authority authority;

    @BeforeEach
    void init() {
        authority = Authority.init(disk, clock, new Seeded(SEED), HOME, "test", 10);
    }

    private Authority reopened() {
        return Authority.open(disk, clock, new Seeded(SEED + 1), HOME);
    }

    private X509Certificate certificate(Path directory) {
        byte[] pem = disk.bytes(directory.resolve(Authority.CERTIFICATE));
        return Signer.certificate(Pem.CERTIFICATE.der(pem).orElseThrow()).orElseThrow();
    }

    private X509CRL list(Path directory) {
        try {
            return (X509CRL)
                    CertificateFactory.getInstance("X.509")
                            .generateCRL(
                                    new ByteArrayInputStream(
                                            disk.bytes(directory.resolve(Authority.REVOKED))));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private long listNumber() {
        byte[] der = Pem.REVOKED.der(disk.bytes(HOME.resolve(Authority.REVOKED))).orElseThrow();
        return Signer.number(der, authority.certificate());
    }

    @Test
    void anAuthorityMayOnlySignAndNothingBelowItMay() {
        X509Certificate self = authority.certificate();

        assertThat(self.getSubjectX500Principal().getName()).isEqualTo("CN=test");
        assertThat(self.getBasicConstraints()).as("no authority below it").isZero();
        assertThat(self.getKeyUsage())
                .containsExactly(false, false, false, false, false, true, true, false, false);
        assertThat(self.getNotBefore().toInstant()).isEqualTo("2026-11-23T02:55:00Z");
        assertThat(self.getNotAfter().toInstant()).isEqualTo("2036-11-23T03:00:00Z");
        assertThat(list(HOME).getRevokedCertificates()).isNull();
        assertThat(listNumber()).isEqualTo(1);
        assertThat(authority.list()).isEmpty();
    }

    @Test
    void aNodesCertificateNamesItAndServesBothEnds() throws CertificateException {
        Order order = Order.of("edge-1").at("192.0.2.1", "2001:db8::1", "edge-1.example.net");
        Issued issued = authority.issue(order, OUT);

        X509Certificate certificate = certificate(OUT);
        assertThat(certificate).isEqualTo(issued.certificate().certificate());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=edge-1");
        assertThat(certificate.getSubjectAlternativeNames())
                .isEqualTo(
                        Set.copyOf(
                                List.of(
                                        List.of(2, "edge-1"),
                                        List.of(7, "192.0.2.1"),
                                        List.of(7, "2001:db8:0:0:0:0:0:1"),
                                        List.of(2, "edge-1.example.net"))));
        assertThat(certificate.getExtendedKeyUsage())
                .containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getSerialNumber().bitLength()).isEqualTo(127);
        assertThat(issued.certificate().notBefore()).isEqualTo("2026-11-23T02:55:00Z");
        assertThat(issued.certificate().notAfter()).isEqualTo("2027-12-26T03:00:00Z");
        assertThat(disk.bytes(OUT.resolve(Authority.CA)))
                .isEqualTo(disk.bytes(HOME.resolve(Authority.CA)));
        assertThat(disk.files().stream().filter(file -> file.toString().contains("/edge-1/")))
                .extracting(file -> String.valueOf(file.getFileName()))
                .containsExactly("ca.pem", "certificate.pem", "key.pem", "revoked.pem");
    }
}
