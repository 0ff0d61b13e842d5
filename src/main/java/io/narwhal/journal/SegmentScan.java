package io.narwhal.journal;

import io.narwhal.base.Disk;

import java.nio.file.Path;

/** Walks over all frames of one segment as they lie on disk, published or not. */
final class SegmentScan {
    /** What the walk meets, in the order of positions. */
    interface Visitor {
        /** A valid frame of this many bytes; the window speaks of it. */
        void frame(long at, int totalBytes, FrameWindow window);

        /** A stretch without a valid frame. */
        void invalid(long from, long to);
    }

    private SegmentScan() {}

    /**
     * Walks from behind the header to {@code limit} or the physical end.
     *
     * @return the position of the physical end of the file
     */
    static long walk(
            Disk disk, Path directory, long base, long limit, FrameWindow window, Visitor visitor) {
        try (var file = SegmentFile.open(disk, directory, base)) {
            return walk(file, base, limit, window, visitor);
        }
    }

    /** As above, over a segment that is open. */
    static long walk(SegmentFile file, long base, long limit, FrameWindow window, Visitor visitor) {
        long end = base + file.size();
        window.over(file, base);
        walk(base + SegmentHeader.BYTES, Math.min(end, limit), window, visitor);
        return end;
    }

    private static void walk(long from, long end, FrameWindow window, Visitor visitor) {
        long at = from;
        while (at < end) {
            int total = window.frameAt(at, end);
            if (total > 0) {
                visitor.frame(at, total, window);
                at += total;
            } else {
                long next = window.search(at + 1, end);
                visitor.invalid(at, next < 0 ? end : next);
                at = next < 0 ? end : next;
            }
        }
    }
}
