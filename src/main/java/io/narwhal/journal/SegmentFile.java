package io.narwhal.journal;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A segment as it may be read, whatever form it has on disk. Offsets are those of the plain
 * segment: byte 0 lies at the segment's base position.
 */
sealed interface SegmentFile extends AutoCloseable permits PlainSegment, CompressedSegment {
    /**
     * Where in the file a stretch of the segment is broken.
     *
     * @param fileByte a byte of the file
     * @param what a few words, or nothing when the form itself is whole
     */
    record Place(long fileByte, String what) {
        /** What is wrong at this place, told with what the reader of frames has found. */
        String told(String found) {
            return what.isEmpty() ? found : found + ": " + what;
        }
    }

    /** The file that is read. */
    Path path();

    /** What its first 64 bytes are; they are the same in every form. */
    SegmentHeader.Read header();

    /** Bytes of the segment, not of the file. */
    long size();

    /**
     * Reads into the buffer until it is full or the segment ends. Where the form is damaged it
     * gives zeros, in which no frame is ever found.
     *
     * @return bytes read
     */
    int read(ByteBuffer into, long offset);

    /** Where to look for what is broken between two offsets. */
    Place place(long from, long to);

    @Override
    void close();

    /**
     * Opens the plain form, or the compressed one when that has taken its place. A segment only
     * ever goes from plain to compressed to gone, so looking in this order misses none.
     *
     * @throws DiskFailure when there is neither
     */
    static SegmentFile open(Disk disk, Path directory, long base) {
        Path plain = Segments.file(directory, base);
        Path compressed = Segments.compressed(directory, base);
        if (disk.exists(plain) || !disk.exists(compressed)) {
            try {
                return new PlainSegment(plain, disk.open(plain, Disk.Mode.READ), base);
            } catch (DiskFailure e) {
                if (!disk.exists(compressed)) {
                    throw e;
                }
            }
        }
        return CompressedSegment.open(disk, compressed, base);
    }

    /** Bytes that the segment takes on the disk, in whatever forms are there. */
    static long storedBytes(Disk disk, Path directory, long base) {
        return storedBytes(disk, Segments.file(directory, base))
                + storedBytes(disk, Segments.compressed(directory, base));
    }

    private static long storedBytes(Disk disk, Path path) {
        if (!disk.exists(path)) {
            return 0;
        }
        try (DiskFile file = disk.open(path, Disk.Mode.READ)) {
            return file.size();
        }
    }
}
