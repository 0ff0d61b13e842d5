package io.narwhal.journal;

import io.narwhal.base.Disk;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Frames that were published after the writer's checkpoint, against which the ones that it computes
 * again are held.
 */
final class Comparison implements AutoCloseable {
    private final Disk disk;
    private final Path directory;
    private final List<Long> bases;
    private final long until;
    private final FrameWindow window = new FrameWindow();
    private @Nullable SegmentFile file;
    private long segmentEnd;
    private long at;

    Comparison(Disk disk, Path directory, List<Long> bases, long from, long until) {
        this.disk = disk;
        this.directory = directory;
        this.bases = List.copyOf(bases);
        this.until = until;
        at = from;
    }

    boolean isDone() {
        return at >= until;
    }

    /**
     * Holds the next published frame against this payload.
     *
     * @return the position behind the frame
     * @throws JournalDiverged when they differ
     */
    long check(ByteBuffer payload, int items) {
        enter();
        int total = window.frameAt(at, Math.min(until, segmentEnd));
        if (total == 0) {
            throw new JournalDiverged(directory, at, "the published frame is damaged");
        }
        if (window.payloadLength() != payload.remaining()) {
            throw diverged("payload bytes", window.payloadLength(), payload.remaining());
        }
        if (window.items() != items) {
            throw diverged("items", window.items(), items);
        }
        if (!window.payloadEquals(payload)) {
            throw new JournalDiverged(directory, at, "same length, other bytes");
        }
        at += total;
        return at;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private JournalDiverged diverged(String unit, int published, int computed) {
        return new JournalDiverged(
                directory, at, published + " " + unit + " published, " + computed + " computed");
    }

    private void enter() {
        if (file != null && at < segmentEnd) {
            return;
        }
        close();
        long base = Segments.containing(bases, at);
        segmentEnd = Segments.after(bases, base);
        SegmentFile entered = SegmentFile.open(disk, directory, base);
        file = entered;
        window.over(entered, base);
        at = Math.max(at, base + SegmentHeader.BYTES);
    }
}
