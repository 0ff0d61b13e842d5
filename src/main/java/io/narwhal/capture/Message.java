package io.narwhal.capture;

/** A datagram that a collector would have received, or a message of a file; reused for each. */
public final class Message {
    private byte[] bytes = new byte[0];
    private int offset;
    private int length;
    private long micros;
    private long sourceHigh;
    private long sourceLow;
    private int sourcePort;
    private long destinationHigh;
    private long destinationLow;
    private int destinationPort;

    Message() {}

    void setPayload(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    void setMicros(long micros) {
        this.micros = micros;
    }

    void setAddresses(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        this.sourceHigh = sourceHigh;
        this.sourceLow = sourceLow;
        this.destinationHigh = destinationHigh;
        this.destinationLow = destinationLow;
    }

    void setPorts(int sourcePort, int destinationPort) {
        this.sourcePort = sourcePort;
        this.destinationPort = destinationPort;
    }

    /** The array that the payload stands in, until the next message. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the payload begins. */
    public int offset() {
        return offset;
    }

    /** Octets of the payload. */
    public int length() {
        return length;
    }

    /** When it was captured, or exported, µs since 1970. */
    public long micros() {
        return micros;
    }

    /** High half of the address that it was sent from; 0 in an IPFIX file. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Low half of that address. */
    public long sourceLow() {
        return sourceLow;
    }

    /** Port that it was sent from. */
    public int sourcePort() {
        return sourcePort;
    }

    /** High half of the address that it was sent to; 0 in an IPFIX file. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Low half of that address. */
    public long destinationLow() {
        return destinationLow;
    }

    /** Port that it was sent to. */
    public int destinationPort() {
        return destinationPort;
    }
}
