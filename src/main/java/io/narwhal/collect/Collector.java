package io.narwhal.collect;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.InFlight;
import io.narwhal.base.StreamSession;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.nio.ByteBuffer;

/**
 * Appends what the sockets of one collector receive to its journal. Each socket has its own {@link
 * Intake} and may have its own thread; appending is one at a time.
 */
public final class Collector {
    private static final int FRAME_BYTES_MAX =
            JournalWriter.HEADER_BYTES
                    + ReceivedBlock.HEADER_BYTES
                    + InFlight.SLOTS
                            * (ReceivedBlock.DATAGRAM_HEADER_BYTES + InFlight.DATAGRAM_BYTES_MAX)
                    + JournalWriter.PADDING_BYTES_MAX;

    private static final int MESSAGE_BYTES_MAX = 0xffff;

    private final JournalWriter journal;
    private final Clock clock;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(FRAME_BYTES_MAX);
    private long datagramsTotal;
    private long octetsTotal;

    /**
     * A collector that goes on where the journal ends.
     *
     * @param last the journal's last frame, from which the totals are taken; unpositioned or at its
     *     end when the journal is empty
     */
    public Collector(JournalWriter journal, JournalReader last, Clock clock) {
        this.journal = journal;
        this.clock = clock;
        var block = new ReceivedBlock();
        JournalReader.Step step;
        while ((step = last.next()) != JournalReader.Step.END) {
            if (step == JournalReader.Step.FRAME) {
                block.read(last.bytes(), last.payloadOffset(), last.payloadLength());
                datagramsTotal = block.datagramsTotal();
                octetsTotal = block.octetsTotal();
            }
        }
    }

    /** Datagrams journalled in the life of this journal. */
    public synchronized long datagramsTotal() {
        return datagramsTotal;
    }

    /**
     * Appends the datagrams that stand in the area, without emptying it.
     *
     * @param slots how many slots to look at, from the first
     * @param origin where the batch comes from
     * @return datagrams appended
     * @throws io.narwhal.base.DiskFull when there is no room; nothing was appended and the area
     *     still holds the batch
     */
    synchronized int append(InFlight area, int slots, Origin origin) {
        area.setAppendAt(journal.end());
        try {
            begin();
            int datagrams = putDatagrams(area, slots);
            appendDatagrams(origin, area.batch(), datagrams);
            return datagrams;
        } catch (DiskFull | JournalFull full) {
            area.setAppendAt(-1); // another socket's batch may come to stand there
            throw full;
        }
    }

    /**
     * Appends the messages that a session holds, without taking them out of it.
     *
     * @param whole what is whole of what it holds
     * @param to behind the last byte to append; what is not whole goes as a datagram of its own
     * @throws io.narwhal.base.DiskFull when there is no room; nothing was appended
     */
    synchronized void append(StreamSession session, Framing whole, int to, Origin origin) {
        session.setAppendAt(journal.end());
        try {
            begin();
            int datagrams = putMessages(session, whole, to);
            appendDatagrams(origin, session.batch(), datagrams);
        } catch (DiskFull | JournalFull full) {
            session.setAppendAt(-1);
            throw full;
        }
    }

    /**
     * Appends what a batch in the area was found to be: requests, and notes of what is refused.
     *
     * @return the position in the journal behind it
     * @throws io.narwhal.base.DiskFull when there is no room; nothing was appended and the area
     *     still holds the batch
     */
    synchronized long append(InFlight area, RequestBatch batch, Origin origin) {
        area.setAppendAt(journal.end());
        try {
            begin();
            batch.writeTo(frame, area);
            append(
                    ReceivedBlock.Kind.REQUESTS,
                    origin,
                    area.batch(),
                    new Content(batch.entries(), batch.requests(), batch.octets()));
            return journal.end();
        } catch (DiskFull | JournalFull full) {
            area.setAppendAt(-1); // another socket's batch may come to stand there
            throw full;
        }
    }

