package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/**
 * A data set that waits for its template, with what its datagram's header said.
 *
 * @param records records that it was booked with: at least so many
 * @param epoch resets of the exporter's sequence before it came
 * @param atByte where in its datagram the set began
 * @param body the set without its header
 * @param print by which its copy on another path is known; 0 where there is no other path
 * @param isCopy whether another path had supplied its datagram
 */
record Held(
        int templateId,
        long exportMs,
        int uptimeMs,
        int sequence,
        int epoch,
        long arrivalMs,
        int records,
        int atByte,
        byte[] body,
        long print,
        boolean isCopy) {
    static final int SNAPSHOT_BYTES_MIN = 44;

    /**
     * What a set of so many bytes costs us, its own objects included, if no other waits for the
     * same template: many small ones count too.
     */
    static long cost(int bodyBytes) {
        return 208L + bodyBytes;
    }

    /** Gives a header the context of this set. */
    void into(Header header, FlowProtocol protocol) {
        header.protocol = protocol;
        header.exportMs = exportMs;
        header.uptimeMs = uptimeMs;
        header.sequence = sequence;
        header.arrivalMs = arrivalMs;
    }

    void snapshot(StateWriter out) {
        out.putInt(templateId).putLong(exportMs).putInt(uptimeMs).putInt(sequence).putInt(epoch);
        out.putLong(arrivalMs).putInt(records).putInt(atByte).putBytes(body);
        out.putLong(print).putBoolean(isCopy);
    }

    static Held restore(StateReader in, boolean knowsPaths) {
        return new Held(
                in.getInt(),
                in.getLong(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getLong(),
                in.getInt(),
                in.getInt(),
                in.getBytes(),
                knowsPaths ? in.getLong() : 0,
                knowsPaths && in.getBoolean());
    }
}
