package io.narwhal.journal;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;
import io.narwhal.base.SharedPage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Finds where a writer goes on, and takes away what was never promised. The rules, with their
 * reasons, are in docs/formats/journal.md, "Recovery".
 */
final class Recovery {
    /** A segment that is part of the journal, and the bytes that it takes on the disk. */
    record Segment(long base, long createdMicros, long bytes) {}

    /**
     * Where the writer goes on.
     *
     * @param segments all of them; the last is the one appended to
     * @param end the journal's end
     * @param resumeAt where the caller's next frame belongs; before {@code end} when published
     *     frames are computed again
     * @param nextSequence of the caller's next frame
     */
    record Ready(
            long journalId,
            List<Segment> segments,
            long end,
            long resumeAt,
            long nextSequence,
            Recovered recovered) {}

    private record Stretch(long from, long to, long sequenceBefore) {}

    private final Disk disk;
    private final Clock clock;
    private final Path directory;
    private final SharedPage page;
    private final LongSupplier newJournalId;
    private final FrameWindow window = new FrameWindow();
    private final List<Long> bases;
    private final Map<Long, SegmentHeader.Read> headers = new TreeMap<>();
    private final List<Path> kept = new ArrayList<>();
    private final List<Damage> damage = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long journalId;

    /** No reader was ever told of anything behind this, as far as is known. */
    private long promised;

    /** Known to have been forced. */
    private long forcedFloor;

    private long cutFrom = -1;
    private long cutBytes;

    Recovery(Disk disk, Clock clock, Path directory, SharedPage page, LongSupplier newJournalId) {
        this.disk = disk;
        this.clock = clock;
        this.directory = directory;
        this.page = page;
        this.newJournalId = newJournalId;
        // A killed process may have left names that no one has made durable: what is decided on
        // below must not come back, or vanish, at a later power cut.
        disk.forceDirectory(directory);
        this.bases = Segments.bases(disk, directory);
        promised = Math.max(Math.max(0, page.getLong(0)), Pages.highestAck(disk, directory));
        for (long base : bases) {
            try (var file = SegmentFile.open(disk, directory, base)) {
                headers.put(base, file.header());
            }
        }
        refuseCopiesOfTheLast();
        adoptId();
    }

    /** For a writer whose frames cannot be computed again: all that is valid stays. */
    Ready atEnd() {
        dropUnborn();
        if (bases.isEmpty()) {
            return created();
        }
        requireId();
        reportGaps();
        long last = bases.getLast();
        var tail = new Tail(sequenceBefore(last));
        long physicalEnd = SegmentScan.walk(disk, directory, last, Long.MAX_VALUE, window, tail);
        long floor = Math.max(Math.max(promised, forcedFloor), tail.forcedMax);
        boolean compressed = isCompressed(last);
        if (compressed) {
            floor = Math.max(floor, physicalEnd); // it was closed, so all of it was forced
        }
        boolean broken = reportHeader(last);
        for (Stretch stretch : tail.invalid) {
            if (stretch.from >= floor && !broken) {
                cutTail(last, stretch.from, physicalEnd);
                return ready(stretch.from, stretch.from, stretch.sequenceBefore + 1, false);
            }
            reportStretch(last, stretch.from, stretch.to, "no valid frame");
        }
        boolean damagedTail = !tail.invalid.isEmpty() && tail.invalid.getLast().to == physicalEnd;
        if (physicalEnd < floor) {
            reportStretch(last, physicalEnd, floor, "the file ends before what was promised");
        }
        if (broken || damagedTail || physicalEnd < floor) {
            return behind(Frames.align(Math.max(physicalEnd, floor)), tail.lastSequence);
        }
        if (compressed) {
            // Only damage takes the segment behind it away. Nothing is written into it again.
            newSegment(physicalEnd, tail.lastSequence + 1);
            long first = physicalEnd + SegmentHeader.BYTES;
            return ready(first, first, tail.lastSequence + 1, false);
        }
        return ready(physicalEnd, physicalEnd, tail.lastSequence + 1, false);
    }

    /** For a writer that computes everything behind its checkpoint again. */
    Ready at(JournalPosition wanted) {
        promised = Math.max(promised, wanted.position());
        requirePlain();
        dropUnborn();
        if (bases.isEmpty()) {
            if (wanted.journalId() != 0) {
                throw mismatch(
                        "the checkpoint names position "
                                + wanted.position()
                                + " of a journal whose segments are gone. Put them back, or reset"
                                + " the component");
            }
            return created();
        }
        requireId();
        if (wanted.journalId() != 0 && wanted.journalId() != journalId) {
            throw mismatch(
                    String.format(
                            "its id is %016x, but the checkpoint belongs to journal %016x. Put the"
                                    + " right segments back, or reset the component",
                            journalId, wanted.journalId()));
        }
        reportGaps();
        return new Resumption(normalised(wanted.position())).resume();
    }