    /**
     * Returns once everything before this position outlives a power cut and readers see it. From
     * any thread; whoever comes while another forces the same finds it done.
     *
     * @throws io.narwhal.journal.JournalFailed when the disk failed
     */
    void makeSafe(long position) {
        if (journal.forced() < position) {
            journal.force();
        }
        journal.publish(journal.forced());
    }

    /** Appends a block without datagrams: time passed, or the intake is over. */
    synchronized void mark(ReceivedBlock.Kind kind, Origin origin) {
        Check.that(!kind.isData(), "a mark has no datagrams");
        begin();
        append(kind, origin, 0, new Content(0, 0, 0));
    }

    /** Appends that a session began or ended. */
    synchronized void mark(ReceivedBlock.Kind kind, StreamSession session, Origin origin) {
        begin();
        ReceivedBlock.writeDatagramHeader(
                frame, 0, session.peerPort(), session.peerHigh(), session.peerLow());
        // What names a session is no datagram that was received.
        append(kind, origin, 0, new Content(1, 0, 0));
    }

    private void begin() {
        frame.clear().position(JournalWriter.HEADER_BYTES + ReceivedBlock.HEADER_BYTES);
    }

    private void appendDatagrams(Origin origin, long batch, int datagrams) {
        long octets =
                frame.position()
                        - JournalWriter.HEADER_BYTES
                        - ReceivedBlock.HEADER_BYTES
                        - (long) datagrams * ReceivedBlock.DATAGRAM_HEADER_BYTES;
        append(
                ReceivedBlock.Kind.DATAGRAMS,
                origin,
                batch,
                new Content(datagrams, datagrams, octets));
    }

    private void append(ReceivedBlock.Kind kind, Origin origin, long batch, Content content) {
        int end = frame.position();
        frame.position(JournalWriter.HEADER_BYTES);
        new ReceivedBlock.Header(
                        kind,
                        origin.socket(),
                        origin.listen(),
                        origin.transport(),
                        content.entries,
                        clock.wallMicros(),
                        batch,
                        origin.cookie(),
                        origin.drops(),
                        datagramsTotal + content.received,
                        octetsTotal + content.octets)
                .write(frame);
        frame.position(JournalWriter.HEADER_BYTES).limit(end);
        journal.append(frame, content.received);
        datagramsTotal += content.received;
        octetsTotal += content.octets;
    }

    private int putMessages(StreamSession session, Framing whole, int to) {
        int datagrams = 0;
        int at = session.from();
        while (at < whole.to()) {
            int length = session.bytes().getShort(at + 2) & 0xffff;
            putMessage(session, at, length);
            at += length;
            datagrams++;
        }
        if (at < to) {
            putMessage(session, at, Math.min(to - at, MESSAGE_BYTES_MAX));
            datagrams++;
        }
        return datagrams;
    }

    private void putMessage(StreamSession session, int at, int length) {
        ReceivedBlock.writeDatagramHeader(
                frame, length, session.peerPort(), session.peerHigh(), session.peerLow());
        frame.put(frame.position(), session.bytes(), at, length);
        frame.position(frame.position() + length);
    }

    private int putDatagrams(InFlight area, int slots) {
        int datagrams = 0;
        for (int slot = 0; slot < slots; slot++) {
            int length = area.length(slot);
            if (length > 0) {
                ReceivedBlock.writeDatagramHeader(
                        frame,
                        length,
                        area.sourcePort(slot),
                        area.sourceHigh(slot),
                        area.sourceLow(slot));
                area.copyTo(slot, frame);
                datagrams++;
            }
        }
        return datagrams;
    }

    /**
     * What a block has.
     *
     * @param entries all that follow its header
     * @param received those that were received and are kept
     * @param octets of these
     */
    private record Content(int entries, int received, long octets) {}

    /**
     * Where a batch comes from.
     *
     * @param socket number of the socket in its collector
     * @param listen number of the address that it listens at
     * @param transport how it comes
     * @param cookie identity of the kernel's socket
     * @param drops what the kernel dropped there so far
     */
    record Origin(int socket, int listen, Transport transport, long cookie, long drops) {}
}
