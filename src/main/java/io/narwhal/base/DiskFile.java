package io.narwhal.base;

import java.nio.ByteBuffer;

/** An open file. Reads and writes name their place; there is no current position. */
public interface DiskFile extends AutoCloseable {
    /**
     * Reads into the buffer from {@code position} until it is full or the file ends.
     *
     * @return bytes read; 0 at or past the end
     */
    int read(ByteBuffer into, long position);

    /** Writes all that remains in the buffer at {@code position}, extending the file as needed. */
    void write(ByteBuffer from, long position);

    /**
     * Makes all that was written durable. After a failure the data counts as unsaved: it is never
     * retried on the same file.
     */
    void force();

    /** Cuts the file to this size. */
    void truncate(long sizeBytes);

    /** Bytes in the file. */
    long size();

    @Override
    void close();
}
