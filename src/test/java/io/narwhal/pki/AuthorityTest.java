package io.narwhal.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Disk;
import io.narwhal.base.SetClock;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.SmallFile;
import io.narwhal.base.Tls;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

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
        List<List<?>> names = List.copyOf(certificate.getSubjectAlternativeNames());
        assertThat(names)
                .as("its own name first")
                .isEqualTo(
                        List.of(
                                List.of(2, "edge-1"),
                                List.of(7, "192.0.2.1"),
                                List.of(7, "2001:db8:0:0:0:0:0:1"),
                                List.of(2, "edge-1.example.net")));
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

    /** Of a node's own files: its chain, its authority and its revocation list. */
    private void accept(Path directory, Instant at) throws GeneralSecurityException {
        TrustedChain.accept(disk, directory, at);
    }

    @Test
    void javaAcceptsWhatIsIssuedFromItsBeginToItsEnd() throws GeneralSecurityException {
        Certified one = authority.issue(Order.of("edge-1").forDays(7), OUT).certificate();

        accept(OUT, one.notBefore());
        accept(OUT, clock.now());
        accept(OUT, one.notAfter());
        assertThatThrownBy(() -> accept(OUT, one.notBefore().minusSeconds(1)))
                .isInstanceOf(CertPathValidatorException.class);
        assertThatThrownBy(() -> accept(OUT, one.notAfter().plusSeconds(1)))
                .isInstanceOf(CertPathValidatorException.class);
    }

    @Test
    void theFilesAreThoseThatTlsReads() {
        authority.issue(Order.of("edge-1"), OUT);

        assertThat(
                        Tls.read(
                                disk.bytes(OUT.resolve(Authority.CERTIFICATE)),
                                disk.bytes(OUT.resolve(Authority.KEY)),
                                disk.bytes(OUT.resolve(Authority.CA))))
                .isInstanceOf(Tls.Read.Good.class);
    }

    @Test
    void whatIsRevokedIsRefusedByWhoeverHasTheNewList() throws GeneralSecurityException {
        authority.issue(Order.of("edge-1"), OUT);
        Path other = Path.of("central");
        authority.issue(Order.of("central"), other);
        clock.forward(Duration.ofHours(1));

        List<Certified> revoked = reopened().revoke("edge-1", Revocation.Reason.KEY_COMPROMISE);

        assertThat(revoked).extracting(Certified::name).containsExactly("edge-1");
        accept(OUT, clock.now());
        disk.put(OUT.resolve(Authority.REVOKED), disk.bytes(HOME.resolve(Authority.REVOKED)));
        assertThatThrownBy(() -> accept(OUT, clock.now()))
                .isInstanceOf(CertPathValidatorException.class)
                .hasMessageContaining("KEY_COMPROMISE");
        disk.put(other.resolve(Authority.REVOKED), disk.bytes(HOME.resolve(Authority.REVOKED)));
        accept(other, clock.now());
        assertThat(listNumber()).isEqualTo(2);
        assertThat(reopened().list())
                .extracting(one -> one.state(clock.now()))
                .containsExactly(Certified.State.REVOKED, Certified.State.VALID);
    }

    @Test
    void aCertificateIsRevokedByItsSerialNumberInAnyNotationAndOnlyOnce() {
        Certified first = authority.issue(Order.of("edge-1"), OUT).certificate();
        authority.issue(Order.of("edge-1"), OUT);
        String notation = first.serial().toUpperCase(Locale.ROOT).replaceAll("..(?!$)", "$0:");

        assertThat(notation).matches("([0-9A-F]{2}:){15}[0-9A-F]{2}");
        assertThat(authority.revoke(notation, Revocation.Reason.UNSPECIFIED)).hasSize(1);
        assertThat(authority.revoke(first.serial(), Revocation.Reason.SUPERSEDED)).isEmpty();
        assertThat(authority.revoke("edge-1", Revocation.Reason.SUPERSEDED)).hasSize(1);
        assertThat(listNumber()).isEqualTo(3);
        assertThat(list(HOME).getRevokedCertificates()).hasSize(2);
        assertThat(reopened().list())
                .extracting(one -> one.revocation().orElseThrow().reason())
                .containsExactly(Revocation.Reason.UNSPECIFIED, Revocation.Reason.SUPERSEDED);
    }

    @Test
    void aRenewalLeavesTheOldOneValidUnlessItReplacesIt() {
        authority.issue(Order.of("edge-1"), OUT);
        X509Certificate first = certificate(OUT);
        authority.issue(Order.of("edge-1"), OUT);
        X509Certificate second = certificate(OUT);
        assertThat(second).isNotEqualTo(first);
        assertThat(list(HOME).isRevoked(first)).isFalse();

        Issued third = authority.issue(Order.of("edge-1").replacing(), OUT);

        assertThat(third.replaced())
                .extracting(Certified::certificate)
                .containsExactly(first, second);
        assertThat(list(HOME).isRevoked(first)).isTrue();
        assertThat(list(OUT).isRevoked(second)).as("the node's own copy is new").isTrue();
        assertThat(list(OUT).isRevoked(certificate(OUT))).isFalse();
    }

    @Test
    void statesFollowTheClock() {
        Certified one = authority.issue(Order.of("edge-1").forDays(40), OUT).certificate();

        assertThat(one.state(clock.now())).isEqualTo(Certified.State.VALID);
        assertThat(one.state(one.notAfter().minus(Certified.SOON)))
                .isEqualTo(Certified.State.VALID);
        assertThat(one.state(one.notAfter().minus(Certified.SOON).plusSeconds(1)))
                .isEqualTo(Certified.State.EXPIRES_SOON);
        assertThat(one.state(one.notAfter().plusSeconds(1))).isEqualTo(Certified.State.EXPIRED);
        clock.forward(Duration.ofDays(41));
        assertThat(authority.revoke("edge-1", Revocation.Reason.UNSPECIFIED)).isEmpty();
        assertThat(listNumber()).isEqualTo(1);
    }

    @Test
    void anAuthorityIsNeverOverwritten() {
        byte[] key = disk.bytes(HOME.resolve(Authority.CA_KEY));

        assertThatThrownBy(() -> Authority.init(disk, clock, HOME, "other", 1))
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining(
                        "pki has a certificate authority already; nothing was changed");
        authority.issue(Order.of("edge-1"), OUT);
        disk.lose(HOME.resolve(Authority.CA));
        assertThatThrownBy(() -> Authority.init(disk, clock, HOME, "other", 1))
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining("Bring ca.pem back");
        assertThat(disk.bytes(HOME.resolve(Authority.CA_KEY))).isEqualTo(key);
        assertThatThrownBy(this::reopened)
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining("narwhal pki init --dir pki");
    }

    @Test
    void filesOfAnotherNodeOrOfNobodyAreNotTouched() {
        authority.issue(Order.of("edge-1"), OUT);
        byte[] key = disk.bytes(OUT.resolve(Authority.KEY));
        disk.put(Path.of("mine", "key.pem"), new byte[] {1});

        assertRefused("edge-2", OUT, "that this authority did not issue for edge-2");
        assertRefused("edge-2", Path.of("mine"), "Name another directory with --out");
        assertRefused("edge-2", Path.of("x", "..", "pki"), "the authority's own directory");
        assertThat(disk.bytes(OUT.resolve(Authority.KEY))).isEqualTo(key);
        assertThat(reopened().list()).hasSize(1);
    }

    private void assertRefused(String name, Path out, String message) {
        assertThatThrownBy(() -> authority.issue(Order.of(name), out))
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining(message);
    }

    @Test
    void noCertificateOutlivesItsAuthorityOrComesBeforeIt() {
        clock.forward(Duration.ofDays(3_300));
        assertRefused("edge-1", OUT, "give it at most --days 353");
        assertThat(authority.issue(Order.of("edge-1").forDays(353), OUT).isFinished()).isFalse();
        clock.forward(Duration.ofDays(-3_301));
        assertRefused("edge-1", OUT, "set the clock");
    }

    @Test
    void aDamagedIndexIsToldWithItsLineAndNothingIsChanged() {
        authority.issue(Order.of("edge-1"), OUT);
        authority.issue(Order.of("central"), Path.of("central"));
        Path index = HOME.resolve(AuthorityIndex.NAME);
        disk.flip(index, 3);
        byte[] damaged = disk.bytes(index);

        assertThatThrownBy(this::reopened)
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining("index.jsonl:1: is damaged")
                .hasMessageContaining("Bring the file back");
        assertThat(disk.bytes(index)).isEqualTo(damaged);
        disk.flip(index, 3);
        disk.flip(index, damaged.length - 5);
        assertThatThrownBy(this::reopened)
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining("index.jsonl:2: is damaged");
    }

    @Test
    void anotherKeyOrAKeyThatIsGoneIsTold() {
        Path key = HOME.resolve(Authority.CA_KEY);
        authority.issue(Order.of("edge-1"), OUT);
        disk.put(key, disk.bytes(OUT.resolve(Authority.KEY)));
        assertRefused("edge-2", Path.of("edge-2"), "is not the key of pki/ca.pem");
        disk.put(key, new byte[] {1, 2, 3});
        assertRefused("edge-2", Path.of("edge-2"), "holds no EC key in PEM form");
        disk.lose(key);
        assertThat(reopened().list()).as("a list needs no key").hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    Edge-1               | is none of a host
                    edge_1               | is none of a host
                    -edge                | is none of a host
                    edge-                | is none of a host
                    edge..net            | is none of a host
                    edge.                | is none of a host
                    *.example.net        | is none of a host
                    ../edge              | is none of a host
                    'a,CN=b'             | is none of a host
                    ''                   | is none of a host
                    192.0.2.1            | is an address and no name
                    ::1                  | is an address and no name
                    """)
    void namesThatAreNoHostsAreRefused(String name, String problem) {
        assertThat(Order.of(name).problem())
                .hasValueSatisfying(one -> assertThat(one).contains(problem));
    }

    @Test
    void namesAreAsLongAsACommonNameAndLabelsAsLongAsDnsAllows() {
        String label = "a".repeat(63);

        assertThat(Order.of(label).problem()).isEmpty();
        assertThat(Order.of(label + "a").problem()).isPresent();
        assertThat(Order.of("a".repeat(31) + "." + "b".repeat(32)).problem()).isEmpty();
        assertThat(Order.of("a".repeat(32) + "." + "b".repeat(32)).problem())
                .hasValueSatisfying(one -> assertThat(one).contains("more than 64 characters"));
        assertThat(Order.of("edge-1").forDays(0).problem()).isPresent();
        assertThat(Order.of("edge-1").forDays(Order.DAYS_MAX + 1).problem()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2.3", "1.2.3.256", "fe80::1%eth0", "[::1]", "a b", "Host", "1"})
    void addressesThatAreNoneAreRefused(String address) {
        assertThat(Order.of("edge-1").at(address).problem())
                .hasValueSatisfying(one -> assertThat(one).contains("'" + address + "'"));
    }

    @Test
    void onARealDiskKeysAreTheirOwnersAlone(@TempDir Path directory) throws IOException {
        Path home = directory.resolve("pki");
        Path out = directory.resolve("edge-1");
        Authority.init(Disk.system(), clock, home, "test", 1)
                .issue(Order.of("edge-1").forDays(9), out);
        Authority.open(Disk.system(), clock, home).issue(Order.of("edge-1").forDays(9), out);

        for (Path key : List.of(home.resolve(Authority.CA_KEY), out.resolve(Authority.KEY))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
            assertThat(new String(SmallFile.read(Disk.system(), key), StandardCharsets.US_ASCII))
                    .startsWith("-----BEGIN PRIVATE KEY-----\n");
        }
        assertThat(Files.isReadable(out.resolve(Authority.CERTIFICATE))).isTrue();
    }
}
