package io.narwhal.base;

/**
 * A small file used as memory that several processes share. Offsets are in bytes and, for {@code
 * long}s, multiples of 8. Every access is ordered as a volatile one.
 */
public interface SharedPage extends AutoCloseable {
    /** Reads the 8 bytes at this offset. */
    long getLong(int offset);

    /** Writes 8 bytes at this offset, seen by all processes at once. */
    void putLong(int offset, long value);

    /** Copies bytes out; not atomic against a writer. */
    byte[] getBytes(int offset, int length);

    /** Copies bytes in; not atomic against a reader. */
    void putBytes(int offset, byte[] bytes);

    /** Size in bytes. */
    int size();

    @Override
    void close();
}
