package io.narwhal.record;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * What one frame of a received journal holds: a batch of datagrams as they came, or the mere
 * passing of time; and, if it was pulled from another host, where it stood there. Byte layout:
 * docs/formats/received.md.
 */
public final class ReceivedBlock {
    /** What a block says. */
    public enum Kind {
        /** Datagrams came. */
        DATAGRAMS(1),
        /** Nothing came; time has passed. */
        TICK(2),
        /** The intake ended for good (a drain): every open bin is to be closed. */
        CLOSE(3),
        /**
         * Transport sessions began, one for each datagram of the block, which are empty and only
         * name the source. What was known of a session of the same source ends.
         */
        SESSION_BEGAN(4),
        /** Transport sessions ended: those named, or without any all of that listen address. */
        SESSION_ENDED(5),
        /**
         * RADIUS requests came, verified; among them notes of what was refused: an entry of source
         * port 0, from which no request is taken, is no datagram but a {@link Refusal}.
         */
        REQUESTS(6),
        /**
         * Lines of a usage file came, whose number is the block's batch. An entry is a {@link
         * LineEntry}: the file's number and the line's stand where a datagram has its address.
         */
        LINES(7);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** As in the block. */
        public int code() {
            return code;
        }

        /** Whether the block has what devices sent. */
        public boolean isData() {
            return this == DATAGRAMS || this == REQUESTS || this == LINES;
        }

        /** Whether the datagrams of the block name sessions. */
        public boolean isSessions() {
            return this == SESSION_BEGAN || this == SESSION_ENDED;
        }
    }

    /** Octets before the first datagram. */
    public static final int HEADER_BYTES = 56;

    /** Octets before the payload of each datagram. */
    public static final int DATAGRAM_HEADER_BYTES = 20;

    private static final int VERSION = 2;
    // Kind of code i + 1.
    private static final Kind[] KINDS = Kind.values();

    private byte[] bytes = new byte[0];
    private ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private int end;
    private int at;
    private int left;

    private Kind kind = Kind.TICK;
    private int socket;
    private int listen;
    private Transport transport = Transport.UDP;
    private long arrivalMicros;
    private long batch;
    private long cookie;
    private long drops;
    private long datagramsTotal;
    private long octetsTotal;

    private int datagramAt;
    private int offset;
    private int length;
    private final Source source = new Source();
    private @Nullable Origin origin;
    private int blockAt;

    /** What stands before the datagrams. */
    public record Header(
            Kind kind,
            int socket,
            int listen,
            Transport transport,
            int datagrams,
            long arrivalMicros,
            long batch,
            long cookie,
            long drops,
            long datagramsTotal,
            long octetsTotal) {
        /** Writes the header at the buffer's position. */
        public void write(ByteBuffer out) {
            out.put((byte) VERSION).put((byte) kind.code).put((byte) socket).put((byte) listen);
            out.put((byte) transport.code()).put((byte) 0).putShort((short) datagrams);
            out.putLong(arrivalMicros).putLong(batch).putLong(cookie);
            out.putLong(drops).putLong(datagramsTotal).putLong(octetsTotal);
        }
    }

    /**
     * A note of packets that were discarded before they were journalled.
     *
     * @param reason why
     * @param packets how many
     * @param octets octets of these
     */
    public record Refusal(Reason reason, long packets, long octets) {
        /** Octets of a note. */
        public static final int BYTES = 17;

        /** Writes the note as an entry of a block of requests. */
        public void write(ByteBuffer out, long sourceHigh, long sourceLow) {
            writeDatagramHeader(out, BYTES, 0, sourceHigh, sourceLow);
            out.put((byte) reason.code()).putLong(packets).putLong(octets);
        }
    }

    /** Writes what stands before a datagram's payload. */
    public static void writeDatagramHeader(
            ByteBuffer out, int length, int sourcePort, long sourceHigh, long sourceLow) {
        out.putShort((short) length).putShort((short) sourcePort);
        out.putLong(sourceHigh).putLong(sourceLow);
    }

    /**
     * Points at a frame's payload, whether it has an {@link Origin} or none; the datagrams follow
     * by {@link #next()}. A gap is as if time had not passed: a tick of 1970, without datagrams.
     *
     * @throws StateReader.Malformed for another version or kind
     */
    public void read(byte[] payload, int from, int length) {
        Check.that(from >= 0 && from + length <= payload.length, "a range of the array");
        if (payload != bytes) {
            bytes = payload;
            buffer = ByteBuffer.wrap(payload);
        }
        end = from + length;
        origin = null;
        blockAt = from;
        if (Origin.isAt(payload, from, length)) {
            pulled(payload, from, length);
        } else {
            block(payload, from, length);
        }
    }

    private void pulled(byte[] payload, int from, int length) {
        Origin read = Origin.read(payload, from, length);
        blockAt = from + read.payloadOffset();
        // One for each node that it came by.
        while (!read.isGap() && Origin.isAt(payload, blockAt, end - blockAt)) {
            Origin inner = Origin.read(payload, blockAt, end - blockAt);
            blockAt += inner.payloadOffset();
            read = read.over(inner);
        }
        origin = read;
        if (!read.isGap()) {
            block(payload, blockAt, end - blockAt);
        } else {
            // What stands behind it says why, to those who keep the books of transfers.
            blockAt = end;
            kind = Kind.TICK;
            socket = listen = left = 0;
            transport = Transport.UDP;
            arrivalMicros = batch = cookie = drops = datagramsTotal = octetsTotal = 0;
        }
    }

