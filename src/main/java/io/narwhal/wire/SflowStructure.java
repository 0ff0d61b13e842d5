package io.narwhal.wire;

import static io.narwhal.wire.Sflow.OPAQUE_HEADER;

import io.narwhal.record.Addresses;

/**
 * Whether an sFlow datagram holds together: header, samples, their records, and the lengths within
 * the records that we read. Found out before any of it is used, so that a malformed datagram leaves
 * no trace (R6).
 *
 * <p>Every count is held against the bytes that are left before it is believed, and each step of a
 * loop takes at least 4 bytes, so the time is bounded by the length of the datagram. Bytes behind
 * what we know of a sample or record are skipped, as the standard asks: structures may grow.
 */
final class SflowStructure {
    private SflowStructure() {}

    /** Whether these bytes begin with the version, which has 32 bits. */
    static boolean isSflow(byte[] bytes, int at, int length) {
        return length >= 4 && Wire.i32(bytes, at) == 5;
    }

    /** Reads the header of {@code bytes[at..at+length)}, whose version was found to be 5. */
    static Structure header(byte[] bytes, int at, int length, Header header) {
        header.protocol = FlowProtocol.SFLOW;
        header.agentHigh = 0;
        header.agentLow = 0;
        if (length < Sflow.HEADER_MIN) {
            return tooShort(at, length);
        }
        int addressBytes = Sflow.addressBytes(Wire.u32(bytes, at + 4));
        if (addressBytes < 0) {
            return Structure.malformed(
                    at + 4, "an agent address of type " + Wire.u32(bytes, at + 4));
        }
        if (length < Sflow.HEADER_MIN + addressBytes) {
            return tooShort(at, length);
        }
        agent(bytes, at + 8, addressBytes, header);
        int p = at + 8 + addressBytes;
        header.domain = Wire.u32(bytes, p);
        header.sequence = Wire.i32(bytes, p + 4);
        header.uptimeMs = Wire.i32(bytes, p + 8);
        header.exportMs = header.arrivalMs; // sFlow knows no wall clock
        header.body = p + 16;
        long samples = Wire.u32(bytes, p + 12);
        if (samples > (header.end - header.body) / OPAQUE_HEADER) {
            return Structure.malformed(
                    p + 12, samples + " samples announced do not fit " + length + " bytes");
        }
        header.count = (int) samples;
        return Structure.SOUND;
    }

    private static Structure tooShort(int at, int length) {
        return Structure.malformed(at, length + " bytes are no sFlow header");
    }

    private static void agent(byte[] bytes, int at, int addressBytes, Header header) {
        if (addressBytes == 4) {
            int bits = Wire.i32(bytes, at);
            header.agentLow = bits == 0 ? 0 : Addresses.ofIpv4(bits);
        } else if (addressBytes == 16) {
            header.agentHigh = Wire.i64(bytes, at);
            header.agentLow = Wire.i64(bytes, at + 8);
        }
    }

    /** Checks all samples of a datagram whose header was read. */
    static Structure samples(byte[] bytes, Header header) {
        int p = header.body;
        for (int left = header.count; left > 0; left--) {
            if (!fits(bytes, p, header.end)) {
                return lies(p, "a sample", header.end);
            }
            int end = p + OPAQUE_HEADER + Wire.i32(bytes, p + 4);
            Structure sample = sample(bytes, Wire.i32(bytes, p), p + OPAQUE_HEADER, end);
            if (sample != Structure.SOUND) {
                return sample;
            }
            p = next(bytes, p);
        }
        return Structure.SOUND;
    }

    /** Whether what begins at {@code at} with its format and length, padded, ends by then. */
    private static boolean fits(byte[] bytes, int at, int end) {
        return end - at >= OPAQUE_HEADER
                && Sflow.padded(Wire.u32(bytes, at + 4)) <= end - at - OPAQUE_HEADER;
    }

