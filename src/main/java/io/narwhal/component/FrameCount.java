package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;

/**
 * How many records a frame has, by the headers alone: what an agent tells its managers that it
 * holds. Flow records by the count of NetFlow v1, v5, v7 and v9 (there templates and options count,
 * too); samples of sFlow; of IPFIX, which has no count, one for each 48 octets of a message behind
 * its header, at least one; requests and lines one each; usage rows as the journal has it. What is
 * none of these counts as one record.
 */
final class FrameCount {
    private static final int IPFIX_HEADER_BYTES = 16;
    private static final int IPFIX_RECORD_BYTES = 48;
    private static final int SFLOW_VERSION = 5;
    private static final int SFLOW_SAMPLES_AT_IPV4 = 24;
    private static final int SFLOW_SAMPLES_AT_IPV6 = 36;
    private static final int ADDRESS_IPV6 = 2;
    private static final int RECORDS_MAX = 65_535;

    private final ReceivedBlock block = new ReceivedBlock();
    private long arrivalMicros;

    /** When the frame came that was counted last; 0 where it does not say. */
    long arrivalMicros() {
        return arrivalMicros;
    }

    /** Records of a frame of usage. */
    long ofUsage(int items) {
        arrivalMicros = 0;
        return items;
    }

    /** Records of a frame of what was received. */
    long ofReceived(byte[] bytes, int offset, int length) {
        arrivalMicros = 0;
        try {
            int header =
                    Origin.isAt(bytes, offset, length)
                            ? Origin.read(bytes, offset, length).writtenBytes()
                            : 0;
            return length == header ? 0 : block(bytes, offset + header, length - header);
        } catch (StateReader.Malformed _) {
            return 1;
        }
    }

    private long block(byte[] bytes, int offset, int length) {
        block.read(bytes, offset, length);
        arrivalMicros = block.arrivalMicros();
        if (!block.kind().isData()) {
            return 0;
        }
        long records = 0;
        while (block.next()) {
            records +=
                    switch (block.kind()) {
                        case DATAGRAMS -> datagram(bytes, block.offset(), block.length());
                        case REQUESTS -> block.isRefusal() ? 0 : 1;
                        case LINES -> block.isFileMark() ? 0 : 1;
                        case TICK, CLOSE, SESSION_BEGAN, SESSION_ENDED -> 0;
                    };
        }
        return records;
    }

    private static long datagram(byte[] bytes, int at, int length) {
        if (length < 4) {
            return 1;
        }
        int version = (bytes[at] & 255) << 8 | bytes[at + 1] & 255;
        int second = (bytes[at + 2] & 255) << 8 | bytes[at + 3] & 255;
        return switch (version) {
            case 1, 5, 7, 9 -> second;
            case 10 ->
                    Math.max(
                            1,
                            (Math.min(second, length) - IPFIX_HEADER_BYTES) / IPFIX_RECORD_BYTES);
            case 0 -> second == SFLOW_VERSION ? samples(bytes, at, length) : 1;
            default -> 1;
        };
    }

    private static long samples(byte[] bytes, int at, int length) {
        boolean isIpv6 = length > 7 && bytes[at + 7] == ADDRESS_IPV6;
        int countAt = isIpv6 ? SFLOW_SAMPLES_AT_IPV6 : SFLOW_SAMPLES_AT_IPV4;
        if (length < countAt + 4) {
            return 1;
        }
        long samples = 0;
        for (int i = 0; i < 4; i++) {
            samples = samples << 8 | bytes[at + countAt + i] & 255;
        }
        return Math.min(samples, RECORDS_MAX);
    }
}
