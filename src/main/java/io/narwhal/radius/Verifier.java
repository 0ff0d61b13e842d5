package io.narwhal.radius;

import io.narwhal.record.Reason;

import org.jspecify.annotations.Nullable;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Says whether a packet is a genuine request of a client (RFC 2866 §3, RFC 2869 §5.14, RFC 5997
 * §3), and makes the answer. Allocates nothing for a request without Message-Authenticator. One
 * thread at a time.
 */
public final class Verifier {
    private static final int AUTHENTICATOR_AT = 4;
    private static final int AUTHENTICATOR_BYTES = 16;
    private static final byte[] ZEROS = new byte[AUTHENTICATOR_BYTES];

    private final MessageDigest md5;
    private final byte[] digest = new byte[AUTHENTICATOR_BYTES];

    /** What a packet is. */
    public sealed interface Verdict {
        /** An Accounting-Request that is to be saved, and then answered. */
        record Request() implements Verdict {}

        /** A Status-Server: the client asks whether we are there. */
        record Status() implements Verdict {}

        /** Neither; discarded silently, and counted. */
        record Refused(Reason reason) implements Verdict {}
    }

    private static final Verdict REQUEST = new Verdict.Request();
    private static final Verdict STATUS = new Verdict.Status();
    private static final Verdict UNKNOWN_CLIENT = new Verdict.Refused(Reason.UNKNOWN_CLIENT);
    private static final Verdict MALFORMED = new Verdict.Refused(Reason.MALFORMED);
    private static final Verdict NOT_ACCOUNTING = new Verdict.Refused(Reason.NOT_ACCOUNTING);
    private static final Verdict BAD_AUTHENTICATOR = new Verdict.Refused(Reason.BAD_AUTHENTICATOR);

    /** One that has seen nothing. */
    public Verifier() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }

    /**
     * Looks at the packet {@code bytes[offset, offset + length)}.
     *
     * @param client whom it came from; null: from nobody that we know
     */
    public Verdict verify(byte[] bytes, int offset, int length, @Nullable Client client) {
        if (client == null) {
            return UNKNOWN_CLIENT;
        }
        int end = Packets.end(bytes, offset, length);
        if (end < 0) {
            return MALFORMED;
        }
        int code = bytes[offset] & 0xff;
        if (code != Attribute.ACCOUNTING_REQUEST && code != Attribute.STATUS_SERVER) {
            return NOT_ACCOUNTING;
        }
        byte[] secret = client.rawSecret();
        int signature = Packets.find(bytes, offset, end, Attribute.MESSAGE_AUTHENTICATOR);
        if (code == Attribute.STATUS_SERVER) {
            return signature >= 0 && isSigned(bytes, offset, end, signature, false, secret)
                    ? STATUS
                    : BAD_AUTHENTICATOR;
        }
        md5.update(bytes, offset, AUTHENTICATOR_AT);
        md5.update(ZEROS);
        md5.update(bytes, offset + Attribute.HEADER_BYTES, end - offset - Attribute.HEADER_BYTES);
        boolean genuine = isDigest(secret, bytes, offset + AUTHENTICATOR_AT);
        boolean signed =
                signature < 0 || genuine && isSigned(bytes, offset, end, signature, true, secret);
        return genuine && signed ? REQUEST : BAD_AUTHENTICATOR;
    }

    // In constant time, so that nobody learns from it how much of a guess was right.
    private boolean isDigest(byte[] secret, byte[] bytes, int at) {
        md5.update(secret);
        finish(digest, 0);
        return isEqual(digest, bytes, at);
    }

    private static boolean isEqual(byte[] expected, byte[] bytes, int at) {
        int difference = 0;
        for (int i = 0; i < AUTHENTICATOR_BYTES; i++) {
            difference |= expected[i] ^ bytes[at + i];
        }
        return difference == 0;
    }

    private void finish(byte[] into, int at) {
        try {
            md5.digest(into, at, AUTHENTICATOR_BYTES);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("a digest of MD5 has 16 octets", e);
        }
    }

    /**
     * Message-Authenticator: HMAC-MD5 over the packet with that attribute, and in an
     * Accounting-Request the Request Authenticator too, as zeros.
     */
    private static boolean isSigned(
            byte[] bytes, int offset, int end, int signature, boolean request, byte[] secret) {
        if (signature + 2 + AUTHENTICATOR_BYTES > end
                || bytes[signature + 1] != 2 + AUTHENTICATOR_BYTES) {
            return false;
        }
        byte[] copy = Arrays.copyOfRange(bytes, offset, end);
        if (request) {
            Arrays.fill(copy, AUTHENTICATOR_AT, Attribute.HEADER_BYTES, (byte) 0);
        }
        int at = signature - offset + 2;
        Arrays.fill(copy, at, at + AUTHENTICATOR_BYTES, (byte) 0);
        return isEqual(hmac(secret, copy), bytes, signature + 2);
    }

    private static byte[] hmac(byte[] secret, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacMD5");
            mac.init(new SecretKeySpec(secret, "HmacMD5"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has HmacMD5", e);
        }
    }

    /**
     * Writes the Accounting-Response to a packet that was found a request or a status query: with
     * its Proxy-State attributes, in their order (RFC 2865 §5.33).
     *
     * @param into has {@link Attribute#PACKET_BYTES_MAX} bytes behind {@code at}
     * @return octets of the answer
     */
    public int answer(byte[] bytes, int offset, int length, Client client, byte[] into, int at) {
        int end = Packets.end(bytes, offset, length);
        int to = at + Attribute.HEADER_BYTES;
        for (int a = offset + Attribute.HEADER_BYTES; a < end; a += bytes[a + 1] & 0xff) {
            if ((bytes[a] & 0xff) == Attribute.PROXY_STATE) {
                System.arraycopy(bytes, a, into, to, bytes[a + 1] & 0xff);
                to += bytes[a + 1] & 0xff;
            }
        }
        into[at] = Attribute.ACCOUNTING_RESPONSE;
        into[at + 1] = bytes[offset + 1];
        into[at + 2] = (byte) (to - at >>> 8);
        into[at + 3] = (byte) (to - at);
        // RFC 2866 §3: over the answer with the request's authenticator in place of its own.
        md5.update(into, at, AUTHENTICATOR_AT);
        md5.update(bytes, offset + AUTHENTICATOR_AT, AUTHENTICATOR_BYTES);
        md5.update(into, at + Attribute.HEADER_BYTES, to - at - Attribute.HEADER_BYTES);
        md5.update(client.rawSecret());
        finish(into, at + AUTHENTICATOR_AT);
        return to - at;
    }
}
