package io.narwhal.remote;

import org.jspecify.annotations.Nullable;

import java.io.Serial;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;

/** Why a certificate is not accepted, through the hands of the TLS library. */
final class Untrusted extends CertificateException {
    @Serial private static final long serialVersionUID = 1;

    private final Refusal refusal;

    Untrusted(Refusal refusal, String why) {
        super(why, cause(refusal, why));
        this.refusal = refusal;
    }

    /** By this the TLS library knows which alert to send (RFC 8446 §6.2). */
    private static @Nullable Throwable cause(Refusal refusal, String why) {
        BasicReason reason =
                switch (refusal) {
                    case EXPIRED -> BasicReason.EXPIRED;
                    case NOT_YET_VALID -> BasicReason.NOT_YET_VALID;
                    case REVOKED -> BasicReason.REVOKED;
                    default -> null;
                };
        return reason == null ? null : new CertPathValidatorException(why, null, null, -1, reason);
    }

    Refusal refusal() {
        return refusal;
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
