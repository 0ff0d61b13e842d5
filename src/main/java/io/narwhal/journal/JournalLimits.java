package io.narwhal.journal;

import io.narwhal.base.Check;

/**
 * The bounds of one journal.
 *
 * @param segmentBytes a segment is not begun another frame in when it would grow beyond this;
 *     default 128 MiB
 * @param frameBytesMax largest payload of a frame; default 8 MiB, at most 64 MiB
 * @param capacityBytes all segments together are not grown beyond this; 0 (default) = unlimited
 * @param retentionMs a segment is kept this long after the next one was begun, however early it was
 *     acknowledged; default 0 = not longer than its readers need it
 */
public record JournalLimits(
        long segmentBytes, int frameBytesMax, long capacityBytes, long retentionMs) {
    /** What a configuration that names no limits gets. */
    public static final JournalLimits DEFAULT = new JournalLimits(128L << 20, 8 << 20, 0, 0);

    /** Checks that the largest frame fits a segment and the largest segment the capacity. */
    public JournalLimits {
        Check.that(
                frameBytesMax > 0 && frameBytesMax <= Frames.PAYLOAD_BYTES_MAX,
                "the frame limit lies between 1 and %d bytes, not %d",
                Frames.PAYLOAD_BYTES_MAX,
                frameBytesMax);
        long least = SegmentHeader.BYTES + Frames.totalBytes(frameBytesMax);
        Check.that(
                segmentBytes >= least,
                "a segment holds the largest frame: at least %d bytes, not %d",
                least,
                segmentBytes);
        Check.that(
                capacityBytes == 0 || capacityBytes >= least,
                "the capacity is 0 or holds the largest frame: at least %d bytes, not %d",
                least,
                capacityBytes);
        Check.that(retentionMs >= 0, "the retention is not negative");
    }
}
