package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.FileStamp;
import io.narwhal.journal.Damage;
import io.narwhal.journal.JournalException;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalReaders;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.journal.Lineage;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Slice;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * One journal of an agent, as it is read to be sent: what it is, what is in it, and whole frames
 * from any position on. One reader stays open for each position that is being read from.
 */
final class HeldJournal implements AutoCloseable {
    private static final int CURSORS_MAX = 4;
    private static final long LOOK_MS = 1_000;

    /** Reads on from where the last slice ended. */
    private static final class Cursor {
        final JournalReader reader;
        long at;

        /** Whether the reader stands on a frame, or damage, that was not given out yet. */
        JournalReader.@Nullable Step pending;

        Cursor(JournalReader reader, long at) {
            this.reader = reader;
            this.at = at;
        }
    }

    private final Disk disk;
    private final StreamId id;
    private final Path directory;
    private final List<String> readers;
    private final FrameCount counter = new FrameCount();
    private final Deque<Cursor> cursors = new ArrayDeque<>();
    private @Nullable JournalReader scanner;
    private @Nullable HeldCounts counts;
    private List<Long> segments = List.of();
    private long triedMs = Long.MIN_VALUE / 2;
    private long lookedMs = Long.MIN_VALUE / 2;
    private long epoch;
    private long end;
    private long lastFrameEnd;
    private List<Incarnation> lineage = List.of();
    private @Nullable FileStamp lineageStamp;
    private String trouble = "";

    /**
     * A journal that was not looked at yet.
     *
     * @param readers for whom it is held, by their names in the journal
     */
    HeldJournal(Disk disk, StreamId id, Path directory, List<String> readers) {
        this.disk = disk;
        this.id = id;
        this.directory = directory;
        this.readers = List.copyOf(readers);
    }

    Path directory() {
        return directory;
    }

    /** What hinders reading; empty when nothing does. */
    String trouble() {
        return trouble;
    }

    /** Looks how the journal stands; null while there is nothing that could be read. */
    @Nullable Stream look(long nowMs) {
        try {
            JournalReader reader = scanner;
            if (reader == null) {
                if (nowMs - triedMs < LOOK_MS) {
                    return null;
                }
                triedMs = nowMs;
                reader = begin();
            }
            if (reader == null) {
                return null;
            }
            long published = reader.publishedPosition();
            if (nowMs - lookedMs >= LOOK_MS || published > end) {
                lookedMs = nowMs;
                refresh(published);
            }
            return new Stream(id, epoch, lineage, segments.getFirst(), end);
        } catch (DiskFailure | JournalException e) {
            trouble = String.valueOf(e.getMessage());
            return null;
        }
    }

    private @Nullable JournalReader begin() {
        List<Long> found = JournalReaders.segments(disk, directory);
        if (found.isEmpty()) {
            return null;
        }
        // What all have got is not counted, and may be much.
        long acknowledged =
                readers.stream()
                        .mapToLong(name -> JournalReader.acknowledged(disk, directory, name))
                        .min()
                        .orElse(0);
        long from = Math.max(found.getFirst(), acknowledged);
        JournalReader reader = open(from);
        long journalId = reader.journalId() != 0 ? reader.journalId() : laterId(found);
        if (journalId == 0) {
            reader.close();
            return null;
        }
        epoch = journalId;
        scanner = reader;
        segments = found;
        counts = new HeldCounts(reader.position() < from ? found.getFirst() : from);
        trouble = "";
        return reader;
    }

    // The header of the first segment is damaged, or not written yet.
    private long laterId(List<Long> found) {
        for (long base : found) {
            try (var later = JournalReader.open(disk, directory, base)) {
                if (later.journalId() != 0) {
                    return later.journalId();
                }
            }
        }
        return 0;
    }

    // An acknowledgement beyond the end is of a journal that is gone.
    private JournalReader open(long from) {
        boolean isThere = from <= JournalReader.physicalEnd(disk, directory);
        return JournalReader.open(disk, directory, isThere ? from : 0);
    }

    // The end first: so the writers are known of every frame before it.
    private void refresh(long published) {
        long before = end;
        end = Math.max(end, published);
        if (end > before || lineageStamp == null) {
            // Also when the length is the same: what was torn is overwritten by the next writer.
            FileStamp stamp =
                    disk.stamp(directory.resolve(Lineage.FILE)).orElse(new FileStamp(0, 0));
            if (!stamp.equals(lineageStamp)) {
                lineage = writers(Lineage.read(disk, directory));
                lineageStamp = stamp;
            }
        }
        List<Long> found = JournalReaders.segments(disk, directory);
        if (!found.isEmpty() && !found.equals(segments)) {
            segments = found;
            counts().forget(found.getFirst());
        }
    }