    /** The walk over everything behind the writer's checkpoint. */
    private final class Resumption implements SegmentScan.Visitor {
        private final long from;
        private long nextSequence;
        private boolean sequenceKnown;
        private long validEnd = -1;
        private long walked;

        Resumption(long from) {
            this.from = from;
        }

        Ready resume() {
            int first = Math.max(0, bases.indexOf(Segments.containing(bases, from - 1)));
            long physicalEnd = 0;
            nextSequence = sequenceBefore(bases.get(first)) + 1;
            sequenceKnown = headers.get(bases.get(first)) instanceof SegmentHeader.Read.Intact;
            for (int i = first; i < bases.size(); i++) {
                physicalEnd = walk(bases.get(i));
            }
            if (validEnd < 0) {
                validEnd = physicalEnd;
            }
            if (!sequenceKnown) {
                nextSequence = sequenceBound(from);
            }
            long end = Math.min(validEnd, Math.max(promised, from));
            if (page.getLong(0) > end) {
                page.putLong(0, end);
                notes.add("published position set back to " + end + " until computed again");
            }
            cutBehind(end, validEnd < physicalEnd);
            return ready(end, from, nextSequence, false);
        }

        private long walk(long base) {
            walked = base;
            long next = Segments.after(bases, base);
            long physicalEnd = SegmentScan.walk(disk, directory, base, next, window, this);
            if (physicalEnd < from && next != from) {
                throw mismatch(
                        "the checkpoint names position "
                                + from
                                + ", but "
                                + Segments.name(base)
                                + " ends at "
                                + physicalEnd
                                + ". Run: narwhal journal verify "
                                + directory);
            }
            if (next == Long.MAX_VALUE) {
                return physicalEnd;
            }
            if (physicalEnd < next && physicalEnd >= from) {
                ends(physicalEnd);
            }
            if (headers.get(next) instanceof SegmentHeader.Read.Broken) {
                ends(next);
            }
            return next;
        }

        private void ends(long at) {
            if (validEnd < 0) {
                validEnd = at;
            }
        }

        @Override
        public void frame(long at, int totalBytes, FrameWindow frame) {
            if (at < from && at + totalBytes > from) {
                throw mismatch(
                        "the checkpoint names position "
                                + from
                                + ", which lies within the frame at "
                                + at
                                + ": it belongs to another journal. Reset the component");
            }
            if (at + totalBytes <= from) {
                nextSequence = frame.sequence() + 1;
                sequenceKnown = true;
            } else if (!sequenceKnown && validEnd < 0) {
                nextSequence = frame.sequence();
                sequenceKnown = true;
            }
        }

        @Override
        public void invalid(long start, long to) {
            if (start < from) {
                reportStretch(walked, start, Math.min(to, from), "no valid frame");
                sequenceKnown = false;
            }
            if (to > from) {
                ends(Math.max(start, from));
            }
        }
    }

    /** What the scan of the last segment finds. */
    private static final class Tail implements SegmentScan.Visitor {
        private final List<Stretch> invalid = new ArrayList<>();
        private long lastSequence;
        private long forcedMax;

        Tail(long lastSequence) {
            this.lastSequence = lastSequence;
        }

        @Override
        public void frame(long at, int totalBytes, FrameWindow frame) {
            lastSequence = frame.sequence();
            forcedMax = Math.max(forcedMax, frame.forced());
        }

        @Override
        public void invalid(long from, long to) {
            invalid.add(new Stretch(from, to, lastSequence));
        }
    }

    /** The last segment may grow from here on, and a copy that was made of it would be stale. */
    private void refuseCopiesOfTheLast() {
        boolean found = false;
        for (String name : disk.list(directory)) {
            long base = Segments.offeredBase(name);
            if (base >= 0 && (bases.isEmpty() || base >= bases.getLast())) {
                disk.delete(directory.resolve(name));
                found = true;
            }
        }
        if (found) {
            disk.forceDirectory(directory);
        }
    }

    /** Whether the segment was closed and a compressed copy has become part of the journal. */
    private boolean isCompressed(long base) {
        return disk.exists(Segments.compressed(directory, base));
    }

