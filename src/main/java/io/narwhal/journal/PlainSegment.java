package io.narwhal.journal;

import io.narwhal.base.DiskFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A segment as its writer made it: the file is the segment. */
record PlainSegment(Path path, DiskFile file, long base) implements SegmentFile {
    @Override
    public SegmentHeader.Read header() {
        return SegmentHeader.read(file, base);
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public int read(ByteBuffer into, long offset) {
        return file.read(into, offset);
    }

    @Override
    public Place place(long from, long to) {
        return new Place(from, "");
    }

    @Override
    public void close() {
        file.close();
    }
}
