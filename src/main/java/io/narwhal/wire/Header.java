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

    /** sysUpTime, of all but IPFIX: unsigned 32 bits, ms. */
    int uptimeMs;

    /** Time of the export, ms since 1970. */
    long exportMs;

    /** Sampling rate in a v5 header; 0 unknown. */
    long samplingRate;

    /** Bytes of each record, of versions 1, 5 and 7. */
    int recordBytes;

    /** The agent's address in an sFlow header; both 0 when it has none, and of NetFlow. */
    long agentHigh;

    long agentLow;

    long arrivalMs;

    /** Whether it came in a transport session, where only IPFIX is spoken. */
    boolean inSession;

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
        sequence = 0;
        agentHigh = 0;
        agentLow = 0;
        end = at + length;
        if (length < 2) {
            return Structure.malformed(at, "the datagram has " + length + " bytes, no version");
        }
        int version = Wire.u16(bytes, at);
        if (inSession && version != 10) {
            return new Structure.Broken(
                    Reason.UNKNOWN_VERSION,
                    at,
                    "version " + version + " in a session, where only IPFIX (10) is spoken");
        }
        return switch (version) {
            case 0 -> sflow(bytes, at, length);
            case 1 -> v1(bytes, at, length);
            case 5 -> v5(bytes, at, length);
            case 7 -> v7(bytes, at, length);
            case 9 -> v9(bytes, at, length);
            case 10 -> ipfix(bytes, at, length);
            default -> unknown(at, "version " + version);
        };
    }

    private static Structure unknown(int at, String what) {
        return new Structure.Broken(
                Reason.UNKNOWN_VERSION,
                at,
                what + " is none of NetFlow 1, 5, 7, 9, 10 (IPFIX) and sFlow 5");
    }

    private Structure sflow(byte[] bytes, int at, int length) {
        return SflowStructure.isSflow(bytes, at, length)
                ? SflowStructure.header(bytes, at, length, this)
                : unknown(at, "version 0");
    }

    private Structure v1(byte[] bytes, int at, int length) {
        protocol = FlowProtocol.NETFLOW_V1;
        if (length < NetflowV1.HEADER) {
            return tooShort(at, length, NetflowV1.HEADER);
        }
        clocks(bytes, at);
        domain = 0;
        body = at + NetflowV1.HEADER;
        recordBytes = NetflowV1.recordBytes(length, count);
        return records(at, length, NetflowV1.RECORDS_MAX);
    }

    private Structure v7(byte[] bytes, int at, int length) {
        protocol = FlowProtocol.NETFLOW_V7;
        if (length < NetflowV7.HEADER) {
            return tooShort(at, length, NetflowV7.HEADER);
        }
        clocks(bytes, at);
        sequence = Wire.i32(bytes, at + 16);
        domain = 0;
        body = at + NetflowV7.HEADER;
        recordBytes = NetflowV7.RECORD;
        return records(at, length, NetflowV7.RECORDS_MAX);
    }

    /** Count, uptime and time stand at the same places in versions 1, 5 and 7. */
    private void clocks(byte[] bytes, int at) {
        count = Wire.u16(bytes, at + 2);
        uptimeMs = Wire.i32(bytes, at + 4);
        exportMs = inEra(Wire.u32(bytes, at + 8)) * 1000 + Wire.u32(bytes, at + 12) / 1_000_000;
    }

    /** Whether the records announced are a possible number, and there. */
    private Structure records(int at, int length, int max) {
        if (count < 1 || count > max) {
            return Structure.malformed(
                    at + 2,
                    "a " + protocol.label() + " header announces 1 to " + max + ", not " + count);
        }
        if (length < body - at + recordBytes * count) {
            return Structure.malformed(
                    at + 2, count + " records announced do not fit " + length + " bytes");
        }
        return Structure.SOUND;
    }

    private Structure v5(byte[] bytes, int at, int length) {
        protocol = FlowProtocol.NETFLOW_V5;
        if (length < V5_HEADER) {
            return tooShort(at, length, V5_HEADER);
        }
        clocks(bytes, at);
        sequence = Wire.i32(bytes, at + 16);
        domain = Wire.u16(bytes, at + 20);
        samplingRate = Wire.u16(bytes, at + 22) & 0x3fff;
        body = at + V5_HEADER;
        recordBytes = V5_RECORD;
        return records(at, length, V5_RECORDS_MAX);
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
