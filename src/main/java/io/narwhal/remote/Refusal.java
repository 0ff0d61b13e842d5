package io.narwhal.remote;

import java.util.Locale;

/** Why a connection, a link or a message was refused. Each is counted. */
public enum Refusal {
    /** The peer shows no certificate. */
    NO_CERTIFICATE,
    /** Its certificate's time is over. */
    EXPIRED,
    /** Its certificate's time has not come. */
    NOT_YET_VALID,
    /** Its authority has revoked its certificate. */
    REVOKED,
    /** None of our authorities has signed its certificate. */
    OTHER_CA,
    /** The certificate is good, but of somebody else. */
    WRONG_NAME,
    /** The certificate may not be used for this (extended key usage). */
    WRONG_PURPOSE,
    /** One side speaks TLS and the other does not. */
    PLAIN_TEXT,
    /** In clear to or at an address that is not loopback. */
    CLEAR_NOT_ALLOWED,
    /** TLS could not be agreed on, for another reason. */
    NO_HANDSHAKE,
    /** The handshake or the first message did not come in time. */
    TOO_SLOW,
    /** A message beyond the limit. */
    TOO_LARGE,
    /** Bytes that are no message, or one that contradicts itself. */
    MALFORMED,
    /** More connections or links than the limit. */
    TOO_MANY;

    /** As in logs and tables: {@code no certificate}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
