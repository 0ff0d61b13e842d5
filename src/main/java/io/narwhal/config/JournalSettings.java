package io.narwhal.config;

/**
 * Size and age of a journal.
 *
 * @param segmentBytes size of one file of the journal
 * @param retentionMs how long data is kept after every reader has acknowledged it
 * @param capacityBytes how large the journal may grow; 0: as large as the disk allows
 */
public record JournalSettings(long segmentBytes, long retentionMs, long capacityBytes) {}