    private void adoptId() {
        for (SegmentHeader.Read read : headers.values()) {
            if (read instanceof SegmentHeader.Read.Intact(var header)) {
                if (journalId != 0 && header.journalId() != journalId) {
                    throw mismatch(
                            Segments.name(header.base())
                                    + " belongs to another journal than the segments before it."
                                    + " Move the segments that do not belong here away");
                }
                journalId = header.journalId();
            }
        }
    }

    private void requirePlain() {
        for (long base : bases) {
            if (isCompressed(base)) {
                throw mismatch(
                        Segments.compressed(directory, base).getFileName()
                                + " is compressed, which this kind of journal never is. Restore"
                                + " the directory as a whole");
            }
        }
    }

    private void requireId() {
        if (journalId == 0) {
            throw mismatch(
                    "no segment has an intact header. Run: narwhal journal verify " + directory);
        }
    }

    /**
     * Takes away last segments that a crash left half made: the header is forced before the first
     * frame is written, so one without header and frames was never used.
     */
    private void dropUnborn() {
        while (!bases.isEmpty()) {
            long last = bases.getLast();
            if (headers.get(last) instanceof SegmentHeader.Read.Intact
                    || promised > last
                    || isCompressed(last)
                    || hasFrames(last)) {
                return;
            }
            if (bases.size() == 1 && last != 0) {
                throw mismatch(
                        "its only segment "
                                + Segments.name(last)
                                + " has no header. Run: narwhal journal verify "
                                + directory);
            }
            Path file = Segments.file(directory, last);
            notes.add("took away " + file.getFileName() + ", which a crash left half made");
            disk.delete(file);
            disk.forceDirectory(directory);
            bases.removeLast();
            headers.remove(last);
            forcedFloor = last;
        }
        if (promised > SegmentHeader.BYTES) {
            throw mismatch(
                    "no segment is there, although frames up to position "
                            + promised
                            + " were promised. Put the segments back, or move the whole directory"
                            + " away to begin a new journal");
        }
    }

    private boolean hasFrames(long base) {
        var tail = new Tail(0);
        SegmentScan.walk(disk, directory, base, Long.MAX_VALUE, window, tail);
        return tail.lastSequence > 0;
    }

    private Ready created() {
        journalId = newJournalId.getAsLong();
        Check.that(journalId != 0, "a journal's id is not 0");
        newSegment(0, 1);
        return ready(SegmentHeader.BYTES, SegmentHeader.BYTES, 1, true);
    }

    /** Goes on in a new segment behind a damaged tail, so that no position is ever used twice. */
    private Ready behind(long base, long lastSequence) {
        long sequence = Math.max(lastSequence + 1, sequenceBound(base));
        newSegment(base, sequence);
        notes.add("goes on behind the damage in " + Segments.name(base));
        return ready(base + SegmentHeader.BYTES, base + SegmentHeader.BYTES, sequence, false);
    }

    private void newSegment(long base, long sequence) {
        var header = new SegmentHeader(journalId, base, sequence, clock.wallMicros());
        try (DiskFile file = disk.open(Segments.file(directory, base), Disk.Mode.REPLACE)) {
            file.write(header.toBytes(), 0);
            file.force();
        }
        disk.forceDirectory(directory);
        bases.add(base);
        headers.put(base, new SegmentHeader.Read.Intact(header));
    }

    private Ready ready(long end, long resumeAt, long nextSequence, boolean created) {
        List<Segment> segments = new ArrayList<>();
        long createdMicros = 0;
        for (int i = 0; i < bases.size(); i++) {
            long base = bases.get(i);
            // A broken header does not say when; the one before it is older, the wall clock newer.
            createdMicros =
                    headers.get(base) instanceof SegmentHeader.Read.Intact(var header)
                            ? header.createdMicros()
                            : clock.wallMicros();
            long stored = SegmentFile.storedBytes(disk, directory, base);
            segments.add(new Segment(base, createdMicros, stored));
        }
        var recovered =
                new Recovered(created, cutFrom < 0 ? end : cutFrom, cutBytes, kept, damage, notes);
        return new Ready(journalId, segments, end, resumeAt, nextSequence, recovered);
    }

    private long size(long base) {
        try (var file = SegmentFile.open(disk, directory, base)) {
            return file.size();
        }
    }

