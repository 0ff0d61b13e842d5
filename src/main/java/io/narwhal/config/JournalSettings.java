package io.narwhal.config;

/**
 * Size and age of a journal.
 *
 * @param segmentBytes size of one file of the journal
 * @param retentionMs how long data is kept after every reader has acknowledged it
 * @param capacityBytes how large the journal may grow; 0: as large as the disk allows
 * @param compression of segments that every reader has acknowledged
 */
public record JournalSettings(
        long segmentBytes, long retentionMs, long capacityBytes, Compression compression) {
    /** How the segments that are only kept are stored. */
    public enum Compression {
        /** As they were written. */
        NONE,
        /** Compressed, each by itself. */
        ZSTD
    }

    /** Of a journal that is not compressed. */
    public JournalSettings(long segmentBytes, long retentionMs, long capacityBytes) {
        this(segmentBytes, retentionMs, capacityBytes, Compression.NONE);
    }

    /** The same, compressed so. */
    public JournalSettings with(Compression other) {
        return new JournalSettings(segmentBytes, retentionMs, capacityBytes, other);
    }
}
