package io.narwhal.session;

import io.narwhal.radius.Attribute;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Makes Accounting-Requests for tests, attribute by attribute. Not signed: nobody here looks. */
final class Packet {
    private final ByteArrayOutputStream attributes = new ByteArrayOutputStream();
    private boolean isNamed = true;

    static Packet start(String id) {
        return of(1).text(Attribute.ACCT_SESSION_ID, id);
    }

    static Packet stop(String id) {
        return of(2).text(Attribute.ACCT_SESSION_ID, id);
    }

    static Packet interim(String id) {
        return of(3).text(Attribute.ACCT_SESSION_ID, id);
    }

    static Packet on() {
        return of(7);
    }

    static Packet off() {
        return of(8);
    }

    /** With a status, of the device nas-1 unless it says another. */
    static Packet of(int status) {
        Packet packet = new Packet().integer(Attribute.ACCT_STATUS_TYPE, status);
        packet.isNamed = false;
        return packet;
    }

    /** The same request as sent again later. */
    static byte[] delayed(byte[] request, int seconds) {
        return ByteBuffer.allocate(request.length + 6)
                .put(request)
                .put((byte) Attribute.ACCT_DELAY_TIME)
                .put((byte) 6)
                .putInt(seconds)
                .putShort(2, (short) (request.length + 6))
                .array();
    }

    Packet nas(String name) {
        isNamed = true;
        return text(Attribute.NAS_IDENTIFIER, name);
    }

    Packet user(String name) {
        return text(Attribute.USER_NAME, name);
    }

    /** Event-Timestamp, s since 1970. */
    Packet at(long seconds) {
        return integer(Attribute.EVENT_TIMESTAMP, seconds);
    }

    /** Acct-Delay-Time, s. */
    Packet delay(long seconds) {
        return integer(Attribute.ACCT_DELAY_TIME, seconds);
    }

    /** Acct-Session-Time, s. */
    Packet lasted(long seconds) {
        return integer(Attribute.ACCT_SESSION_TIME, seconds);
    }

    /** Octets without Gigawords. */
    Packet octets(long input, long output) {
        return integer(Attribute.ACCT_INPUT_OCTETS, input)
                .integer(Attribute.ACCT_OUTPUT_OCTETS, output);
    }

    /** Octets with Gigawords. */
    Packet giga(long input, long output) {
        return octets(input, output)
                .integer(Attribute.ACCT_INPUT_GIGAWORDS, input >>> 32)
                .integer(Attribute.ACCT_OUTPUT_GIGAWORDS, output >>> 32);
    }

    Packet packets(long input, long output) {
        return integer(Attribute.ACCT_INPUT_PACKETS, input)
                .integer(Attribute.ACCT_OUTPUT_PACKETS, output);
    }

    Packet address(String text) {
        try {
            InetAddress address = InetAddress.getByName(text);
            byte[] octets = address.getAddress();
            return bytes(
                    octets.length == 4
                            ? Attribute.FRAMED_IP_ADDRESS
                            : Attribute.FRAMED_IPV6_ADDRESS,
                    octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address in a test", e);
        }
    }

    Packet integer(int type, long value) {
        return bytes(type, ByteBuffer.allocate(4).putInt((int) value).array());
    }

    Packet text(int type, String text) {
        return bytes(type, text.getBytes(StandardCharsets.UTF_8));
    }

    Packet bytes(int type, byte[] value) {
        attributes.write(type);
        attributes.write(value.length + 2);
        attributes.writeBytes(value);
        return this;
    }

    byte[] build() {
        if (!isNamed) {
            nas("nas-1");
        }
        byte[] values = attributes.toByteArray();
        return ByteBuffer.allocate(Attribute.HEADER_BYTES + values.length)
                .put((byte) Attribute.ACCOUNTING_REQUEST)
                .put((byte) 0)
                .putShort((short) (Attribute.HEADER_BYTES + values.length))
                .putLong(0)
                .putLong(0)
                .put(values)
                .array();
    }
}