    /** The sequence that the segment's header says comes before its first frame. */
    private long sequenceBefore(long base) {
        return headers.get(base) instanceof SegmentHeader.Read.Intact(var header)
                ? header.firstSequence() - 1
                : 0;
    }

    /** A sequence higher than any that a frame before {@code position} can have had. */
    private long sequenceBound(long position) {
        long bound = 1;
        for (SegmentHeader.Read read : headers.values()) {
            if (read instanceof SegmentHeader.Read.Intact(var header) && header.base() < position) {
                long most = (position - header.base()) / Frames.HEADER_BYTES;
                bound = header.firstSequence() + most + 1;
            }
        }
        return bound;
    }

    private long normalised(long position) {
        long oldest = bases.getFirst();
        if (position < oldest && !(position <= SegmentHeader.BYTES && oldest == 0)) {
            throw new JournalTrimmed(directory, position, oldest);
        }
        return Math.max(position, oldest + SegmentHeader.BYTES);
    }

    private void reportGaps() {
        for (int i = 0; i + 1 < bases.size(); i++) {
            long base = bases.get(i);
            long next = bases.get(i + 1);
            long end = base + size(base);
            if (end < next) {
                reportStretch(base, end, next, "the segment ends here, the next begins later");
            } else if (end > next) {
                reportStretch(base, next, end, "the segment runs over the beginning of the next");
            }
            if (i > 0) {
                reportHeader(base);
            }
        }
    }

    private boolean reportHeader(long base) {
        if (headers.get(base) instanceof SegmentHeader.Read.Broken(var what)) {
            reportStretch(base, base, base + SegmentHeader.BYTES, what);
            return true;
        }
        return false;
    }

    private void reportStretch(long base, long from, long to, String what) {
        try (var file = SegmentFile.open(disk, directory, base)) {
            SegmentFile.Place place = file.place(from - base, to - base);
            damage.add(new Damage(from, to, file.path(), place.fileByte(), place.told(what)));
        }
    }

    private void cutTail(long base, long from, long physicalEnd) {
        Path file = Segments.file(directory, base);
        keepCopy(file, from, base, physicalEnd);
        truncate(file, from - base);
        cutFrom = from;
        cutBytes += physicalEnd - from;
    }

    /** Ends the journal here; the segments behind go newest first, so that no gap ever shows. */
    private void cutBehind(long end, boolean keep) {
        while (bases.size() > 1 && bases.getLast() >= end) {
            long last = bases.removeLast();
            headers.remove(last);
            Path file = Segments.file(directory, last);
            cutBytes += sizeOf(file);
            if (keep) {
                Path copy = torn(file, last);
                disk.rename(file, copy);
                kept.add(copy);
            } else {
                disk.delete(file);
            }
            disk.forceDirectory(directory);
        }
        long base = bases.getLast();
        long physicalEnd = base + size(base);
        cutFrom = end;
        if (physicalEnd > end) {
            Path file = Segments.file(directory, base);
            if (keep) {
                keepCopy(file, end, base, physicalEnd);
            }
            truncate(file, end - base);
            cutBytes += physicalEnd - end;
        }
    }

    private long sizeOf(Path path) {
        try (DiskFile file = disk.open(path, Disk.Mode.READ)) {
            return file.size();
        }
    }

    private void truncate(Path path, long sizeBytes) {
        try (DiskFile file = disk.open(path, Disk.Mode.WRITE)) {
            file.truncate(sizeBytes);
            file.force();
        }
    }

    /** A full disk must not keep a journal shut, so there the copy is given up, and said so. */
    private void keepCopy(Path file, long from, long base, long to) {
        Path copy = torn(file, from);
        try (DiskFile source = disk.open(file, Disk.Mode.READ);
                DiskFile target = disk.open(copy, Disk.Mode.REPLACE)) {
            ByteBuffer chunk = ByteBuffer.allocate(FrameWindow.CHUNK_BYTES);
            for (long at = from; at < to; at += chunk.limit()) {
                chunk.clear();
                source.read(chunk, at - base);
                chunk.flip();
                target.write(chunk.duplicate(), at - from);
            }
            target.force();
            kept.add(copy);
        } catch (DiskFull e) {
            disk.delete(copy);
            notes.add("no room for a copy of what was cut: " + e.getMessage());
        }
        disk.forceDirectory(directory);
    }

    private static Path torn(Path file, long position) {
        return file.resolveSibling(file.getFileName() + "." + position + ".torn");
    }

    private JournalMismatch mismatch(String what) {
        return new JournalMismatch(directory, what);
    }
}