    /** Without those who wrote nothing, or whose frames were all cut. */
    static List<Incarnation> writers(List<Lineage.Entry> entries) {
        List<Incarnation> writers = new ArrayList<>();
        for (Lineage.Entry entry : entries) {
            while (!writers.isEmpty() && writers.getLast().first() >= entry.first()) {
                writers.removeLast();
            }
            writers.add(new Incarnation(entry.id(), entry.first()));
        }
        return List.copyOf(writers);
    }

    private HeldCounts counts() {
        HeldCounts known = counts;
        Check.that(known != null, "a journal that is there is counted");
        return known == null ? new HeldCounts(0) : known;
    }

    // ---- counting ----

    /**
     * Counts what was published and not read yet.
     *
     * @param bytesMax about how much is read
     * @return whether there is more
     */
    boolean scan(long bytesMax, long nowMicros) {
        if (scanner == null || counts().frontier() >= end) {
            return false;
        }
        try {
            return scan(placed(), bytesMax, nowMicros);
        } catch (JournalTrimmed _) {
            counts().skip(JournalReader.oldest(disk, directory)); // everybody has it
            return true;
        } catch (DiskFailure | JournalException e) {
            trouble = String.valueOf(e.getMessage());
            return false;
        }
    }

    // Whoever sends what is new has counted it already.
    private JournalReader placed() {
        JournalReader reader = scanner;
        long from = counts().frontier();
        if (reader != null && reader.position() < from && reader.position() != 0) {
            JournalReader next = JournalReader.open(disk, directory, from);
            reader.close();
            scanner = next;
            return next;
        }
        Check.that(reader != null, "a journal that is scanned was opened");
        return reader == null ? JournalReader.open(disk, directory, from) : reader;
    }

    private boolean scan(JournalReader reader, long bytesMax, long nowMicros) {
        long until = counts().frontier() + bytesMax;
        while (counts().frontier() < until) {
            switch (reader.next()) {
                case FRAME -> count(reader, records(reader), nowMicros);
                case DAMAGED -> {
                    counts().skip(reader.position());
                    lastFrameEnd = reader.position();
                }
                case END -> {
                    counts().skip(reader.position());
                    return false;
                }
            }
        }
        return true;
    }

    private void count(JournalReader reader, long records, long nowMicros) {
        long arrival = counter.arrivalMicros();
        counts().add(
                        reader.framePosition(),
                        reader.position(),
                        records,
                        arrival == 0 ? nowMicros : arrival);
        lastFrameEnd = Math.max(lastFrameEnd, reader.position());
    }

    private long records(JournalReader reader) {
        return id.journal() == Journal.USAGE
                ? counter.ofUsage(reader.items())
                : counter.ofReceived(
                        reader.bytes(), reader.payloadOffset(), reader.payloadLength());
    }

    /** Whether something lies behind a position that a manager has not got. */
    boolean isHeld(long position) {
        if (position >= end) {
            return false;
        }
        boolean isCounted = counts().frontier() >= end;
        return !isCounted || position < lastFrameEnd;
    }

    /**
     * Whether something is published behind a position though the journal was not looked at yet, or
     * cannot be read now.
     */
    boolean isUnseen(long position) {
        try {
            return !JournalReaders.segments(disk, directory).isEmpty()
                    && JournalReader.published(disk, directory) > position;
        } catch (DiskFailure | JournalException e) {
            trouble = String.valueOf(e.getMessage());
            return true;
        }
    }

    /** Octets behind a position. */
    long bytesBehind(long position) {
        return isHeld(position) ? end - Math.max(position, segments.getFirst()) : 0;
    }

    /** What the segments take from the one on that holds a position. */
    long bytesKept(long position) {
        if (!isHeld(position)) {
            return 0;
        }
        long base = segments.getFirst();
        for (long segment : segments) {
            base = segment <= position ? segment : base;
        }
        return end - base;
    }

    /** Records behind a position, see {@link FrameCount}. */
    long recordsBehind(long position) {
        return isHeld(position) ? counts().behind(position, end) : 0;
    }

    /**
     * When the oldest behind a position came; 0 when nothing is held there, or nothing is known.
     */
    long oldestMicros(long position) {
        return isHeld(position) ? counts().arrivalMicros(position) : 0;
    }

    // ---- reading ----

