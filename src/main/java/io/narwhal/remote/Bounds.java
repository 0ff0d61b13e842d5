package io.narwhal.remote;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;

import java.io.IOException;

/**
 * How much a message may hold, looked at before any of it is made into objects: a few bytes on the
 * wire can ask for many times their memory.
 */
enum Bounds {
    FROM_AGENT,
    FROM_MANAGER,
    HELLO,
    STREAM,
    OPENED,
    OPEN,
    SAVED,
    DATA,
    LEAF;

    /** Journals in a message. */
    static final int STREAMS_MAX = 1_024;

    /** Writers of one journal. */
    static final int LINEAGE_MAX = 1_024;

    /** Writers of all journals in a message. */
    static final int LINEAGES_MAX = 65_536;

    /** Octets of a name in UTF-8. */
    static final int NAME_BYTES_MAX = 255;

    /** Octets of what is said to people. */
    static final int TEXT_BYTES_MAX = 4_096;

    /** Octets of everything but data. */
    static final int CONTROL_BYTES_MAX = 4 << 20;

    /** Octets of the fields of data, without its frames. */
    static final int DATA_FIELD_BYTES_MAX = 8_192;

    /** Octets of a pull request: its reasons could be given a million times. */
    static final int PULL_REQUEST_BYTES_MAX = 16_384;

    /** Fields of a message, of whatever depth: three for each writer and more. */
    static final int FIELDS_MAX = 4 * LINEAGES_MAX;

    /** Octets of a frame's payload. */
    static final int PAYLOAD_BYTES_MAX = 64 << 20;

    private static final int FRAMES_FIELD = 13;

    private Bounds inside(int field) {
        return switch (this) {
            case FROM_AGENT ->
                    switch (field) {
                        case 1 -> HELLO;
                        case 2 -> OPENED;
                        case 5 -> DATA;
                        default -> LEAF;
                    };
            case FROM_MANAGER -> field == 1 ? OPEN : LEAF;
            case HELLO -> field == 4 ? STREAM : LEAF;
            case OPEN -> field == 5 ? SAVED : LEAF;
            case STREAM, OPENED, SAVED, DATA, LEAF -> LEAF;
        };
    }

    private int bytesMax(int field) {
        return switch (this) {
            case FROM_AGENT ->
                    switch (field) {
                        case 4 -> PULL_REQUEST_BYTES_MAX;
                        case 5 -> Integer.MAX_VALUE;
                        default -> CONTROL_BYTES_MAX;
                    };
            case DATA -> field == FRAMES_FIELD ? Integer.MAX_VALUE : DATA_FIELD_BYTES_MAX;
            case FROM_MANAGER, HELLO, STREAM, OPENED, OPEN, SAVED, LEAF -> CONTROL_BYTES_MAX;
        };
    }

    /** Fields in the message, this level and those within; throws when there are too many. */
    static void check(byte[] message, Bounds level) throws IOException {
        level.walk(CodedInputStream.newInstance(message), 0);
    }

    private int walk(CodedInputStream in, int before) throws IOException {
        int fields = before;
        while (true) {
            int tag = in.readTag();
            if (tag == 0) {
                return fields;
            }
            if (++fields > FIELDS_MAX) {
                throw new IOException("has more than " + FIELDS_MAX + " fields");
            }
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                in.skipField(tag);
                continue;
            }
            int field = WireFormat.getTagFieldNumber(tag);
            int bytes = in.readRawVarint32();
            if (bytes > bytesMax(field)) {
                throw new IOException("has a field of " + bytes + " octets");
            }
            if (inside(field) == LEAF) {
                in.skipRawBytes(bytes);
            } else {
                int outer = in.pushLimit(bytes);
                fields = inside(field).walk(in, fields);
                in.popLimit(outer);
            }
        }
    }
}