    private void block(byte[] payload, int from, int length) {
        if (length < HEADER_BYTES || payload[from] != VERSION) {
            throw new StateReader.Malformed("no received block of version " + VERSION);
        }
        kind = kindOf(payload[from + 1]);
        socket = payload[from + 2] & 255;
        listen = payload[from + 3] & 255;
        if (!Transport.isCode(payload[from + 4])) {
            throw new StateReader.Malformed("no transport of code " + payload[from + 4]);
        }
        transport = Transport.of(payload[from + 4]);
        left = buffer.getShort(from + 6) & 0xffff;
        arrivalMicros = buffer.getLong(from + 8);
        batch = buffer.getLong(from + 16);
        cookie = buffer.getLong(from + 24);
        drops = buffer.getLong(from + 32);
        datagramsTotal = buffer.getLong(from + 40);
        octetsTotal = buffer.getLong(from + 48);
        at = from + HEADER_BYTES;
    }

    private static Kind kindOf(byte code) {
        if (code < 1 || code > KINDS.length) {
            throw new StateReader.Malformed("no kind of received block: " + code);
        }
        return KINDS[code - 1];
    }

    /**
     * Moves to the next datagram.
     *
     * @return false when there is none left
     */
    public boolean next() {
        if (left == 0) {
            return false;
        }
        if (end - at < DATAGRAM_HEADER_BYTES) {
            throw new StateReader.Malformed("a received block ends within a datagram's header");
        }
        left--;
        datagram(at);
        at = offset + length;
        if (at > end) {
            throw new StateReader.Malformed("a received block ends within a datagram");
        }
        return true;
    }

    private void datagram(int from) {
        datagramAt = from;
        length = buffer.getShort(from) & 0xffff;
        source.set(
                buffer.getLong(from + 4),
                buffer.getLong(from + 12),
                buffer.getShort(from + 2) & 0xffff,
                listen,
                transport);
        offset = from + DATAGRAM_HEADER_BYTES;
    }

    /**
     * Points at one datagram of a block that was read through before.
     *
     * @param blockAt where the block begins in the array
     * @param datagramAt where the datagram begins, as {@link #datagramAt} said
     */
    public void point(byte[] payload, int blockAt, int datagramAt) {
        if (payload != bytes) {
            bytes = payload;
            buffer = ByteBuffer.wrap(payload);
        }
        kind = kindOf(payload[blockAt + 1]);
        listen = payload[blockAt + 3] & 255;
        transport = Transport.of(payload[blockAt + 4]);
        arrivalMicros = buffer.getLong(blockAt + 8);
        datagram(datagramAt);
    }

    /** Where the current datagram, with its header, begins in the array. */
    public int datagramAt() {
        return datagramAt;
    }

    /** Where it stood on the host that it was pulled from; null of this host's own. */
    public @Nullable Origin origin() {
        return origin;
    }

    /** Where the block, behind its origin, begins in the array. */
    public int blockAt() {
        return blockAt;
    }

    /** Whether it tells that a stretch of another host's journal is lost. */
    public boolean isGap() {
        Origin from = origin;
        return from != null && from.isGap();
    }

    /** See {@link Kind}. */
    public Kind kind() {
        return kind;
    }

    /** Number of the collector's socket that the batch came by. */
    public int socket() {
        return socket;
    }

    /** Number of the address that the collector listens at. */
    public int listen() {
        return listen;
    }

    /** How the batch came. */
    public Transport transport() {
        return transport;
    }

    /** When the batch was taken from the kernel, µs since 1970. */
    public long arrivalMicros() {
        return arrivalMicros;
    }

    /** Number of the batch among those of its socket. */
    public long batch() {
        return batch;
    }

    /** Identity of the kernel's socket, whose drops are counted. */
    public long cookie() {
        return cookie;
    }

    /** Datagrams that the kernel dropped at that socket, modulo 2^32. */
    public long drops() {
        return drops;
    }

    /** Datagrams that the collector ever journalled, these included. */
    public long datagramsTotal() {
        return datagramsTotal;
    }

    /** Octets of payload that the collector ever journalled, these included. */
    public long octetsTotal() {
        return octetsTotal;
    }

    /** The array that the current datagram lies in. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the current datagram begins. */
    public int offset() {
        return offset;
    }

    /** Octets of the current datagram. */
    public int length() {
        return length;
    }

    /** Whether the current entry tells of a file, and is none of its lines. */
    public boolean isFileMark() {
        return kind == Kind.LINES && !lineEntry().isLine();
    }

    /**
     * What the current entry of a block of lines is.
     *
     * @throws StateReader.Malformed when it is nothing of the kind
     */
    public LineEntry lineEntry() {
        Check.that(kind == Kind.LINES, "a block of lines has line entries");
        return LineEntry.of(source.port());
    }

    /** Whether the current entry is a note of refusals instead of a request. */
    public boolean isRefusal() {
        return kind == Kind.REQUESTS && source.port() == 0;
    }

    /**
     * The note that the current entry is.
     *
     * @throws StateReader.Malformed when it is none
     */
    public Refusal refusal() {
        if (!isRefusal() || length != Refusal.BYTES) {
            throw new StateReader.Malformed("a note of refusals has " + Refusal.BYTES + " octets");
        }
        return new Refusal(
                Reason.of(bytes[offset] & 0xff),
                buffer.getLong(offset + 1),
                buffer.getLong(offset + 9));
    }

    /** Where the current datagram came from; the same object each time. */
    public Source source() {
        return source;
    }
}
