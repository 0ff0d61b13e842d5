package io.narwhal.collect;

import io.narwhal.radius.Attribute;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Packets as clients sign them, and what a client thinks of an answer. */
final class RadiusPacket {
    private final ByteArrayOutputStream attributes = new ByteArrayOutputStream();
    private final int code;
    private final int identifier;
    private final byte[] secret;

    RadiusPacket(int code, int identifier, String secret) {
        this.code = code;
        this.identifier = identifier;
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
    }

    /** An interim update of a session. */
    static byte[] interim(int identifier, String session, String secret) {
        return new RadiusPacket(Attribute.ACCOUNTING_REQUEST, identifier, secret)
                .integer(Attribute.ACCT_STATUS_TYPE, 3)
                .text(Attribute.ACCT_SESSION_ID, session)
                .integer(Attribute.ACCT_INPUT_OCTETS, 1_000)
                .request();
    }

    /** A query whether the server is there. */
    static byte[] statusServer(int identifier, String secret) {
        return new RadiusPacket(Attribute.STATUS_SERVER, identifier, secret).signed();
    }

    RadiusPacket integer(int type, int value) {
        return attribute(type, ByteBuffer.allocate(4).putInt(value).array());
    }

    RadiusPacket text(int type, String value) {
        return attribute(type, value.getBytes(StandardCharsets.UTF_8));
    }

    RadiusPacket attribute(int type, byte[] value) {
        attributes.write(type);
        attributes.write(2 + value.length);
        attributes.writeBytes(value);
        return this;
    }

    /** With the authenticator of a request (RFC 2866 §3). */
    byte[] request() {
        byte[] packet = packet();
        byte[] digest = md5(packet, secret);
        System.arraycopy(digest, 0, packet, 4, 16);
        return packet;
    }

    /** With a Message-Authenticator, over any authenticator (RFC 5997 §3). */
    byte[] signed() {
        int at = Attribute.HEADER_BYTES + attributes.size() + 2;
        attribute(Attribute.MESSAGE_AUTHENTICATOR, new byte[16]);
        byte[] packet = packet();
        Arrays.fill(packet, 4, 20, (byte) 9);
        try {
            Mac mac = Mac.getInstance("HmacMD5");
            mac.init(new SecretKeySpec(secret, "HmacMD5"));
            System.arraycopy(mac.doFinal(packet), 0, packet, at, 16);
            return packet;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] packet() {
        int length = Attribute.HEADER_BYTES + attributes.size();
        return ByteBuffer.allocate(length)
                .put((byte) code)
                .put((byte) identifier)
                .putShort((short) length)
                .position(Attribute.HEADER_BYTES)
                .put(attributes.toByteArray())
                .array();
    }

    /**
     * Whether a client takes the answer to its request: the identifier and the digest are right.
     */
    static boolean answers(byte[] answer, byte[] request, String secret) {
        if (answer.length < 20 || answer[0] != 5 || answer[1] != request[1]) {
            return false;
        }
        byte[] copy = answer.clone();
        System.arraycopy(request, 4, copy, 4, 16);
        byte[] digest = md5(copy, secret.getBytes(StandardCharsets.UTF_8));
        return Arrays.equals(digest, Arrays.copyOfRange(answer, 4, 20));
    }

    private static byte[] md5(byte[] packet, byte[] secret) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            md5.update(packet);
            return md5.digest(secret);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
