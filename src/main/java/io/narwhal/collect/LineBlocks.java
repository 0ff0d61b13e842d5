package io.narwhal.collect;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.LineEntry;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Gathers lines of files into blocks and appends them, and ticks when none come. */
final class LineBlocks {
    /** Entries of a block at the most. */
    static final int ENTRIES_MAX = 2_048;

    private static final int FULL_BYTES = 1 << 20;
    private static final int FRAME_BYTES =
            JournalWriter.HEADER_BYTES
                    + ReceivedBlock.HEADER_BYTES
                    + FULL_BYTES
                    + ReceivedBlock.DATAGRAM_HEADER_BYTES
                    + LineEntry.BYTES_MAX
                    + JournalWriter.PADDING_BYTES_MAX;

    private static final long TICK_NANOS = 1_000_000_000;
    private static final long TRIM_NANOS = 10_000_000_000L;
    private static final long RETRY_MS = 100;

    private final JournalWriter journal;
    private final Clock clock;
    private final FileIntake.Watcher watcher;
    private final long forceNanos;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(FRAME_BYTES);
    private long linesTotal;
    private long octetsTotal;
    private long file;
    private int entries;
    private int lines;
    private long octets;
    private boolean closed;
    private long blockNanos;
    private long forcedNanos;
    private long trimmedNanos;

    /**
     * Goes on where the journal ends.
     *
     * @param last the journal's last frame, from which the totals are taken
     * @param forceMs how often the journal is forced while lines come
     */
    LineBlocks(
            JournalWriter journal,
            JournalReader last,
            Clock clock,
            FileIntake.Watcher watcher,
            long forceMs) {
        this.journal = journal;
        this.clock = clock;
        this.watcher = watcher;
        this.forceNanos = forceMs * 1_000_000;
        var block = new ReceivedBlock();
        JournalReader.Step step;
        while ((step = last.next()) != JournalReader.Step.END) {
            if (step == JournalReader.Step.FRAME) {
                block.read(last.bytes(), last.payloadOffset(), last.payloadLength());
                linesTotal = block.datagramsTotal();
                octetsTotal = block.octetsTotal();
                closed = block.kind() == ReceivedBlock.Kind.CLOSE;
            }
        }
        long now = clock.monotonicNanos();
        blockNanos = now;
        forcedNanos = now;
        trimmedNanos = now;
        begin();
    }

    /** Lines that the journal has ever taken, without those that are being gathered. */
    long linesTotal() {
        return linesTotal;
    }

    /** Lines that are gathered and not appended. */
    int gathered() {
        return lines;
    }

    /** Says what file the lines that come are of. */
    void file(long number, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        add(LineEntry.FILE, number, 0, bytes, 0, bytes.length);
    }

    /** Adds an entry. */
    void add(LineEntry entry, long fileNumber, long line, byte[] bytes, int offset, int length) {
        Check.that(length <= LineEntry.BYTES_MAX, "an entry fits its length");
        if (entries > 0
                && (fileNumber != file
                        || entries == ENTRIES_MAX
                        || frame.position() >= FULL_BYTES)) {
            flush();
        }
        file = fileNumber;
        entry.writeHeader(frame, length, fileNumber, line);
        frame.put(bytes, offset, length);
        entries++;
        if (entry.isLine()) {
            lines++;
            octets += length;
        }
    }

    /** Appends what was gathered, and forces it if that is due. */
    void flush() {
        if (entries > 0) {
            append(ReceivedBlock.Kind.LINES);
            if (clock.monotonicNanos() - forcedNanos >= forceNanos) {
                force();
            }
        }
    }

    /** Forgets what was gathered and is not in the journal. */
    void discard() {
        begin();
    }

    /** Journals that time has passed, if nothing came for a second. Nothing may be gathered. */
    void tick() {
        if (clock.monotonicNanos() - blockNanos >= TICK_NANOS) {
            append(ReceivedBlock.Kind.TICK);
            force();
        }
    }

    /** Closes every bin. */
    void close() {
        flush();
        if (!closed) {
            append(ReceivedBlock.Kind.CLOSE);
        }
        force();
    }

    private void append(ReceivedBlock.Kind kind) {
        int end = frame.position();
        frame.position(JournalWriter.HEADER_BYTES);
        new ReceivedBlock.Header(
                        kind,
                        0,
                        0,
                        Transport.FILE,
                        entries,
                        clock.wallMicros(),
                        entries == 0 ? 0 : file,
                        0,
                        0,
                        linesTotal + lines,
                        octetsTotal + octets)
                .write(frame);
        frame.position(JournalWriter.HEADER_BYTES).limit(end);
        appendWhenThereIsRoom();
        linesTotal += lines;
        octetsTotal += octets;
        closed = kind == ReceivedBlock.Kind.CLOSE;
        blockNanos = clock.monotonicNanos();
        begin();
    }

    private void begin() {
        frame.clear().position(JournalWriter.HEADER_BYTES + ReceivedBlock.HEADER_BYTES);
        entries = 0;
        lines = 0;
        octets = 0;
    }

    private void appendWhenThereIsRoom() {
        int position = frame.position();
        int limit = frame.limit();
        while (true) {
            try {
                journal.append(frame, lines);
                return;
            } catch (DiskFull | JournalFull full) {
                // What stands behind the published position nobody can read and so let go of.
                force();
                watcher.waiting(String.valueOf(full.getMessage()));
                if (watcher.isStopped()) {
                    throw new FileIntake.Stopped();
                }
                clock.sleepMillis(RETRY_MS);
                frame.position(position).limit(limit);
            }
        }
    }

    /** Makes everything appended durable and shows it to accounting. */
    void force() {
        journal.force();
        journal.publish(journal.forced());
        forcedNanos = clock.monotonicNanos();
        if (forcedNanos - trimmedNanos >= TRIM_NANOS) {
            trimmedNanos = forcedNanos;
            journal.trim(clock.wallMicros());
            journal.adoptCompressed();
        }
    }
}
