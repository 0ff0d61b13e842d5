package io.narwhal.collect;

import java.nio.ByteBuffer;

/**
 * Where the messages of a stream end: a message's header begins with the version, 10, and its
 * length (RFC 7011 §3.1, §10.4.3). Nothing else of it is looked at.
 *
 * @param to behind the last whole message
 * @param messages how many whole ones there are
 * @param broken why what follows can be no message; empty when it may be the beginning of one
 */
record Framing(int to, int messages, String broken) {
    private static final int VERSION = 10;
    private static final int HEADER_BYTES = 16;

    /** Looks at the bytes {@code [from, end)} of a big-endian buffer. */
    static Framing of(ByteBuffer bytes, int from, int end) {
        int at = from;
        int messages = 0;
        while (end - at >= 2) {
            int version = bytes.getShort(at) & 0xffff;
            if (version != VERSION) {
                return new Framing(
                        at,
                        messages,
                        "version " + version + " where an IPFIX message (version 10) must begin");
            }
            if (end - at < 4) {
                break;
            }
            int length = bytes.getShort(at + 2) & 0xffff;
            if (length < HEADER_BYTES) {
                return new Framing(
                        at,
                        messages,
                        "a message of " + length + " bytes, less than its own header");
            }
            if (length > end - at) {
                break;
            }
            at += length;
            messages++;
        }
        return new Framing(at, messages, "");
    }
}
