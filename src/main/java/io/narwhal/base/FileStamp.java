package io.narwhal.base;

/**
 * What a directory says of a file.
 *
 * @param sizeBytes its length
 * @param modifiedMicros when it was last changed, µs since 1970, by the clock of whoever keeps it
 */
public record FileStamp(long sizeBytes, long modifiedMicros) {}
