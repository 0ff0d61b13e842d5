package io.narwhal.journal;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;
import io.narwhal.base.SharedPage;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * The one writer of a journal. One thread appends and closes; another may call {@link #force},
 * {@link #publish}, {@link #trim} and {@link #adoptCompressed} meanwhile. Nothing is allocated per
 * frame.
 *
 * <p>A frame that was appended is in the page cache and survives the death of this process; once
 * {@link #force} has returned a position behind it, it survives a power cut; once that position is
 * published, readers see it.
 */
public final class JournalWriter implements AutoCloseable {
    /** Room that {@link #append(ByteBuffer, int)} needs before the payload. */
    public static final int HEADER_BYTES = Frames.HEADER_BYTES;

    /** Room that {@link #append(ByteBuffer, int)} may need behind the payload. */
    public static final int PADDING_BYTES_MAX = Frames.PADDING_BYTES_MAX;

    private static final int SEED_BYTES = Long.BYTES + HEADER_BYTES - Integer.BYTES;

    private final Disk disk;
    private final Clock clock;
    private final Path directory;
    private final JournalLimits limits;
    private final SharedPage page;
    private final Map<String, @Nullable SharedPage> acks = new TreeMap<>();
    private final Recovered recovered;
    private final long journalId;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer seed = ByteBuffer.allocate(SEED_BYTES);
    private ByteBuffer copy = ByteBuffer.allocateDirect(64 << 10);
    private final boolean commits;
    private @Nullable Comparison comparison;
    private long comparedFrames;
    private long comparedItems;

    /**
     * Held while a file is forced and while the open segment, or the list of closed ones, changes.
     */
    private final Object gate = new Object();

    private final ArrayDeque<Recovery.Segment> closed = new ArrayDeque<>();
    private DiskFile file;
    private long base;
    private long createdMicros;

    private volatile long closedBytes;
    private volatile long fileEnd;
    private volatile long end;
    private volatile long forced;
    private volatile long nextSequence;
    private volatile @Nullable DiskFailure failure;

    private JournalWriter(
            Disk disk, Clock clock, JournalSettings settings, SharedPage page, Recovery.Ready at) {
        this.disk = disk;
        this.clock = clock;
        this.directory = settings.directory();
        this.limits = settings.limits();
        this.commits = settings.commits();
        this.page = page;
        this.recovered = at.recovered();
        this.journalId = at.journalId();
        settings.requiredReaders().forEach(name -> acks.put(name, ackPage(name)));
        at.segments().forEach(closed::addLast);
        Recovery.Segment last = closed.removeLast();
        base = last.base();
        createdMicros = last.createdMicros();
        closedBytes = closed.stream().mapToLong(Recovery.Segment::bytes).sum();
        file = disk.open(Segments.file(directory, base), Disk.Mode.WRITE);
        fileEnd = at.end();
        end = at.resumeAt();
        nextSequence = at.nextSequence();
        if (end < fileEnd) {
            List<Long> bases = new ArrayList<>();
            at.segments().forEach(segment -> bases.add(segment.base()));
            comparison = new Comparison(disk, directory, bases, end, fileEnd);
        }
    }

    /**
     * Opens, or makes, a journal whose frames cannot be computed again. Every valid frame that is
     * there stays, and is forced and published when this returns.
     *
     * @param newJournalId gives the id, not 0, if the journal is made now
     * @throws JournalMismatch when the files cannot be one journal
     */
    public static JournalWriter open(
            Disk disk, Clock clock, JournalSettings settings, LongSupplier newJournalId) {
        return open(disk, clock, settings, newJournalId, null);
    }

    /**
     * Opens, or makes, a journal for a writer whose checkpoint names its output position, and which
     * computes everything behind that again. Published frames behind it are held against what is
     * appended now ({@link JournalDiverged} when they differ) and not written twice; what was never
     * published is cut. When this returns, everything before {@code at} is published.
     *
     * @throws JournalMismatch when the position is not one of this journal, or beyond its end
     * @throws JournalTrimmed when the position was trimmed away
     */
    public static JournalWriter openAt(
            Disk disk,
            Clock clock,
            JournalSettings settings,
            LongSupplier newJournalId,
            JournalPosition at) {
        return open(disk, clock, settings, newJournalId, at);
    }

    private static JournalWriter open(
            Disk disk,
            Clock clock,
            JournalSettings settings,
            LongSupplier newJournalId,
            @Nullable JournalPosition at) {
        Path directory = settings.directory();
        disk.createDirectories(directory);
        SharedPage page = Pages.open(disk, directory, Pages.PUBLISHED);
        try {
            var recovery = new Recovery(disk, clock, directory, page, newJournalId);
            Recovery.Ready ready = at == null ? recovery.atEnd() : recovery.at(at);
            var writer = new JournalWriter(disk, clock, settings, page, ready);
            writer.beginPromises();
            return writer;
        } catch (RuntimeException e) {
            page.close();
            throw e;
        }
    }

    /** What is there now was found by recovery; from here on it is promised. */
    private void beginPromises() {
        try {
            file.force();
        } catch (DiskFailure e) {
            close();
            throw new JournalFailed(directory, page.getLong(0), e);
        }
        forced = fileEnd;
        page.putLong(0, fileEnd);
    }

    /**
     * Appends one frame with one write to the disk and without copying. The payload lies from the
     * buffer's position to its limit; the {@link #HEADER_BYTES} before it and up to {@link
     * #PADDING_BYTES_MAX} behind it are overwritten. Position and limit are the same afterwards.
     *
     * @param items how many things of the caller's are in the frame; kept, not interpreted
     * @return the position behind the frame
     * @throws DiskFull when there is no room on the disk: the frame was not taken, and may be
     *     offered again
     * @throws JournalFull when the journal's capacity is reached, and, where frames are published
     *     by commits, readers have yet to acknowledge what is published: likewise
     * @throws JournalFailed when the disk failed, now or before
     * @throws JournalDiverged when a published frame is there and differs
     */
    public long append(ByteBuffer frame, int items) {
        usable();
        int payloadAt = frame.position();
        int length = frame.remaining();
        int total = Frames.totalBytes(length);
        Check.that(length <= limits.frameBytesMax(), "a frame's payload is within the limit");
        Check.that(payloadAt >= HEADER_BYTES, "room for the header before the payload");
        Check.that(frame.capacity() - payloadAt + HEADER_BYTES >= total, "room for padding behind");
        if (comparison != null) {
            return compared(comparison, frame, items);
        }
        makeRoom(total);
        int limit = frame.limit();
        ByteOrder order = frame.order();
        frame.order(ByteOrder.BIG_ENDIAN);
        try {
            complete(frame, payloadAt, length, items);
            write(frame);
        } finally {
            frame.order(order).limit(limit).position(payloadAt);
        }
        nextSequence++;
        fileEnd += total;
        end = fileEnd;
        return end;
    }

    /** As {@link #append(ByteBuffer, int)}, with one copy. */
    public long append(byte[] payload, int from, int length, int items) {
        int needed = Frames.totalBytes(length);
        if (copy.capacity() < needed) {
            copy = ByteBuffer.allocateDirect(Math.max(needed, 2 * copy.capacity()));
        }
        copy.clear().position(HEADER_BYTES).limit(HEADER_BYTES + length);
        copy.put(HEADER_BYTES, payload, from, length);
        return append(copy, items);
    }

    /**
     * Makes everything durable that was appended before this call.
     *
     * @return the position up to which all frames are durable
     * @throws JournalFailed when the disk failed: nothing is retried
     */
    public long force() {
        synchronized (gate) {
            usable();
            long target = fileEnd;
            if (target > forced) {
                try {
                    file.force();
                } catch (DiskFailure e) {
                    throw failed(e);
                }
                forced = target;
            }
            return forced;
        }
    }

    /** Shows readers all frames before this position, which must be durable. Never goes back. */
    public void publish(long position) {
        usable();
        Check.that(position <= forced, "only what was forced is published");
        synchronized (page) {
            if (position > page.getLong(0)) {
                page.putLong(0, position);
            }
        }
    }

    /**
     * Deletes whole segments that every required reader has acknowledged and that were followed by
     * the next one longer ago than the retention; never the last one that holds a frame. When there
     * is room for less than one more segment below the capacity, the retention does not count.
     *
     * @return bytes that were freed
     */
    public long trim(long nowMicros) {
        usable();
        long freed = 0;
        Recovery.Segment oldest = trimmable(nowMicros);
        while (oldest != null) {
            disk.delete(Segments.file(directory, oldest.base()));
            disk.delete(Segments.compressed(directory, oldest.base()));
            // One by one, so that a power cut cannot bring an older one back beside a hole.
            disk.forceDirectory(directory);
            synchronized (gate) {
                closed.removeFirst();
                closedBytes -= oldest.bytes();
            }
            freed += oldest.bytes();
            oldest = trimmable(nowMicros);
        }
        return freed;
    }

    /**
     * Puts the copies that a {@link SegmentCompressor} has offered in the place of their segments.
     * To be called by the thread that trims. Readers may be at work on either form.
     *
     * @return bytes that were freed
     */
    public long adoptCompressed() {
        usable();
        long freed = 0;
        for (long wanted : CompressedCopies.pending(disk, directory)) {
            Recovery.Segment segment = closed(wanted);
            if (segment == null) {
                CompressedCopies.refuse(disk, directory, wanted);
            } else if (CompressedCopies.adopt(disk, directory, wanted, sizeOf(segment))) {
                freed += compressed(segment);
            }
        }
        return freed;
    }

    private Recovery.@Nullable Segment closed(long wanted) {
        synchronized (gate) {
            for (Recovery.Segment segment : closed) {
                if (segment.base() == wanted) {
                    return segment;
                }
            }
            return null;
        }
    }

    /** Bytes of a closed segment: it ends where the next one begins. */
    private long sizeOf(Recovery.Segment segment) {
        synchronized (gate) {
            long next = base;
            for (Recovery.Segment other : closed) {
                if (other.base() > segment.base()) {
                    next = Math.min(next, other.base());
                }
            }
            return next - segment.base();
        }
    }

    /** Notes that only the compressed form is left; the bytes that this freed. */
    private long compressed(Recovery.Segment segment) {
        long bytes = SegmentFile.storedBytes(disk, directory, segment.base());
        var now = new Recovery.Segment(segment.base(), segment.createdMicros(), bytes);
        synchronized (gate) {
            for (int i = closed.size(); i > 0; i--) {
                Recovery.Segment one = closed.removeFirst();
                closed.addLast(one.equals(segment) ? now : one);
            }
            closedBytes += bytes - segment.bytes();
        }
        return segment.bytes() - bytes;
    }

    /** The oldest segment, if it may be deleted now. */
    private Recovery.@Nullable Segment trimmable(long nowMicros) {
        synchronized (gate) {
            var segments = closed.iterator();
            if (!segments.hasNext()) {
                return null;
            }
            Recovery.Segment oldest = segments.next();
            boolean isLastClosed = !segments.hasNext();
            // The newest frame stays: it is what a successor learns the totals from.
            if (isLastClosed && fileEnd == base + SegmentHeader.BYTES) {
                return null;
            }
            var next =
                    isLastClosed
                            ? new Recovery.Segment(base, createdMicros, fileEnd - base)
                            : segments.next();
            boolean retained =
                    nowMicros - next.createdMicros() < limits.retentionMs() * 1_000
                            && !isNearCapacity();
            return retained || next.base() > acknowledged() ? null : oldest;
        }
    }

    // What comes now is worth more than a copy of what everybody has saved.
    private boolean isNearCapacity() {
        return limits.capacityBytes() > 0
                && bytesOnDisk() + limits.segmentBytes() > limits.capacityBytes();
    }

    /** The id that all segments carry. */
    public long journalId() {
        return journalId;
    }

    /** Behind the frame that was appended last: where the next one goes. */
    public long end() {
        return end;
    }

    /** Up to where everything is durable. */
    public long forced() {
        return forced;
    }

    /** Up to where readers see frames. */
    public long published() {
        return page.getLong(0);
    }

    /** The sequence that the next frame gets. */
    public long nextSequence() {
        return nextSequence;
    }

    /** Bytes in all segments. */
    public long bytesOnDisk() {
        return closedBytes + fileEnd - base;
    }

    /** Whether appended frames are still held against published ones rather than written. */
    public boolean isComparing() {
        return comparison != null;
    }

    /** Frames that were appended since it was opened and held against published ones. */
    public long comparedFrames() {
        return comparedFrames;
    }

    /** Items in those frames. */
    public long comparedItems() {
        return comparedItems;
    }

    /** The smallest position that all required readers have acknowledged. */
    public long acknowledged() {
        synchronized (gate) {
            long smallest = Long.MAX_VALUE;
            for (String name : acks.keySet()) {
                smallest = Math.min(smallest, acknowledged(name));
            }
            return smallest;
        }
    }

    /** What opening found and did. */
    public Recovered recovered() {
        return recovered;
    }

    /** Closes without forcing. */
    @Override
    public void close() {
        synchronized (gate) {
            file.close();
        }
        if (comparison != null) {
            comparison.close();
            comparison = null;
        }
        for (SharedPage ack : acks.values()) {
            if (ack != null) {
                ack.close();
            }
        }
        acks.clear();
        page.close();
    }

    private long compared(Comparison against, ByteBuffer frame, int items) {
        end = against.check(frame, items);
        nextSequence++;
        comparedFrames++;
        comparedItems += items;
        if (against.isDone()) {
            against.close();
            comparison = null;
        }
        return end;
    }

    /**
     * Made now, while there is room: on a full disk a reader could not make its page, and without
     * its acknowledgement the disk would stay full.
     */
    private @Nullable SharedPage ackPage(String reader) {
        try {
            return Pages.openAck(disk, directory, reader);
        } catch (DiskFull e) {
            return null;
        }
    }

    /**
     * An acknowledgement beyond the end belongs to a journal that is gone: it counts as none. To be
     * called with the gate held.
     */
    private long acknowledged(String name) {
        SharedPage ack = acks.get(name);
        if (ack == null) {
            ack = Pages.find(disk, directory, Pages.ack(name));
            if (ack == null) {
                return 0;
            }
            acks.put(name, ack);
        }
        if (ack.getLong(Pages.REMOVED_AT) != 0) {
            return Long.MAX_VALUE; // nothing is kept for it any more
        }
        long position = ack.getLong(0);
        return position > fileEnd ? 0 : position;
    }

    private void makeRoom(int total) {
        boolean rolls =
                fileEnd - base + total > limits.segmentBytes()
                        && fileEnd > base + SegmentHeader.BYTES;
        long more = total + (rolls ? SegmentHeader.BYTES : 0);
        if (limits.capacityBytes() > 0
                && bytesOnDisk() + more > limits.capacityBytes()
                && isWaitedFor()) {
            throw full(more);
        }
        if (rolls) {
            roll();
        }
    }

    // What readers have not been shown yet they cannot acknowledge: who waited for room for the
    // rest of a commit would wait for ever. So it is written whole.
    private boolean isWaitedFor() {
        if (!commits) {
            return true;
        }
        long published = published();
        boolean isShown = published > SegmentHeader.BYTES;
        return published == fileEnd || isShown && acknowledged() < published;
    }

    private JournalFull full(long more) {
        var message =
                new StringBuilder("journal ")
                        .append(directory)
                        .append(": capacity reached: ")
                        .append(bytesOnDisk())
                        .append(" of ")
                        .append(limits.capacityBytes())
                        .append(" bytes used, ")
                        .append(more)
                        .append(" more wanted");
        synchronized (gate) {
            for (String name : acks.keySet()) {
                message.append("; reader '")
                        .append(name)
                        .append("' has acknowledged position ")
                        .append(acknowledged(name))
                        .append(" of ")
                        .append(fileEnd);
            }
        }
        return new JournalFull(message.append(". Trim, or raise the capacity").toString());
    }

    /** Puts header and padding round the payload; the buffer then spans the whole frame. */
    private void complete(ByteBuffer frame, int payloadAt, int length, int items) {
        int at = payloadAt - HEADER_BYTES;
        int total = Frames.totalBytes(length);
        frame.limit(at + total);
        for (int i = payloadAt + length; i < at + total; i++) {
            frame.put(i, (byte) 0);
        }
        long known = forced;
        frame.putInt(at, Frames.MAGIC);
        frame.putInt(at + Frames.LENGTH_AT, length);
        frame.putInt(at + Frames.ITEMS_AT, items);
        frame.putLong(at + Frames.SEQUENCE_AT, nextSequence);
        frame.putLong(at + Frames.FORCED_AT, known);
        seed.putLong(0, fileEnd).putInt(8, Frames.MAGIC).putInt(12, length).putInt(16, items);
        seed.putLong(20, nextSequence).putLong(28, known);
        crc.reset();
        crc.update(seed.array(), 0, SEED_BYTES);
        crc.update(frame);
        frame.putInt(at + Frames.CRC_AT, (int) crc.getValue());
        frame.position(at);
    }

    private void write(ByteBuffer frame) {
        try {
            file.write(frame, fileEnd - base);
        } catch (DiskFull e) {
            try {
                file.truncate(fileEnd - base);
            } catch (DiskFailure worse) {
                throw failed(worse);
            }
            throw e;
        } catch (DiskFailure e) {
            throw failed(e);
        }
    }

    private void roll() {
        synchronized (gate) {
            usable();
            try {
                file.force();
            } catch (DiskFailure e) {
                throw failed(e);
            }
            forced = fileEnd;
            long now = clock.wallMicros();
            DiskFile next = begun(fileEnd, now);
            file.close();
            file = next;
            closed.addLast(new Recovery.Segment(base, createdMicros, fileEnd - base));
            closedBytes += fileEnd - base;
            createdMicros = now;
            base = fileEnd;
            fileEnd = base + SegmentHeader.BYTES;
            end = fileEnd;
            forced = fileEnd;
        }
    }

    /** A new segment file with its header, durable by name and content. */
    private DiskFile begun(long at, long now) {
        Path path = Segments.file(directory, at);
        DiskFile next = null;
        try {
            next = disk.open(path, Disk.Mode.CREATE);
            next.write(new SegmentHeader(journalId, at, nextSequence, now).toBytes(), 0);
        } catch (DiskFailure e) {
            throw notBegun(path, next, e);
        }
        try {
            next.force();
            disk.forceDirectory(directory);
        } catch (DiskFailure e) {
            next.close();
            throw failed(e);
        }
        return next;
    }

    private RuntimeException notBegun(Path path, @Nullable DiskFile next, DiskFailure cause) {
        if (next != null) {
            next.close();
        }
        if (!(cause instanceof DiskFull)) {
            return failed(cause);
        }
        try {
            disk.delete(path);
        } catch (DiskFailure worse) {
            return failed(worse);
        }
        return cause;
    }

    private void usable() {
        DiskFailure before = failure;
        if (before != null) {
            throw new JournalFailed(directory, forced, before);
        }
    }

    private JournalFailed failed(DiskFailure cause) {
        failure = cause;
        return new JournalFailed(directory, forced, cause);
    }
}
