package io.narwhal.radius;

import io.narwhal.base.Check;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * The two digests of RADIUS, without an allocation: MD5 with the secret behind the message (RFC
 * 2866 §3), and HMAC-MD5 (RFC 2104). One thread at a time.
 */
final class Signing {
    /** Octets of a digest, of an authenticator and of a Message-Authenticator. */
    static final int BYTES = 16;

    private static final int BLOCK_BYTES = 64;
    private static final byte[] ZEROS = new byte[BYTES];

    private final MessageDigest md5;
    private final byte[] key = new byte[BLOCK_BYTES];
    private final byte[] digest = new byte[BYTES];

    Signing() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }

    /** Adds to the message. */
    Signing add(byte[] bytes, int at, int length) {
        md5.update(bytes, at, length);
        return this;
    }

    /** Adds an authenticator of zeros to the message. */
    Signing addZeros() {
        md5.update(ZEROS);
        return this;
    }

    /** Ends the message with the secret. */
    void endWithSecret(byte[] secret, byte[] into, int at) {
        md5.update(secret);
        end(into, at);
    }

    /** Begins a message that {@link #endHmac} ends. */
    Signing beginHmac(byte[] secret) {
        beginBlock(secret, (byte) 0x36);
        return this;
    }

    /** Ends a message that {@link #beginHmac} began with the same secret. */
    void endHmac(byte[] secret, byte[] into, int at) {
        // The key of a long secret needs the digest, so the inner one waits where the outer will
        // be.
        end(into, at);
        beginBlock(secret, (byte) 0x5c);
        md5.update(into, at, BYTES);
        end(into, at);
    }

    // RFC 2104 §2: the secret, its digest when it is longer than a block, filled up with zeros.
    private void beginBlock(byte[] secret, byte pad) {
        byte[] from = secret;
        int length = secret.length;
        if (length > BLOCK_BYTES) {
            md5.update(secret);
            end(digest, 0);
            from = digest;
            length = BYTES;
        }
        for (int i = 0; i < BLOCK_BYTES; i++) {
            key[i] = (byte) ((i < length ? from[i] : 0) ^ pad);
        }
        md5.update(key);
    }

    private void end(byte[] into, int at) {
        try {
            int octets = md5.digest(into, at, BYTES);
            Check.that(octets == BYTES, "a digest of MD5 has 16 octets");
        } catch (GeneralSecurityException e) {
            throw new AssertionError("a digest of MD5 has 16 octets", e);
        }
    }

    /** In constant time, so that nobody learns from it how much of a guess was right. */
    static boolean isEqual(byte[] one, int at, byte[] other, int otherAt) {
        int difference = 0;
        for (int i = 0; i < BYTES; i++) {
            difference |= one[at + i] ^ other[otherAt + i];
        }
        return difference == 0;
    }
}
