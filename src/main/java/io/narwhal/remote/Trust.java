package io.narwhal.remote;

import io.narwhal.base.Clock;
import io.narwhal.base.Tls;

import org.jspecify.annotations.Nullable;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Judges certificates: path to one of our authorities (RFC 5280 §6), time, use, and whether they
 * are on a list of revoked ones. A list that is out of date still counts: it says less than a new
 * one, but nothing wrong.
 */
final class Trust {
    private static final int DNS_NAME = 2;
    private static final String ANY_PURPOSE = "2.5.29.37.0";
    private static final long MICROS_PER_MS = 1_000;

    /** What a certificate is shown for (RFC 5280 §4.2.1.12). */
    enum Purpose {
        /** By those who dial. */
        CLIENT("1.3.6.1.5.5.7.3.2"),
        /** By those who listen. */
        SERVER("1.3.6.1.5.5.7.3.1");

        private final String id;

        Purpose(String id) {
            this.id = id;
        }
    }

    private final Tls.Identity ours;
    private final Clock clock;

    Trust(Tls.Identity ours, Clock clock) {
        this.ours = ours;
        this.clock = clock;
    }

    /**
     * Accepts the chain, the peer's own certificate first.
     *
     * @throws Untrusted with the reason when it is not accepted
     */
    void judge(List<X509Certificate> chain, Purpose purpose) throws Untrusted {
        if (chain.isEmpty()) {
            throw new Untrusted(Refusal.NO_CERTIFICATE, "it shows no certificate");
        }
        path(chain);
        X509Certificate own = chain.getFirst();
        if (!isFor(own, purpose)) {
            throw new Untrusted(
                    Refusal.WRONG_PURPOSE,
                    "the certificate of %s is not for a %s; issue one whose extended key usage has it"
                            .formatted(subject(own), purpose.name().toLowerCase(Locale.ROOT)));
        }
        for (X509Certificate one : chain) {
            if (isRevoked(one)) {
                throw new Untrusted(
                        Refusal.REVOKED,
                        "the certificate of %s, serial number %x, is revoked"
                                .formatted(subject(one), one.getSerialNumber()));
            }
        }
    }

    private void path(List<X509Certificate> chain) throws Untrusted {
        Set<TrustAnchor> anchors = new HashSet<>();
        ours.authorities().forEach(one -> anchors.add(new TrustAnchor(one, null)));
        try {
            var parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false); // by our own lists, below
            parameters.setDate(Date.from(Instant.ofEpochMilli(clock.wallMicros() / MICROS_PER_MS)));
            List<X509Certificate> path = new ArrayList<>(chain);
            path.subList(1, path.size()).removeIf(ours.authorities()::contains);
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path),
                            parameters);
        } catch (CertPathValidatorException e) {
            throw new Untrusted(refusal(e), describe(e, chain));
        } catch (GeneralSecurityException e) {
            throw new Untrusted(Refusal.OTHER_CA, String.valueOf(e.getMessage()));
        }
    }

    private static Refusal refusal(CertPathValidatorException e) {
        return switch (e.getReason()) {
            case BasicReason.EXPIRED -> Refusal.EXPIRED;
            case BasicReason.NOT_YET_VALID -> Refusal.NOT_YET_VALID;
            case BasicReason.REVOKED -> Refusal.REVOKED;
            case null, default -> Refusal.OTHER_CA;
        };
    }

    private static String describe(CertPathValidatorException e, List<X509Certificate> chain) {
        X509Certificate own = chain.getFirst();
        X509Certificate at = chain.get(Math.clamp(e.getIndex(), 0, chain.size() - 1));
        return switch (refusal(e)) {
            case EXPIRED ->
                    "the certificate of %s was valid until %s"
                            .formatted(subject(at), at.getNotAfter().toInstant());
            case NOT_YET_VALID ->
                    "the certificate of %s is valid from %s on; compare the clocks"
                            .formatted(subject(at), at.getNotBefore().toInstant());
            default ->
                    "the certificate of %s is by %s, and no way leads to an authority in 'ca': %s"
                            .formatted(
                                    subject(own),
                                    own.getIssuerX500Principal().getName(),
                                    e.getMessage());
        };
    }

    private static boolean isFor(X509Certificate certificate, Purpose purpose) {
        try {
            List<String> uses = certificate.getExtendedKeyUsage();
            return uses == null || uses.contains(purpose.id) || uses.contains(ANY_PURPOSE);
        } catch (CertificateParsingException _) {
            return false;
        }
    }

    private boolean isRevoked(X509Certificate certificate) {
        for (X509CRL list : ours.revoked()) {
            if (list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                    && list.getRevokedCertificate(certificate.getSerialNumber()) != null) {
                return true;
            }
        }
        return false;
    }

    private static String subject(X509Certificate certificate) {
        List<String> names = namesOf(certificate);
        return names.isEmpty()
                ? "'" + certificate.getSubjectX500Principal().getName() + "'"
                : String.join(", ", names);
    }

    /** Whom it names: the alternatives' dNSNames; without any the common name (RFC 6125 §6.4.4). */
    static List<String> namesOf(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> one : alternatives) {
                    if (one.getFirst() instanceof Integer kind
                            && kind == DNS_NAME
                            && one.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateException _) {
            return List.of();
        }
        String common = names.isEmpty() ? commonName(certificate) : null;
        return common == null ? names : List.of(common);
    }

    private static @Nullable String commonName(X509Certificate certificate) {
        try {
            for (Rdn part :
                    new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")
                        && part.getValue() instanceof String name) {
                    return name;
                }
            }
        } catch (InvalidNameException _) {
            return null;
        }
        return null;
    }
}
