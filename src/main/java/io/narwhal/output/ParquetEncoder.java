package io.narwhal.output;

import io.narwhal.record.UsageRows;

/**
 * Turns the rows of one frame into the bytes of one Parquet file; columns: docs/formats/ledger.md.
 */
public interface ParquetEncoder {
    /**
     * Encodes the rows. The same rows give a file with the same content each time, though another
     * release may choose other bytes for it.
     *
     * @param frameSequence sequence of the frame in the usage journal, written into every row
     * @throws io.narwhal.base.DiskFull when the work directory has no room
     * @throws LedgerFailure when the rows cannot be expressed
     */
    byte[] encode(long frameSequence, UsageRows rows);
}
