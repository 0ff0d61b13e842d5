package io.narwhal.radius;

/** The structure of a packet: a header of 20 octets and attributes of type, length, value. */
final class Packets {
    private Packets() {}

    /**
     * Where a packet ends; −1 when it does not hold together: its length lies, or an attribute's
     * does. Octets behind its length are padding (RFC 2865 §3).
     */
    static int end(byte[] bytes, int offset, int length) {
        if (length < Attribute.HEADER_BYTES) {
            return -1;
        }
        int claimed = (bytes[offset + 2] & 0xff) << 8 | bytes[offset + 3] & 0xff;
        if (claimed < Attribute.HEADER_BYTES
                || claimed > length
                || claimed > Attribute.PACKET_BYTES_MAX) {
            return -1;
        }
        int end = offset + claimed;
        int at = offset + Attribute.HEADER_BYTES;
        while (at < end) {
            int size = end - at < 2 ? 0 : bytes[at + 1] & 0xff;
            if (size < 2 || size > end - at) {
                return -1;
            }
            at += size;
        }
        return end;
    }

    /** Where the first attribute of that type begins; −1 when there is none. */
    static int find(byte[] bytes, int offset, int end, int type) {
        for (int at = offset + Attribute.HEADER_BYTES; at < end; at += bytes[at + 1] & 0xff) {
            if ((bytes[at] & 0xff) == type) {
                return at;
            }
        }
        return -1;
    }
}
