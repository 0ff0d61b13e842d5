package io.narwhal.pki;

import org.bouncycastle.asn1.x509.CRLReason;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * That a certificate is valid no more.
 *
 * @param at since when
 * @param reason why
 */
public record Revocation(Instant at, Reason reason) {
    /** Why a certificate was revoked (RFC 5280 §5.3.1). */
    public enum Reason {
        /** Nobody said. */
        UNSPECIFIED(CRLReason.unspecified),
        /** Somebody else has its key, or may have it. */
        KEY_COMPROMISE(CRLReason.keyCompromise),
        /** Another certificate took its place. */
        SUPERSEDED(CRLReason.superseded),
        /** The node is gone. */
        CESSATION_OF_OPERATION(CRLReason.cessationOfOperation),
        /** The node may take part no more. */
        PRIVILEGE_WITHDRAWN(CRLReason.privilegeWithdrawn);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        /** As people write it, such as {@code key-compromise}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The reason with that label. */
        public static Optional<Reason> of(String label) {
            return Arrays.stream(values()).filter(one -> one.label().equals(label)).findFirst();
        }

        int code() {
            return code;
        }
    }
}
