package io.narwhal.pki;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A certificate that an authority issued.
 *
 * @param name of the node
 * @param certificate itself
 * @param revocation empty while it was not revoked
 */
public record Certified(String name, X509Certificate certificate, Optional<Revocation> revocation) {
    /** From when on an end is near. */
    public static final Duration SOON = Duration.ofDays(30);

    /** Whether it can be used. */
    public enum State {
        /** It can. */
        VALID,
        /** It can, for at most {@link #SOON} more. */
        EXPIRES_SOON,
        /** Its time is over. */
        EXPIRED,
        /** It was revoked. */
        REVOKED;

        /** As it is printed, such as {@code expires-soon}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Its number, in lower-case hexadecimal, whole octets, as openssl and revocation lists tell.
     */
    public String serial() {
        return HexFormat.of().formatHex(certificate.getSerialNumber().toByteArray());
    }

    /** Valid from then on. */
    public Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    /** Valid until then. */
    public Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    /** Whether it can be used at that time. */
    public State state(Instant now) {
        if (revocation.isPresent()) {
            return State.REVOKED;
        }
        if (now.isAfter(notAfter())) {
            return State.EXPIRED;
        }
        return now.isAfter(notAfter().minus(SOON)) ? State.EXPIRES_SOON : State.VALID;
    }

    /** Whether to revoke it would change anything at that time. */
    boolean isRevocable(Instant now) {
        return revocation.isEmpty() && !now.isAfter(notAfter());
    }
}
