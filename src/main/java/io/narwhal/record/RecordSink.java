package io.narwhal.record;

/**
 * Takes blocks of records, one after the other. The block is only lent: it is cleared afterwards.
 */
@FunctionalInterface
public interface RecordSink {
    /** Takes all records of this block. */
    void onBlock(RecordBlock block);
}
