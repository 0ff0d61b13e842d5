package io.narwhal.remote;

import java.io.Serial;
import java.security.cert.CertificateException;

/** Why a certificate is not accepted, through the hands of the TLS library. */
final class Untrusted extends CertificateException {
    @Serial private static final long serialVersionUID = 1;

    private final Refusal refusal;

    Untrusted(Refusal refusal, String why) {
        super(why);
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
