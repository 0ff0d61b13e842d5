package io.narwhal.wire;

import io.narwhal.record.Reason;

/** Header of a datagram; one object, reused for each. */
final class Header {
    static final int V5_HEADER = 24;
    static final int V5_RECORD = 48;
    static final int V5_RECORDS_MAX = 30;
    static final int V9_HEADER = 20;
    static final int IPFIX_HEADER = 16;

    FlowProtocol protocol = FlowProtocol.NETFLOW_V9;
    long domain;
    int sequence;

    /** Records that the header announces; 0 where it announces none (IPFIX). */
    int count;

    /** sysUpTime of v5 and v9: unsigned 32 bits, ms. */
    int uptimeMs;

    /** Time of the export, ms since 1970. */
    long exportMs;

    /** Sampling rate in a v5 header; 0 unknown. */
    long samplingRate;

    long arrivalMs;

    /** The sets are {@code bytes[body..end)}. */
    int body;

    int end;

    private long inEra(long seconds) {
        return TimeForm.inEra(seconds, eraSeconds());
    }

    /**
     * The earliest second that 32 bits of seconds can mean: half their range before the arrival,
     * and not before 1970.
     */
    long eraSeconds() {
        return Math.max(0, arrivalMs / 1000 - (1L << 31));
    }

    /**
     * A time that is 32 bits of milliseconds after the exporter's start, and near the export if
     * they have wrapped (every 49.7 days).
     */
    long sinceInitMs(long initMs, long uptimeMs) {
        long first = initMs + uptimeMs;
        long wraps = Math.floorDiv(exportMs - first + (1L << 31), 1L << 32);
        return uptimeMs <= 0xffff_ffffL && wraps > 0 ? first + (wraps << 32) : first;
    }

    /** Reads the header of {@code bytes[at..at+length)}. */
    Structure read(byte[] bytes, int at, int length) {
        count = 0;
        samplingRate = 0;
        uptimeMs = 0;
        end = at + length;
        if (length < 2) {
            return Structure.malformed(at, "the datagram has " + length + " bytes, no version");
        }
        int version = Wire.u16(bytes, at);
        return switch (version) {
            case 5 -> v5(bytes, at, length);
            case 9 -> v9(bytes, at, length);
            case 10 -> ipfix(bytes, at, length);
            default ->
                    new Structure.Broken(
                            Reason.UNKNOWN_VERSION,
                            at,
                            "version " + version + " is none of 5, 9 and 10 (IPFIX)");
        };
    }

    private Structure v5(byte[] bytes, int at, int length) {
        protocol = FlowProtocol.NETFLOW_V5;
        if (length < V5_HEADER) {
            return tooShort(at, length, V5_HEADER);
        }
        count = Wire.u16(bytes, at + 2);
        uptimeMs = Wire.i32(bytes, at + 4);
        exportMs = inEra(Wire.u32(bytes, at + 8)) * 1000 + Wire.u32(bytes, at + 12) / 1_000_000;
        sequence = Wire.i32(bytes, at + 16);
        domain = Wire.u16(bytes, at + 20);
        samplingRate = Wire.u16(bytes, at + 22) & 0x3fff;
        body = at + V5_HEADER;
        if (count < 1 || count > V5_RECORDS_MAX) {
            return Structure.malformed(at + 2, "a v5 header announces 1 to 30, not " + count);
        }
        if (length < V5_HEADER + V5_RECORD * count) {
            return Structure.malformed(
                    at + 2, count + " records announced do not fit " + length + " bytes");
        }
        return Structure.SOUND;
    }

    private Structure v9(byte[] bytes, int at, int length) {
        protocol = FlowProtocol.NETFLOW_V9;
        if (length < V9_HEADER) {
            return tooShort(at, length, V9_HEADER);
        }
        count = Wire.u16(bytes, at + 2);
        uptimeMs = Wire.i32(bytes, at + 4);
        exportMs = inEra(Wire.u32(bytes, at + 8)) * 1000;
        sequence = Wire.i32(bytes, at + 12);
        domain = Wire.u32(bytes, at + 16);
        body = at + V9_HEADER;
        return Structure.SOUND;
    }

    private Structure ipfix(byte[] bytes, int at, int length) {
        protocol = FlowProtocol.IPFIX;
        if (length < IPFIX_HEADER) {
            return tooShort(at, length, IPFIX_HEADER);
        }
        int announced = Wire.u16(bytes, at + 2);
        exportMs = inEra(Wire.u32(bytes, at + 4)) * 1000;
        sequence = Wire.i32(bytes, at + 8);
        domain = Wire.u32(bytes, at + 12);
        body = at + IPFIX_HEADER;
        if (announced < IPFIX_HEADER || announced > length) {
            return Structure.malformed(
                    at + 2, "a length of " + announced + " in a datagram of " + length + " bytes");
        }
        end = at + announced;
        return Wire.zeros(bytes, end, at + length)
                ? Structure.SOUND
                : Structure.malformed(end, "bytes follow behind the message's own length");
    }

    private Structure tooShort(int at, int length, int wanted) {
        return Structure.malformed(
                at,
                length + " bytes are no " + protocol.label() + " header of " + wanted + " bytes");
    }
}
