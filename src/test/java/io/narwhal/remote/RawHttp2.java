package io.narwhal.remote;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** HTTP/2 by hand (RFC 9113), so that it can be wrong. */
final class RawHttp2 {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_HEADERS = 4;
    private static final int HEADER_BYTES = 9;

    private RawHttp2() {}

    /** A stream of the service with one message. */
    static byte[] link(byte[] message) {
        return opening(frame(DATA, 0, 1, prefixed(message.length, message)));
    }

    /** A message that says it is longer than it is. */
    static byte[] lyingLength(int told) {
        return opening(frame(DATA, 0, 1, prefixed(told, new byte[10])));
    }

    /** A frame of 16 MiB, where 16 KiB is the most. */
    static byte[] frameTooLong() {
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + 100);
        frame.putInt(0x00ffffff << 8 | DATA).put(4, (byte) 0);
        return join(PREFACE, frame(SETTINGS, 0, 0, new byte[0]), frame.array());
    }

    private static byte[] prefixed(int told, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(told)
                .put(message)
                .array();
    }

    private static byte[] opening(byte[] rest) {
        var headers = new ByteArrayOutputStream();
        field(headers, ":method", "POST");
        field(headers, ":scheme", "https");
        field(headers, ":path", "/narwhal.transfer.v1.Transfer/Link");
        field(headers, ":authority", "edge-1");
        field(headers, "content-type", "application/grpc");
        field(headers, "te", "trailers");
        return join(
                PREFACE,
                frame(SETTINGS, 0, 0, new byte[0]),
                frame(HEADERS, END_HEADERS, 1, headers.toByteArray()),
                rest);
    }

    /** Literal, not indexed, no Huffman code (RFC 7541 §6.2.2). */
    private static void field(ByteArrayOutputStream out, String name, String value) {
        out.write(0);
        out.write(name.length());
        out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        out.write(value.length());
        out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(HEADER_BYTES + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Whether a frame in there ends stream 1 or the connection. */
    static boolean endsStream(byte[] answer, int length) {
        for (int at = 0; at + HEADER_BYTES <= length; ) {
            int head = ByteBuffer.wrap(answer, at, 4).getInt();
            int type = head & 0xff;
            boolean isEnd = type == HEADERS && (answer[at + 4] & 1) != 0;
            if (isEnd || type == RESET || type == GOAWAY) {
                return true;
            }
            at += HEADER_BYTES + (head >>> 8);
        }
        return false;
    }
}
