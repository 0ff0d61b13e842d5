package io.narwhal.pki;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** What Java's PKIX says of the files of a node, its revocation list among them. */
final class TrustedChain {
    private TrustedChain() {}

    static void accept(Disk disk, Path directory, Instant at) throws GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        var chain = factory.generateCertificates(in(disk, directory, Authority.CERTIFICATE));
        var ca = (X509Certificate) factory.generateCertificate(in(disk, directory, Authority.CA));
        var crls = factory.generateCRLs(in(disk, directory, Authority.REVOKED));
        var validator = CertPathValidator.getInstance("PKIX");
        var revocation = (PKIXRevocationChecker) validator.getRevocationChecker();
        revocation.setOptions(
                Set.of(
                        PKIXRevocationChecker.Option.PREFER_CRLS,
                        PKIXRevocationChecker.Option.NO_FALLBACK));
        var parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
        parameters.addCertPathChecker(revocation);
        parameters.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls)));
        parameters.setDate(Date.from(at));
        validator.validate(factory.generateCertPath(List.copyOf(chain)), parameters);
    }

    private static ByteArrayInputStream in(Disk disk, Path directory, String name) {
        return new ByteArrayInputStream(SmallFile.read(disk, directory.resolve(name)));
    }
}
