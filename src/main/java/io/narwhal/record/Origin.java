package io.narwhal.record;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where a frame that was pulled from another host stood there, and by which link it came: what
 * stands in a frame before the payload as it came. A frame that the host's own collector wrote has
 * none. Byte layout: docs/formats/received.md.
 *
 * @param epoch identity of the journal there; another one when it was lost and began anew
 * @param incarnation of the process that wrote it; 0 where nobody noted it
 * @param position where the frame stood in the journal there
 * @param through the position behind it
 * @param sequence the frame's number in the journal there
 * @param txn number of the transmission that brought it
 * @param flags {@link #RESENT}, {@link #PARKED}, {@link #GAP} and {@link #ELSEWHERE}
 * @param link by which it came
 * @param stream name of the journal there: of the collector or lane that it belongs to
 */
public record Origin(
        long epoch,
        long incarnation,
        long position,
        long through,
        long sequence,
        long txn,
        int flags,
        String link,
        String stream) {
    /** The first byte of a frame that has an origin; of no payload of ours is it the first. */
    public static final int MAGIC = 0x50;

    /** It may have been sent before, to whom it may concern. */
    public static final int RESENT = 1;

    /** It waited aside until it was known that nobody else counts it. */
    public static final int PARKED = 2;

    /** There is no payload: what stood from {@link #position} to {@link #through} is lost. */
    public static final int GAP = 4;

    /** With {@link #GAP}: nothing is lost, another manager of the same group has it. */
    public static final int ELSEWHERE = 8;

    /** Octets of the longest name, in UTF-8. */
    public static final int NAME_BYTES_MAX = 255;

    private static final int WAY_CHARS_MAX = 80;

    private static final int VERSION = 1;
    private static final int ALL_FLAGS = RESENT | PARKED | GAP | ELSEWHERE;
    // Before the octets of the two names, their lengths included.
    private static final int FIXED_BYTES = 55;

    /** Octets of the longest. */
    public static final int BYTES_MAX = FIXED_BYTES + 2 * NAME_BYTES_MAX;

    private static final int LINK_AT = 53;

    public Origin {
        Check.that(position <= through, "a frame ends behind its beginning");
        Check.that((flags & ~ALL_FLAGS) == 0, "flags that are known");
    }

    /** Whether a frame's payload begins with an origin. */
    public static boolean isAt(byte[] bytes, int offset, int length) {
        return length > 0 && bytes[offset] == MAGIC;
    }

    /**
     * Reads the origin that a frame's payload begins with.
     *
     * @throws StateReader.Malformed when it is none, or of another version
     */
    public static Origin read(byte[] bytes, int offset, int length) {
        Check.that(offset >= 0 && offset + length <= bytes.length, "a range of the array");
        if (length < FIXED_BYTES || bytes[offset] != MAGIC || bytes[offset + 1] != VERSION) {
            throw new StateReader.Malformed("no origin of version " + VERSION);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        int linkEnd = LINK_AT + 1 + (bytes[offset + LINK_AT] & 255);
        int headerBytes = in.getShort(offset + 2) & 0xffff;
        if (linkEnd >= length
                || headerBytes > length
                || headerBytes != linkEnd + 1 + (bytes[offset + linkEnd] & 255)) {
            throw new StateReader.Malformed("the lengths of an origin contradict each other");
        }
        long position = in.getLong(offset + 20);
        long through = in.getLong(offset + 28);
        int flags = bytes[offset + 52] & 255;
        if (position > through || (flags & ~ALL_FLAGS) != 0) {
            throw new StateReader.Malformed("no stretch of a journal, or flags of nobody");
        }
        return new Origin(
                in.getLong(offset + 4),
                in.getLong(offset + 12),
                position,
                through,
                in.getLong(offset + 36),
                in.getLong(offset + 44),
                flags,
                text(bytes, offset + LINK_AT),
                text(bytes, offset + linkEnd));
    }

    private static String text(byte[] bytes, int lengthAt) {
        return new String(bytes, lengthAt + 1, bytes[lengthAt] & 255, StandardCharsets.UTF_8);
    }

    /** Writes the origin at the buffer's position; the payload as it came follows. */
    public void write(ByteBuffer out) {
        int from = out.position();
        out.put((byte) MAGIC).put((byte) VERSION).putShort((short) writtenBytes());
        out.putLong(epoch).putLong(incarnation).putLong(position).putLong(through);
        out.putLong(sequence).putLong(txn).put((byte) flags);
        put(link, out);
        put(stream, out);
        Check.that(out.position() - from == writtenBytes(), "an origin is as long as it says");
    }

    private static void put(String name, ByteBuffer out) {
        byte[] utf8 = utf8(name);
        out.put((byte) utf8.length).put(utf8);
    }

    private static byte[] utf8(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        Check.that(utf8.length <= NAME_BYTES_MAX, "a name has 255 octets at the most");
        return utf8;
    }

    /** Octets that it takes. */
    public int writtenBytes() {
        return FIXED_BYTES + utf8(link).length + utf8(stream).length;
    }

    /** Where the payload as it came begins, from the beginning of the frame's payload. */
    public int payloadOffset() {
        return writtenBytes();
    }

    /** Whether it may have been sent before. */
    public boolean isResent() {
        return (flags & RESENT) != 0;
    }

    /** Whether it waited aside. */
    public boolean wasParked() {
        return (flags & PARKED) != 0;
    }

    /** Whether it tells of a loss instead of bringing data. */
    public boolean isGap() {
        return (flags & GAP) != 0;
    }

    /** What tells paths apart: the same agent's same journal. */
    public String path() {
        return link + "/" + stream;
    }

    /** Whether nothing is lost, as another manager of the group has it. */
    public boolean isElsewhere() {
        return (flags & ELSEWHERE) != 0;
    }

    /**
     * As this one and the one that stands in it say together: where the frame stood in the journal
     * that it was first pulled from, and all links and streams by which it came since.
     */
    Origin over(Origin inner) {
        String way = stream + "/" + inner.path();
        return new Origin(
                inner.epoch,
                inner.incarnation,
                inner.position,
                inner.through,
                inner.sequence,
                inner.txn,
                inner.flags | flags & (RESENT | PARKED),
                link,
                way.substring(Math.max(0, way.length() - WAY_CHARS_MAX)));
    }

    /**
     * Where the payload of a frame as it was first written begins, from the beginning of the
     * frame's payload: behind as many origins as nodes have pulled it. A payload that ends there is
     * one of a gap.
     *
     * @throws StateReader.Malformed when an origin is not what it should be
     */
    public static int skip(byte[] bytes, int offset, int length) {
        int at = 0;
        while (isAt(bytes, offset + at, length - at)) {
            Origin origin = read(bytes, offset + at, length - at);
            if (origin.isGap()) {
                return length;
            }
            at += origin.payloadOffset();
        }
        return at;
    }

    /** A frame that has this origin: it, and the payload as it came. */
    public byte[] before(byte[] payload) {
        byte[] frame = new byte[writtenBytes() + payload.length];
        ByteBuffer out = ByteBuffer.wrap(frame);
        write(out);
        out.put(payload);
        Check.that(!isGap() || payload.length == 0, "a gap has no payload");
        return frame;
    }
}
