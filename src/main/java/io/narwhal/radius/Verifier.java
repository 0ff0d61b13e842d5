package io.narwhal.radius;

import io.narwhal.record.Reason;

import org.jspecify.annotations.Nullable;

/**
 * Says whether a packet is a genuine request of a client (RFC 2866 §3, RFC 2869 §5.14, RFC 5997
 * §3), and makes the answer. Allocates nothing. One thread at a time.
 */
public final class Verifier {
    private static final int AUTHENTICATOR_AT = 4;

    private final Signing signing = new Signing();
    private final byte[] digest = new byte[Signing.BYTES];

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
    public Verifier() {}

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
        int body = offset + Attribute.HEADER_BYTES;
        signing.add(bytes, offset, AUTHENTICATOR_AT)
                .addZeros()
                .add(bytes, body, end - body)
                .endWithSecret(secret, digest, 0);
        boolean genuine = Signing.isEqual(digest, 0, bytes, offset + AUTHENTICATOR_AT);
        boolean signed =
                signature < 0 || genuine && isSigned(bytes, offset, end, signature, true, secret);
        return genuine && signed ? REQUEST : BAD_AUTHENTICATOR;
    }

    /**
     * Message-Authenticator: HMAC-MD5 over the packet with that attribute, and in an
     * Accounting-Request the Request Authenticator too, as zeros.
     */
    private boolean isSigned(
            byte[] bytes, int offset, int end, int signature, boolean request, byte[] secret) {
        if ((bytes[signature + 1] & 0xff) != 2 + Signing.BYTES) {
            return false;
        }
        int body = offset + Attribute.HEADER_BYTES;
        int value = signature + 2;
        signing.beginHmac(secret).add(bytes, offset, AUTHENTICATOR_AT);
        if (request) {
            signing.addZeros();
        } else {
            signing.add(bytes, offset + AUTHENTICATOR_AT, Signing.BYTES);
        }
        signing.add(bytes, body, value - body)
                .addZeros()
                .add(bytes, value + Signing.BYTES, end - value - Signing.BYTES)
                .endHmac(secret, digest, 0);
        return Signing.isEqual(digest, 0, bytes, value);
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
        signing.add(into, at, AUTHENTICATOR_AT)
                .add(bytes, offset + AUTHENTICATOR_AT, Signing.BYTES)
                .add(into, at + Attribute.HEADER_BYTES, to - at - Attribute.HEADER_BYTES)
                .endWithSecret(client.rawSecret(), into, at + AUTHENTICATOR_AT);
        return to - at;
    }
}
