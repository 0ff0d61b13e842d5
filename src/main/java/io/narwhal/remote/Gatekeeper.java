package io.narwhal.remote;

import io.narwhal.remote.Trust.Purpose;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides in the handshake who may come in: by {@link Trust}, and by name. Whatever address the
 * peer has is of no matter.
 */
final class Gatekeeper extends X509ExtendedTrustManager {
    private final Trust trust;
    private final Set<String> names;

    /**
     * With the names that may come in.
     *
     * @param names of which the peer's certificate must have one
     */
    Gatekeeper(Trust trust, Set<String> names) {
        this.trust = trust;
        this.names = Set.copyOf(names);
    }

    /**
     * Accepts the chain.
     *
     * @throws Untrusted when it does not
     */
    void judge(List<X509Certificate> chain, Purpose purpose) throws Untrusted {
        trust.judge(chain, purpose);
        List<String> theirs = Trust.namesOf(chain.getFirst());
        if (theirs.stream().noneMatch(one -> names.stream().anyMatch(one::equalsIgnoreCase))) {
            throw new Untrusted(
                    Refusal.WRONG_NAME,
                    "the certificate names %s, but expected is %s"
                            .formatted(
                                    theirs.isEmpty() ? "nobody" : String.join(", ", theirs),
                                    String.join(" or ", names.stream().sorted().toList())));
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
            throws CertificateException {
        judge(List.of(chain), Purpose.CLIENT);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket)
            throws CertificateException {
        judge(List.of(chain), Purpose.CLIENT);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
            throws CertificateException {
        judge(List.of(chain), Purpose.CLIENT);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
            throws CertificateException {
        judge(List.of(chain), Purpose.SERVER);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket)
            throws CertificateException {
        judge(List.of(chain), Purpose.SERVER);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
            throws CertificateException {
        judge(List.of(chain), Purpose.SERVER);
    }

    /** None are named, so that a peer shows what it has, and is told why that is refused. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
