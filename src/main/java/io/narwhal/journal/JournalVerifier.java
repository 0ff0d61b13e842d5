package io.narwhal.journal;

import io.narwhal.base.Disk;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Checks every byte of a journal without changing any. A writer may be at work meanwhile: what it
 * is just appending counts as torn.
 */
public final class JournalVerifier implements SegmentScan.Visitor {
    private record Stretch(long from, long to) {}

    private final Disk disk;
    private final Path directory;
    private final FrameWindow window = new FrameWindow();
    private final List<Verified.Finding> findings = new ArrayList<>();

    /** Of the segment that is walked: decided on when its end is known. */
    private final List<Stretch> invalid = new ArrayList<>();

    private @Nullable SegmentFile current;
    private long promised;
    private long journalId;
    private long base;
    private long frames;
    private long items;
    private long bytes;
    private long tornBytes;
    private long lastSequence;
    private boolean sequenceKnown;
    private long forcedMax;

    private JournalVerifier(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** Checks the journal in this directory. */
    public static Verified verify(Disk disk, Path directory) {
        return new JournalVerifier(disk, directory).verify();
    }

    private Verified verify() {
        if (!disk.exists(directory)) {
            return found(0, directory, 0, "no such directory");
        }
        promised =
                Math.max(
                        Pages.peek(disk, directory, Pages.PUBLISHED),
                        Pages.highestAck(disk, directory));
        List<Long> bases = Segments.bases(disk, directory);
        names();
        long end = 0;
        for (int i = 0; i < bases.size(); i++) {
            boolean last = i + 1 == bases.size();
            end = segment(bases.get(i), last ? Long.MAX_VALUE : bases.get(i + 1));
        }
        if (promised > Math.max(end, SegmentHeader.BYTES)) {
            Path file = bases.isEmpty() ? directory : Segments.file(directory, bases.getLast());
            long at = bases.isEmpty() ? 0 : end - bases.getLast();
            return found(
                    bases.size(),
                    file,
                    at,
                    "the journal ends at position " + end + ", but " + promised + " was promised");
        }
        return result(bases.size());
    }

    private void names() {
        for (String name : disk.list(directory)) {
            boolean segment =
                    name.endsWith(Segments.SUFFIX) || name.endsWith(Segments.COMPRESSED_SUFFIX);
            if (segment && Segments.base(name) < 0) {
                finding(directory.resolve(name), 0, "not the name of a segment");
            }
        }
    }

    /** Checks one segment; the position of its physical end. */
    private long segment(long segment, long next) {
        base = segment;
        invalid.clear();
        forcedMax = 0;
        try (var file = SegmentFile.open(disk, directory, base)) {
            current = file;
            bytes += SegmentFile.storedBytes(disk, directory, base);
            return segment(file, next);
        }
    }

    private long segment(SegmentFile file, long next) {
        Path path = file.path();
        long framesBefore = frames;
        SegmentHeader.Read read = header(file);
        long end = SegmentScan.walk(file, base, next, window, this);
        boolean last = next == Long.MAX_VALUE;
        switch (read) {
            case SegmentHeader.Read.Intact _ -> {}
            case SegmentHeader.Read.Broken(var what) -> {
                if (last && frames == framesBefore && promised <= base) {
                    tornBytes += end - base;
                    return end;
                }
                finding(path, 0, what);
            }
        }
        form(file);
        stretches(file, last ? Math.max(promised, forcedMax) : next);
        if (!last && end < next) {
            sequenceKnown = false;
            finding(path, byteOf(end), "ends here, but the next segment begins at " + next);
        } else if (end > next) {
            finding(path, byteOf(next), "runs over the beginning of the next segment, " + next);
        }
        return end;
    }

    private SegmentHeader.Read header(SegmentFile file) {
        SegmentHeader.Read read = file.header();
        Path path = file.path();
        if (read instanceof SegmentHeader.Read.Intact(var header)) {
            if (journalId != 0 && header.journalId() != journalId) {
                finding(path, 16, "belongs to another journal than the segments before it");
            }
            journalId = header.journalId();
            sequence(path, () -> 32, header.firstSequence());
            lastSequence = header.firstSequence() - 1;
            sequenceKnown = true;
        }
        return read;
    }

    /** Checks the compressed form by itself, also while the plain one is still beside it. */
    private void form(SegmentFile file) {
        switch (file) {
            case CompressedSegment compressed -> form(compressed);
            case PlainSegment _ -> {
                Path other = Segments.compressed(directory, base);
                if (disk.exists(other)) {
                    try (var compressed = CompressedSegment.open(disk, other, base)) {
                        form(compressed);
                    }
                }
            }
        }
    }

    private void form(CompressedSegment file) {
        for (SegmentFile.Place place : file.problems()) {
            finding(file.path(), place.fileByte(), place.what());
        }
    }

    private long byteOf(long position) {
        return open().place(position - base, position - base + 1).fileByte();
    }

    private SegmentFile open() {
        return Objects.requireNonNull(current, "a segment is checked while it is open");
    }

    private void stretches(SegmentFile file, long floor) {
        for (Stretch stretch : invalid) {
            SegmentFile.Place place = file.place(stretch.from - base, stretch.to - base);
            if (stretch.from >= floor) {
                tornBytes += stretch.to - stretch.from;
            } else if (place.what().isEmpty()) {
                finding(
                        file.path(),
                        place.fileByte(),
                        "no valid frame in " + (stretch.to - stretch.from) + " bytes");
            }
            // Otherwise the form of the file was found broken there, and told.
        }
    }

    @Override
    public void frame(long at, int totalBytes, FrameWindow frame) {
        frames++;
        items += Integer.toUnsignedLong(frame.items());
        forcedMax = Math.max(forcedMax, frame.forced());
        sequence(open().path(), () -> byteOf(at + Frames.SEQUENCE_AT), frame.sequence());
        lastSequence = frame.sequence();
        sequenceKnown = true;
    }

    @Override
    public void invalid(long from, long to) {
        invalid.add(new Stretch(from, to));
        sequenceKnown = false;
    }

    /** Behind damage a sequence may jump forward, never back. */
    private void sequence(Path path, LongSupplier at, long sequence) {
        if (sequenceKnown ? sequence != lastSequence + 1 : sequence <= lastSequence) {
            finding(path, at.getAsLong(), "sequence " + sequence + " follows " + lastSequence);
        }
    }

    private void finding(Path file, long at, String what) {
        findings.add(new Verified.Finding(file, at, what));
    }

    private Verified found(int segments, Path file, long at, String what) {
        finding(file, at, what);
        return result(segments);
    }

    private Verified result(int segments) {
        return new Verified(segments, frames, items, bytes, tornBytes, findings);
    }
}
