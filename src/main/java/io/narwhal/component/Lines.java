package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.lines.LineDecoder;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.LineMapping;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RecordSink;
import io.narwhal.record.Tally;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The lines of some of the files of a lane: what the files are, what is held, and the books. A line
 * that cannot be read is held with its bytes; when no more can be held it is rejected. Each line is
 * one record.
 */
final class Lines {
    private static final byte[] NO_HEADER = new byte[0];

    /** A file of which lines come, or are held. */
    private static final class FileHead {
        private String name = "";
        private byte[] header = NO_HEADER;
        private boolean ended;
        private final SortedMap<Long, HeldLine> held = new TreeMap<>();
        private LineDecoder.@Nullable Layout layout;
    }

    private final LineWork work;
    private final @Nullable LineDecoder decoder;
    private final Books books = new Books();
    private final Tally flows = new Tally();
    private final Tally charged = new Tally();
    private final SortedMap<Long, FileHead> files = new TreeMap<>();
    private int heldCount;
    private long heldBytes;
    private int roomCount;
    private long roomBytes;

    /** Nothing came yet. */
    Lines(LineWork work, RecordBlock block, Dictionary texts, RecordSink sink) {
        this.work = work;
        LineMapping mapping = work.mapping();
        this.decoder = mapping == null ? null : new LineDecoder(mapping, block, texts, sink);
    }

    /** Says how many more lines can be held, and how many bytes of them. */
    void setRoom(int count, long bytes) {
        roomCount = count;
        roomBytes = bytes;
    }

    /** Takes one entry of a block of lines. */
    void onEntry(ReceivedBlock received) {
        // Each agent numbers its files by itself.
        long file = received.source().high() | (long) received.source().path() << 48;
        FileHead head = files.computeIfAbsent(file, _ -> new FileHead());
        switch (received.lineEntry()) {
            case FILE -> {
                head.name = new String(bytes(received), StandardCharsets.UTF_8);
                head.ended = false;
            }
            case HEADER -> {
                head.header = bytes(received);
                head.layout = null;
            }
            case LINE -> line(file, head, received);
            case LONG_LINE -> {
                books.received().add(1, 0, 0);
                books.rejected(Reason.LONG_LINE).add(1, 0, 0);
            }
            case END -> {
                head.ended = true;
                forgetIfDone(file, head);
            }
        }
    }

    private static byte[] bytes(ReceivedBlock received) {
        int from = received.offset();
        return Arrays.copyOfRange(received.bytes(), from, from + received.length());
    }

    private void line(long file, FileHead head, ReceivedBlock received) {
        LineDecoder.Outcome outcome =
                work.isWaiting(file, received.source().low())
                        ? new LineDecoder.Outcome.Bad("it is held")
                        : decode(head, received);
        switch (outcome) {
            case LineDecoder.Outcome.Read(long packets, long octets) -> {
                books.received().add(1, packets, octets);
                account(packets, octets);
            }
            case LineDecoder.Outcome.Bad(String reason) -> {
                books.received().add(1, 0, 0);
                if (roomCount > 0 && roomBytes >= received.length()) {
                    books.held().add(1, 0, 0);
                    hold(
                            head,
                            new HeldLine(
                                    file,
                                    head.name,
                                    received.source().low(),
                                    received.arrivalMicros(),
                                    reason,
                                    bytes(received)));
                } else {
                    books.rejected(Reason.BAD_LINE).add(1, 0, 0);
                }
            }
        }
    }

    private LineDecoder.Outcome decode(FileHead head, ReceivedBlock received) {
        return decode(
                head,
                received.bytes(),
                received.offset(),
                received.length(),
                received.arrivalMicros());
    }

    private LineDecoder.Outcome decode(
            FileHead head, byte[] bytes, int offset, int length, long arrivalMicros) {
        if (decoder == null) {
            return new LineDecoder.Outcome.Bad(
                    "the configuration has no 'fields' for this collector");
        }
        LineDecoder.Layout layout = head.layout;
        if (layout == null) {
            layout = decoder.layout(head.header);
            head.layout = layout;
        }
        return decoder.decode(layout, bytes, offset, length, arrivalMicros / 1_000);
    }

    private void account(long packets, long octets) {
        books.accounted().add(1, packets, octets);
        (work.isCharged() ? charged : flows).add(1, packets, octets);
    }

    private void hold(FileHead head, HeldLine line) {
        head.held.put(line.line(), line);
        heldCount++;
        heldBytes += line.bytes().length;
        roomCount--;
        roomBytes -= line.bytes().length;
    }

    /**
     * Reads a held line again, by the mapping as it is now, as if it had come when it did.
     *
     * @return whether it is there no more: it is accounted
     */
    boolean recycle(long file, long line) {
        FileHead head = files.get(file);
        HeldLine held = head == null ? null : head.held.get(line);
        if (head == null || held == null) {
            return false;
        }
        byte[] bytes = held.bytes();
        return switch (decode(head, bytes, 0, bytes.length, held.sinceMicros())) {
            case LineDecoder.Outcome.Bad _ -> false;
            case LineDecoder.Outcome.Read(long packets, long octets) -> {
                release(head, held);
                forgetIfDone(file, head);
                books.held().add(-1, 0, 0);
                books.received().add(0, packets, octets);
                account(packets, octets);
                yield true;
            }
        };
    }

    private void release(FileHead head, HeldLine held) {
        head.held.remove(held.line());
        heldCount--;
        heldBytes -= held.bytes().length;
    }

    // What a file was called is needed as long as lines of it may come, or are held.
    private void forgetIfDone(long file, FileHead head) {
        if (head.ended && head.held.isEmpty()) {
            files.remove(file);
        }
    }

    /** Hands on the records that were read. */
    void flush() {
        if (decoder != null) {
            decoder.flush();
        }
    }

    /** The counts of lines. */
    Books books() {
        return books;
    }

    /** What was accounted as flows. */
    Tally flows() {
        return flows;
    }

    /** What was accounted as sessions are. */
    Tally charged() {
        return charged;
    }

    /** The lines that are held. */
    Stream<HeldLine> held() {
        return files.values().stream().flatMap(head -> head.held.values().stream());
    }

    int heldCount() {
        return heldCount;
    }

    long heldBytes() {
        return heldBytes;
    }

    void snapshot(StateWriter out) {
        books.snapshot(out);
        flows.snapshot(out);
        charged.snapshot(out);
        out.putInt(files.size());
        files.forEach(
                (number, head) -> {
                    out.putLong(number).putString(head.name);
                    out.putBytes(head.header).putBoolean(head.ended);
                    out.putInt(head.held.size());
                    for (HeldLine line : head.held.values()) {
                        out.putLong(line.line()).putLong(line.sinceMicros());
                        out.putString(line.reason()).putBytes(line.bytes());
                    }
                });
    }

    void restore(StateReader in) {
        books.add(Books.restore(in));
        flows.add(Tally.restore(in));
        charged.add(Tally.restore(in));
        for (int left = in.getCount(21); left > 0; left--) {
            long number = in.getLong();
            var head = new FileHead();
            head.name = in.getString();
            head.header = in.getBytes();
            head.ended = in.getBoolean();
            for (int held = in.getCount(24); held > 0; held--) {
                hold(
                        head,
                        new HeldLine(
                                number,
                                head.name,
                                in.getLong(),
                                in.getLong(),
                                in.getString(),
                                in.getBytes()));
            }
            files.put(number, head);
        }
    }
}
