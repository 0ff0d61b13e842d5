package io.narwhal.journal;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.SharedPage;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads one journal frame by frame, up to the published position, in any process. Owned by one
 * thread; a frame's bytes are valid until the next call of {@link #next}. Nothing is allocated per
 * frame.
 *
 * <p>A reader may be opened before the journal exists: it is at the end until there is something.
 */
public final class JournalReader implements AutoCloseable {
    /** What {@link #next} came to. */
    public enum Step {
        /** A frame; the accessors speak of it. */
        FRAME,
        /** Nothing more is published (or, reading physically, nothing more is there). */
        END,
        /** A stretch cannot be read, see {@link #damage}; the next step goes on behind it. */
        DAMAGED
    }

    private final Disk disk;
    private final Path directory;
    private final boolean physical;
    private final FrameWindow window = new FrameWindow();
    private final Map<String, SharedPage> acks = new HashMap<>();
    private @Nullable SharedPage published;
    private @Nullable SegmentFile file;
    private @Nullable Damage damage;
    private long journalId;

    /** Of the segment that is open. */
    private long base = -1;

    /** Base of the segment behind it, as far as known. */
    private long segmentEnd = Long.MAX_VALUE;

    /** Where readable bytes of the open segment end, as far as known. */
    private long limit;

    /** The published position as last seen. */
    private long horizon;

    private long framePosition;
    private long at;

    private JournalReader(Disk disk, Path directory, boolean physical, long position) {
        Check.that(position >= 0, "a position is not negative");
        this.disk = disk;
        this.directory = directory;
        this.physical = physical;
        this.at = position;
        this.horizon = physical ? Long.MAX_VALUE : 0;
    }

    /**
     * Opens a journal at a position that {@link #position} once gave, or at 0 for the oldest frame
     * that is still there.
     *
     * @throws JournalTrimmed when frames from that position on were deleted
     * @throws JournalMismatch when the segments belong to more than one journal
     */
    public static JournalReader open(Disk disk, Path directory, long position) {
        return opened(new JournalReader(disk, directory, false, position));
    }

    /** As {@link #open}, but up to the physical end, published or not: for looking, offline. */
    public static JournalReader openPhysical(Disk disk, Path directory, long position) {
        return opened(new JournalReader(disk, directory, true, position));
    }

    /**
     * As {@link #openPhysical}, at the beginning of the newest segment that has a frame: for
     * whoever needs only what the journal ends with.
     */
    public static JournalReader openLast(Disk disk, Path directory) {
        List<Long> bases = Segments.bases(disk, directory);
        for (int i = bases.size() - 1; i > 0; i--) {
            try (var reader = openPhysical(disk, directory, bases.get(i))) {
                if (reader.next() != Step.END) {
                    return openPhysical(disk, directory, bases.get(i));
                }
            }
        }
        return openPhysical(disk, directory, 0);
    }

    /** How far a reader of that name has acknowledged; 0 when it never has. */
    public static long acknowledged(Disk disk, Path directory, String name) {
        return Pages.peek(disk, directory, Pages.ack(name));
    }

    /** From where on a journal is still there; 0 when it is whole, or not there yet. */
    public static long oldest(Disk disk, Path directory) {
        List<Long> bases = Segments.bases(disk, directory);
        return bases.isEmpty() ? 0 : bases.getFirst();
    }

    /** Up to where a journal may be read now; 0 when it is not there yet. */
    public static long published(Disk disk, Path directory) {
        return Pages.peek(disk, directory, Pages.PUBLISHED);
    }

    /** Where the bytes on the disk end, published or not; 0 when there is no segment. */
    public static long physicalEnd(Disk disk, Path directory) {
        List<Long> bases = Segments.bases(disk, directory);
        if (bases.isEmpty()) {
            return 0;
        }
        try (var last = SegmentFile.open(disk, directory, bases.getLast())) {
            return bases.getLast() + last.size();
        }
    }

    /** What a journal's segments take on the disk, compressed or not. */
    public static long bytesOnDisk(Disk disk, Path directory) {
        long bytes = 0;
        for (long base : Segments.bases(disk, directory)) {
            bytes += SegmentFile.storedBytes(disk, directory, base);
        }
        return bytes;
    }

