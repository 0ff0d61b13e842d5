package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who we are and whom we trust in TLS (1.2 and later), out of PEM files: a certificate, with those
 * between it and its authority behind it; its key (PKCS #8, not encrypted); the authorities'
 * certificates; their lists of revoked certificates.
 */
public final class Tls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final char[] NO_PASSWORD = new char[0];
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END", 0);

    private final SSLContext context;
    private final Identity identity;

    private Tls(SSLContext context, Identity identity) {
        this.context = context;
        this.identity = identity;
    }

    /**
     * What the files hold, for those who bring TLS of their own.
     *
     * @param chain our certificate and those behind it; empty: none
     * @param key its key; null without a certificate
     * @param authorities whom we trust; empty: none was given
     * @param revoked lists that these authorities have signed, perhaps out of date
     */
    public record Identity(
            List<X509Certificate> chain,
            @Nullable PrivateKey key,
            List<X509Certificate> authorities,
            List<X509CRL> revoked) {
        public Identity {
            chain = List.copyOf(chain);
            authorities = List.copyOf(authorities);
            revoked = List.copyOf(revoked);
        }
    }

    /** Which of the files. */
    public enum Part {
        /** Who we are. */
        CERTIFICATE,
        /** That we are it. */
        KEY,
        /** Whom we trust. */
        CA,
        /** Whom we no longer trust. */
        REVOKED
    }

    /** What the files give. */
    public sealed interface Read {
        /** They can be used. */
        record Good(Tls tls) implements Read {}

        /** One of them cannot; the reason reads on behind the file's name. */
        record Bad(Part part, String reason) implements Read {}
    }

    /**
     * Reads the contents of the files.
     *
     * @param certificate null: we show none (and have no key)
     * @param ca null: those whom the Java runtime trusts
     */
    public static Read read(
            byte @Nullable [] certificate, byte @Nullable [] key, byte @Nullable [] ca) {
        return read(certificate, key, ca, null);
    }

    /**
     * Reads the contents of the files.
     *
     * @param certificate null: we show none (and have no key)
     * @param ca null: those whom the Java runtime trusts
     * @param revoked lists of revoked certificates (CRL) of these authorities, for {@link
     *     #identity}; null: none
     */
    public static Read read(
            byte @Nullable [] certificate,
            byte @Nullable [] key,
            byte @Nullable [] ca,
            byte @Nullable [] revoked) {
        Part part = Part.CERTIFICATE;
        try {
            Certificate[] chain = certificate == null ? new Certificate[0] : chain(certificate);
            part = Part.KEY;
            PrivateKey own =
                    key == null || chain.length == 0
                            ? null
                            : key(new String(key, StandardCharsets.ISO_8859_1), chain[0]);
            part = Part.CA;
            List<Certificate> trusted = ca == null ? List.of() : List.of(chain(ca));
            SSLContext context = context(chain, own, trusted, ca != null);
            part = Part.REVOKED;
            List<X509Certificate> authorities = x509(trusted);
            List<X509CRL> lists = revoked == null ? List.of() : lists(revoked, authorities);
            var identity = new Identity(x509(List.of(chain)), own, authorities, lists);
            return new Read.Good(new Tls(context, identity));
        } catch (Unusable e) {
            return new Read.Bad(part, String.valueOf(e.getMessage()));
        } catch (GeneralSecurityException | IOException e) {
            return new Read.Bad(part, "cannot be used: " + e.getMessage());
        }
    }

    private static final class Unusable extends RuntimeException {
        Unusable(String message) {
            super(message);
        }
    }

    private static Certificate[] chain(byte[] pem) {
        try {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem));
            if (all.isEmpty()) {
                throw new Unusable(
                        "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
            }
            return all.toArray(Certificate[]::new);
        } catch (CertificateException e) {
            throw new Unusable("holds no certificate in PEM form: " + e.getMessage());
        }
    }

    private static List<X509Certificate> x509(List<Certificate> certificates) {
        return certificates.stream().map(X509Certificate.class::cast).toList();
    }

    private static List<X509CRL> lists(byte[] pem, List<X509Certificate> authorities) {
        List<X509CRL> lists = new ArrayList<>();
        try {
            for (CRL crl :
                    CertificateFactory.getInstance("X.509")
                            .generateCRLs(new ByteArrayInputStream(pem))) {
                X509CRL list = (X509CRL) crl;
                if (authorities.stream().noneMatch(one -> hasSigned(one, list))) {
                    throw new Unusable(
                            "holds a list that none of the authorities in 'ca' has signed: "
                                    + list.getIssuerX500Principal());
                }
                if (list.hasUnsupportedCriticalExtension()) {
                    throw new Unusable(
                            "holds a list that is of some certificates only; give a full one of "
                                    + list.getIssuerX500Principal());
                }
                lists.add(list);
            }
        } catch (CRLException | CertificateException e) {
            throw new Unusable("holds no list in PEM form: " + e.getMessage());
        }
        if (lists.isEmpty()) {
            throw new Unusable(
                    "holds no list of revoked certificates in PEM form (-----BEGIN X509 CRL-----)");
        }
        return lists;
    }

    private static boolean hasSigned(X509Certificate authority, X509CRL list) {
        if (!authority.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
            return false;
        }
        try {
            list.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static PrivateKey key(String pem, Certificate certificate)
            throws GeneralSecurityException {
        Matcher found = KEY.matcher(pem);
        if (!found.find()) {
            throw new Unusable("holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
        }
        String kind = found.group(1).strip();
        if (!kind.isEmpty() || pem.contains("Proc-Type: 4,ENCRYPTED")) {
            throw new Unusable(
                    kind.equals("ENCRYPTED")
                            ? "holds an encrypted key; write it without a password, readable by"
                                    + " this user alone: openssl pkey -in OLD -out NEW"
                            : "holds a key in the old form '"
                                    + kind
                                    + "'; convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out"
                                    + " NEW");
        }
        PublicKey ours = certificate.getPublicKey();
        PrivateKey key;
        try {
            byte[] der = Base64.getMimeDecoder().decode(found.group(2));
            key =
                    KeyFactory.getInstance(ours.getAlgorithm())
                            .generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Unusable("holds no key of the certificate's kind, " + ours.getAlgorithm());
        }
        if (!matches(key, ours)) {
            throw new Unusable("is not the key of the certificate");
        }
        return key;
    }

    private static boolean matches(PrivateKey key, PublicKey certified)
            throws GeneralSecurityException {
        String algorithm =
                switch (certified.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> certified.getAlgorithm();
                };
        byte[] text = {1, 2, 3};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(text);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certified);
        verifying.update(text);
        return verifying.verify(signing.sign());
    }

    private static SSLContext context(
            Certificate[] chain,
            @Nullable PrivateKey key,
            List<Certificate> trusted,
            boolean ownTrust)
            throws GeneralSecurityException, IOException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore identity = KeyStore.getInstance("PKCS12");
        identity.load(null, NO_PASSWORD);
        if (key != null) {
            identity.setKeyEntry("own", key, NO_PASSWORD, chain);
        }
        keys.init(identity, NO_PASSWORD);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (ownTrust) {
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, NO_PASSWORD);
            for (int i = 0; i < trusted.size(); i++) {
                authorities.setCertificateEntry("ca" + i, trusted.get(i));
            }
            trust.init(authorities);
        } else {
            trust.init((KeyStore) null);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** What the files hold. */
    public Identity identity() {
        return identity;
    }

    /** The server's side of one connection. */
    SSLEngine server(boolean requireClient) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(PROTOCOLS);
        engine.setNeedClientAuth(requireClient);
        return engine;
    }

    /** For connections that we open. */
    SSLContext context() {
        return context;
    }

    /**
     * Speaks TLS over a connection that was just accepted.
     *
     * @param requireClient whether the peer must show a certificate that we trust (RFC 7011 §11.3)
     */
    public StreamSocket over(StreamSocket connection, boolean requireClient) {
        return new TlsSocket(connection, server(requireClient));
    }
}
