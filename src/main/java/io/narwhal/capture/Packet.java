package io.narwhal.capture;

/** One packet of a capture file; reused for each. */
final class Packet {
    /** A capture that says no time. */
    static final long NO_TIME = Long.MIN_VALUE;

    private byte[] bytes = new byte[0];
    private int offset;
    private int length;
    private int linkType;
    private long micros;

    /** Points at the bytes that were captured. */
    void set(byte[] bytes, int offset, int length, int linkType, long micros) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        this.linkType = linkType;
        this.micros = micros;
    }

    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    /** Behind the last byte that was captured. */
    int end() {
        return offset + length;
    }

    /**
     * Number of the link layer, as <a href="https://www.tcpdump.org/linktypes.html">tcpdump</a> has
     * them.
     */
    int linkType() {
        return linkType;
    }

    /** When it was captured, µs since 1970, or {@link #NO_TIME}. */
    long micros() {
        return micros;
    }
}