    private static JournalReader opened(JournalReader reader) {
        try {
            reader.published();
            reader.locate();
            return reader;
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** Goes on to the next frame. */
    public Step next() {
        while (true) {
            if (at >= horizon && !published()) {
                return Step.END;
            }
            if (file == null) {
                if (!locate()) {
                    return Step.END;
                }
                // Passing the segment's header may have brought us to the published position.
                continue;
            }
            if (damage != null && damage.to() > at) {
                at = damage.to();
                return Step.DAMAGED;
            }
            if (at < limit || refreshed()) {
                if (at < horizon) {
                    return frame();
                }
            } else {
                Step step = leaveSegment();
                if (step != null) {
                    return step;
                }
            }
        }
    }

    /** The array that holds the payload, from {@link #payloadOffset} on. */
    public byte[] bytes() {
        return window.bytes();
    }

    /** Where the payload begins in {@link #bytes}. */
    public int payloadOffset() {
        return window.payloadOffset();
    }

    /** Bytes in the payload. */
    public int payloadLength() {
        return window.payloadLength();
    }

    /** The number that the writer gave with the frame. */
    public int items() {
        return window.items();
    }

    /** 1, 2, 3… over the life of the journal. */
    public long sequence() {
        return window.sequence();
    }

    /** Where the frame begins. */
    public long framePosition() {
        return framePosition;
    }

    /** Behind the current frame or damage: what a checkpoint keeps, to open here again. */
    public long position() {
        return at;
    }

    /** The stretch that the last {@link Step#DAMAGED} passed over. */
    public Damage damage() {
        return Objects.requireNonNull(damage, "damage() follows DAMAGED");
    }

    /** The journal's id, or 0 as long as no intact segment header was seen. */
    public long journalId() {
        return journalId;
    }

    /** The position up to which frames are published, as it is now. */
    public long publishedPosition() {
        published();
        return physical ? 0 : horizon;
    }

    /**
     * Lets the writer delete what lies before {@code position}. To be called only once the reader's
     * own checkpoint holds that position durably. A lower position than before changes nothing.
     *
     * @param name one of the names that the writer was opened with
     */
    public void acknowledge(String name, long position) {
        Check.that(position <= at, "a reader acknowledges only what it has read");
        if (position == 0) {
            return; // nothing was read; the journal itself may not be there yet
        }
        SharedPage page = acks.get(name);
        if (page == null) {
            Pages.checkName(name);
            page = Pages.openAck(disk, directory, name);
            acks.put(name, page);
        }
        if (position > page.getLong(0)) {
            page.putLong(0, position);
        }
    }

    @Override
    public void close() {
        acks.values().forEach(SharedPage::close);
        acks.clear();
        if (published != null) {
            published.close();
            published = null;
        }
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private Step frame() {
        int total = window.frameAt(at, limit);
        if (total > 0) {
            framePosition = at;
            at += total;
            return Step.FRAME;
        }
        long next = window.search(at + 1, limit);
        return damaged(next < 0 ? limit : next, "no valid frame");
    }

    private Step damaged(long to, String what) {
        SegmentFile from = Objects.requireNonNull(file, "damage lies in a segment");
        SegmentFile.Place place = from.place(at - base, to - base);
        damage = new Damage(at, to, from.path(), place.fileByte(), place.told(what));
        at = to;
        return Step.DAMAGED;
    }

    /** Looks at the published page; whether it lies beyond the reader. */
    private boolean published() {
        if (!physical) {
            if (published == null) {
                published = Pages.find(disk, directory, Pages.PUBLISHED);
            }
            long now = published == null ? 0 : published.getLong(0);
            if (now != horizon) {
                horizon = now;
                refreshed();
            }
        }
        return at < horizon;
    }

    /** Asks again how far the open segment can be read; whether that lies beyond the reader. */
    private boolean refreshed() {
        if (file == null) {
            return false;
        }
        limit = Math.min(Math.min(horizon, segmentEnd), base + file.size());
        return at < limit;
    }

    /** Opens the segment that holds the reader's position; false when there is no segment yet. */
    private boolean locate() {
        List<Long> bases = Segments.bases(disk, directory);
        if (bases.isEmpty()) {
            return false;
        }
        long oldest = bases.getFirst();
        if (at == 0) {
            at = oldest;
        }
        if (at < oldest) {
            throw new JournalTrimmed(directory, at, oldest);
        }
        long segment = Segments.containing(bases, at);
        // A segment behind all that is published may yet be deleted by its writer's successor, and
        // made anew: a position at its beginning is also the end of the segment before.
        boolean settled = segment < horizon || segment == oldest;
        enter(bases, settled ? segment : Segments.containing(bases, at - 1));
        return file != null;
    }

    private void enter(List<Long> bases, long segment) {
        SegmentFile entered = SegmentFile.open(disk, directory, segment);
        if (file != null) {
            file.close();
        }
        file = entered;
        base = segment;
        segmentEnd = Segments.after(bases, segment);
        window.over(entered, segment);
        long first = base + SegmentHeader.BYTES;
        switch (entered.header()) {
            case SegmentHeader.Read.Intact(var header) -> {
                knowId(header);
                at = Math.max(at, first);
            }
            case SegmentHeader.Read.Broken(var what) -> {
                if (at < first && horizon <= base) {
                    // Perhaps it is being made just now; nothing in it is promised yet.
                    entered.close();
                    file = null;
                    return;
                }
                if (at < first) {
                    long to = Math.min(first, segmentEnd);
                    damage = new Damage(base, to, entered.path(), 0, what);
                    at = base;
                }
            }
        }
        refreshed();
    }

    private void knowId(SegmentHeader header) {
        if (journalId != 0 && journalId != header.journalId()) {
            throw new JournalMismatch(
                    directory,
                    Segments.name(header.base())
                            + " belongs to another journal than the segments before it. Move it"
                            + " away and run: narwhal journal verify "
                            + directory);
        }
        journalId = header.journalId();
    }

    /**
     * The open segment has no more bytes, although more was published. Null when the next segment
     * is open and reading goes on there.
     */
    private @Nullable Step leaveSegment() {
        List<Long> bases = Segments.bases(disk, directory);
        long holding = Segments.containing(bases, at);
        if (holding > base) {
            enter(bases, holding);
            return null;
        }
        long next = Segments.after(bases, Math.max(at, base));
        if (holding < 0 && next != Long.MAX_VALUE) {
            throw new JournalTrimmed(directory, at, next);
        }
        if (segmentEnd != next) {
            segmentEnd = next;
            return null;
        }
        if (next != Long.MAX_VALUE) {
            return damaged(next, "the segment ends here, the next one begins later");
        }
        return physical
                ? Step.END
                : damaged(horizon, "the segment ends here, although more was published");
    }
}
