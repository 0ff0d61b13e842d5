package io.narwhal.journal;

/**
 * A place in one particular journal, as a checkpoint names it.
 *
 * @param journalId 0 when the journal is not known yet
 * @param position byte offset in the whole journal; 0 = its beginning
 */
public record JournalPosition(long journalId, long position) {
    /** Where the first frame of a journal lies, behind the first segment's header. */
    public static final long FIRST_FRAME = SegmentHeader.BYTES;

    /** Of a component that has no checkpoint yet. */
    public static final JournalPosition BEGINNING = new JournalPosition(0, 0);
}