    /** As {@link io.narwhal.transfer.Holding#read}, into that buffer if it is large enough. */
    Slice read(
            long from, long before, long recordsMax, int bytesMax, Message into, long nowMicros) {
        Cursor cursor = null;
        try {
            cursor = cursor(from);
            return read(cursor, before, recordsMax, bytesMax, into, nowMicros);
        } catch (JournalTrimmed e) {
            drop(cursor);
            long oldest = JournalReader.oldest(disk, directory);
            return oldest > from
                    ? new Slice.Damaged(from, Math.min(oldest, before), "no longer held")
                    : new Slice.Unavailable(from, String.valueOf(e.getMessage()));
        } catch (DiskFailure | JournalException e) {
            drop(cursor);
            trouble = String.valueOf(e.getMessage());
            return new Slice.Unavailable(from, String.valueOf(e.getMessage()));
        }
    }

    private void drop(@Nullable Cursor cursor) {
        if (cursor != null) {
            cursors.remove(cursor);
            cursor.reader.close();
        }
    }

    private Cursor cursor(long from) {
        for (Iterator<Cursor> all = cursors.iterator(); all.hasNext(); ) {
            Cursor one = all.next();
            if (one.at == from) {
                all.remove();
                cursors.addFirst(one);
                return one;
            }
        }
        if (cursors.size() >= CURSORS_MAX) {
            cursors.removeLast().reader.close();
        }
        var cursor = new Cursor(JournalReader.open(disk, directory, from), from);
        cursors.addFirst(cursor);
        return cursor;
    }

    private Slice read(
            Cursor cursor,
            long before,
            long recordsMax,
            int bytesMax,
            Message into,
            long nowMicros) {
        into.clear();
        JournalReader reader = cursor.reader;
        long from = cursor.at;
        while (true) {
            JournalReader.Step step = cursor.pending != null ? cursor.pending : reader.next();
            cursor.pending = step;
            long begin = step == JournalReader.Step.FRAME ? reader.framePosition() : cursor.at;
            if (step == JournalReader.Step.END || begin >= before) {
                cursor.pending = step == JournalReader.Step.END ? null : step;
                return into.isEmpty() ? new Slice.End(cursor.at) : ended(cursor, into);
            }
            if (step == JournalReader.Step.DAMAGED) {
                if (!into.isEmpty()) {
                    return ended(cursor, into);
                }
                cursor.pending = null;
                cursor.at = reader.position();
                counts().skip(from == counts().frontier() ? reader.position() : 0);
                return damaged(from, reader.damage());
            }
            long records = records(reader);
            if (!into.isEmpty()
                    && (into.records() + records > recordsMax
                            || into.bytes()
                                            + Slice.Frames.FRAME_HEADER_BYTES
                                            + reader.payloadLength()
                                    > bytesMax)) {
                return ended(cursor, into);
            }
            into.add(reader, records);
            long frontier = counts().frontier();
            if (cursor.at == frontier || reader.framePosition() == frontier) {
                count(reader, records, nowMicros);
            }
            cursor.pending = null;
            cursor.at = reader.position();
        }
    }

    private Slice ended(Cursor cursor, Message into) {
        counts().sent(into.from(), cursor.at, into.records());
        return into.slice(cursor.at);
    }

    private static Slice damaged(long from, Damage damage) {
        return new Slice.Damaged(from, damage.to(), damage.line());
    }

    @Override
    public void close() {
        cursors.forEach(cursor -> cursor.reader.close());
        cursors.clear();
        if (scanner != null) {
            scanner.close();
            scanner = null;
        }
    }

    /** Frames as they are sent, in one buffer that is used again and again. */
    static final class Message {
        private ByteBuffer bytes;
        private long from;
        private long firstSequence;
        private long lastSequence;
        private long items;
        private long records;

        Message(int bytesMax) {
            this.bytes = ByteBuffer.allocate(bytesMax);
        }

        void clear() {
            bytes.clear();
            items = 0;
            records = 0;
        }

        boolean isEmpty() {
            return bytes.position() == 0;
        }

        int bytes() {
            return bytes.position();
        }

        long records() {
            return records;
        }

        long from() {
            return from;
        }

        void add(JournalReader reader, long recordsOfFrame) {
            int needed = Slice.Frames.FRAME_HEADER_BYTES + reader.payloadLength();
            if (bytes.remaining() < needed) {
                Check.that(isEmpty(), "only a frame that comes alone is larger than a message");
                bytes = ByteBuffer.allocate(needed);
            }
            if (isEmpty()) {
                from = reader.framePosition();
                firstSequence = reader.sequence();
            }
            lastSequence = reader.sequence();
            items += reader.items();
            records += recordsOfFrame;
            bytes.putInt(reader.payloadLength()).putInt(reader.items());
            bytes.putLong(reader.sequence()).putLong(reader.framePosition());
            bytes.put(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
        }

        Slice slice(long through) {
            ByteBuffer frames = bytes.duplicate().flip();
            return new Slice.Frames(
                    from, through, firstSequence, lastSequence, items, records, frames);
        }
    }
}