    /** Where what follows the sample or record at {@code at} begins; it was checked. */
    static int next(byte[] bytes, int at) {
        return at + OPAQUE_HEADER + (int) Sflow.padded(Wire.u32(bytes, at + 4));
    }

    private static Structure lies(int at, String what, int end) {
        return Structure.malformed(
                at, what + " does not fit the " + Math.max(0, end - at) + " bytes that are left");
    }

    /** Enterprise 0 stands in the upper 20 bits of a format. */
    private static Structure sample(byte[] bytes, int format, int from, int end) {
        int head = Sflow.headBytes(format);
        if (head == 0) {
            return Structure.SOUND;
        }
        if (end - from < head) {
            return lies(from, "a sample of format " + format, end);
        }
        int p = from + head;
        long records = Wire.u32(bytes, p - 4);
        if (records > (end - p) / OPAQUE_HEADER) {
            return Structure.malformed(
                    p - 4, records + " records announced do not fit their sample");
        }
        boolean counters = Sflow.isCounter(format);
        for (int left = (int) records; left > 0; left--) {
            if (!fits(bytes, p, end)) {
                return lies(p, "a record", end);
            }
            int to = p + OPAQUE_HEADER + Wire.i32(bytes, p + 4);
            if (!counters && !isSound(bytes, Wire.i32(bytes, p), p + OPAQUE_HEADER, to)) {
                return Structure.malformed(
                        p, "a flow record of format " + Wire.i32(bytes, p) + " that is too short");
            }
            p = next(bytes, p);
        }
        return Structure.SOUND;
    }

    private static boolean isSound(byte[] bytes, int format, int from, int to) {
        int length = to - from;
        return switch (format) {
            case Sflow.RAW_HEADER -> length >= 16 && Wire.u32(bytes, from + 12) <= length - 16;
            case Sflow.ETHERNET_FRAME -> length >= 20;
            case Sflow.SAMPLED_IPV4 -> length >= 32;
            case Sflow.SAMPLED_IPV6 -> length >= 56;
            case Sflow.EXTENDED_SWITCH -> length >= 16;
            case Sflow.EXTENDED_ROUTER ->
                    addressEnd(bytes, from, to) >= 0 && to - addressEnd(bytes, from, to) >= 8;
            case Sflow.EXTENDED_GATEWAY -> isGateway(bytes, from, to);
            case Sflow.EXTENDED_USER -> isUser(bytes, from, to);
            default -> true;
        };
    }

    /** Where the address at {@code at} ends; −1 when it does not by {@code to}. */
    static int addressEnd(byte[] bytes, int at, int to) {
        if (to - at < 4) {
            return -1;
        }
        int length = Sflow.addressBytes(Wire.u32(bytes, at));
        return length < 0 || to - at - 4 < length ? -1 : at + 4 + length;
    }

    private static boolean isGateway(byte[] bytes, int from, int to) {
        int p = addressEnd(bytes, from, to);
        if (p < 0 || to - p < 16) {
            return false;
        }
        long segments = Wire.u32(bytes, p + 12);
        p += 16;
        for (; segments > 0; segments--) {
            if (to - p < 8 || Wire.u32(bytes, p + 4) > (to - p - 8) / 4) {
                return false;
            }
            p += 8 + 4 * Wire.i32(bytes, p + 4);
        }
        // The communities, and the local preference behind them.
        return to - p >= 8 && Wire.u32(bytes, p) <= (to - p - 8) / 4;
    }

    private static boolean isUser(byte[] bytes, int from, int to) {
        int source = textEnd(bytes, from + 4, to);
        return source >= 0 && textEnd(bytes, source + 4, to) >= 0;
    }

    /** Where the opaque at {@code at} ends, padded; −1 when it does not by {@code to}. */
    static int textEnd(byte[] bytes, int at, int to) {
        if (to - at < 4) {
            return -1;
        }
        long length = Sflow.padded(Wire.u32(bytes, at));
        return length > to - at - 4 ? -1 : at + 4 + (int) length;
    }
}
