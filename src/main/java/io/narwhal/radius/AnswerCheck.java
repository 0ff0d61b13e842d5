package io.narwhal.radius;

/**
 * For who sent a request: whether a packet is the genuine answer to it (RFC 2866 §3). Allocates
 * nothing. One thread at a time.
 */
public final class AnswerCheck {
    private static final int AUTHENTICATOR_AT = 4;

    private final Signing signing = new Signing();
    private final byte[] digest = new byte[Signing.BYTES];

    /** One that has seen nothing. */
    public AnswerCheck() {}

    /**
     * Whether {@code bytes[offset, offset + length)} is an Accounting-Response to the request, made
     * by one who knows the secret.
     *
     * @param request of which only the header is looked at, 20 octets from {@code requestAt} on
     */
    public boolean isGenuine(
            byte[] bytes, int offset, int length, byte[] request, int requestAt, byte[] secret) {
        int end = Packets.end(bytes, offset, length);
        if (end < 0
                || (bytes[offset] & 0xff) != Attribute.ACCOUNTING_RESPONSE
                || bytes[offset + 1] != request[requestAt + 1]) {
            return false;
        }
        int body = offset + Attribute.HEADER_BYTES;
        signing.add(bytes, offset, AUTHENTICATOR_AT)
                .add(request, requestAt + AUTHENTICATOR_AT, Signing.BYTES)
                .add(bytes, body, end - body)
                .endWithSecret(secret, digest, 0);
        return Signing.isEqual(digest, 0, bytes, offset + AUTHENTICATOR_AT)
                && isSigned(bytes, offset, end, request, requestAt, secret);
    }

    // RFC 2869 §5.14, RFC 5080 §2.2.2: over the answer with the request's authenticator.
    private boolean isSigned(
            byte[] bytes, int offset, int end, byte[] request, int requestAt, byte[] secret) {
        int at = Packets.find(bytes, offset, end, Attribute.MESSAGE_AUTHENTICATOR);
        if (at < 0) {
            return true;
        }
        int value = at + 2;
        if ((bytes[at + 1] & 0xff) != 2 + Signing.BYTES) {
            return false;
        }
        int body = offset + Attribute.HEADER_BYTES;
        signing.beginHmac(secret)
                .add(bytes, offset, AUTHENTICATOR_AT)
                .add(request, requestAt + AUTHENTICATOR_AT, Signing.BYTES)
                .add(bytes, body, value - body)
                .addZeros()
                .add(bytes, value + Signing.BYTES, end - value - Signing.BYTES)
                .endHmac(secret, digest, 0);
        return Signing.isEqual(digest, 0, bytes, value);
    }
}
