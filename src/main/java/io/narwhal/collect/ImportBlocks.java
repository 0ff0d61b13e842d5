package io.narwhal.collect;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.capture.Message;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.nio.ByteBuffer;

/**
 * Gathers imported datagrams into blocks and appends them, as a collector would have: a block has
 * one arrival time, so it spans at most 10 ms of the capture.
 */
final class ImportBlocks {
    private static final int DATAGRAMS_MAX = 64;
    private static final int DATAGRAM_BYTES_MAX = 65_535;
    private static final int FULL_BYTES = 1 << 20;
    private static final long SPAN_MICROS = 10_000;
    private static final int FRAME_BYTES =
            JournalWriter.HEADER_BYTES
                    + ReceivedBlock.HEADER_BYTES
                    + FULL_BYTES
                    + ReceivedBlock.DATAGRAM_HEADER_BYTES
                    + DATAGRAM_BYTES_MAX
                    + JournalWriter.PADDING_BYTES_MAX;

    /** Behind so many bytes that were not forced yet, they are. */
    private static final long FORCE_BYTES = 8 << 20;

    private static final long RETRY_MS = 100;

    private final JournalWriter journal;
    private final Clock clock;
    private final FileImport.Watcher watcher;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(FRAME_BYTES);
    private long datagramsTotal;
    private long octetsTotal;
    private long arrivalMicros;
    private boolean closed = true;

    private int datagrams;
    private ReceivedBlock.Kind kind = ReceivedBlock.Kind.DATAGRAMS;
    private int listen;
    private Transport transport = Transport.UDP;
    private int file;
    private long firstMicros;

    /** Somebody wants the import to end, while there is no room for more. */
    static final class Stopped extends RuntimeException {
        Stopped(String why) {
            super(why);
        }
    }

    /** Goes on where the journal ends, whose last frames {@code last} reads. */
    ImportBlocks(
            JournalWriter journal, JournalReader last, Clock clock, FileImport.Watcher watcher) {
        this.journal = journal;
        this.clock = clock;
        this.watcher = watcher;
        var block = new ReceivedBlock();
        JournalReader.Step step;
        while ((step = last.next()) != JournalReader.Step.END) {
            if (step == JournalReader.Step.FRAME) {
                block.read(last.bytes(), last.payloadOffset(), last.payloadLength());
                datagramsTotal = block.datagramsTotal();
                octetsTotal = block.octetsTotal();
                arrivalMicros = block.arrivalMicros();
                closed = block.kind() == ReceivedBlock.Kind.CLOSE;
            }
        }
        begin();
    }

    /** Datagrams that the journal has ever taken, without those that are being gathered. */
    long datagramsTotal() {
        return datagramsTotal;
    }

    /**
     * Adds a datagram of a capture.
     *
     * @param kind of the block that it belongs into: flows, or genuine RADIUS requests
     */
    void add(Message message, ReceivedBlock.Kind kind, int listen, int fileNumber) {
        if (this.kind != kind) {
            flush();
            this.kind = kind;
        }
        add(
                message,
                listen,
                Transport.UDP,
                fileNumber,
                message.sourcePort(),
                message.sourceHigh(),
                message.sourceLow());
    }

    /** Adds a message of a file that is a session of its own. */
    void add(Message message, Session session) {
        if (kind != ReceivedBlock.Kind.DATAGRAMS) {
            flush();
            kind = ReceivedBlock.Kind.DATAGRAMS;
        }
        add(
                message,
                0,
                Transport.FILE,
                session.fileNumber(),
                session.port(),
                session.high(),
                session.low());
    }

    /** The file as a transport session: its exporter, told apart by the number of the file. */
    record Session(int fileNumber, long high, long low) {
        int port() {
            return fileNumber & 0xffff;
        }
    }

    private void add(
            Message message,
            int listen,
            Transport transport,
            int fileNumber,
            int port,
            long high,
            long low) {
        boolean fits =
                datagrams < DATAGRAMS_MAX
                        && frame.position() < FULL_BYTES
                        && this.listen == listen
                        && this.transport == transport
                        && file == fileNumber
                        && message.micros() >= arrivalMicros
                        && message.micros() - firstMicros <= SPAN_MICROS;
        if (datagrams > 0 && !fits) {
            flush();
        }
        if (datagrams == 0) {
            this.listen = listen;
            this.transport = transport;
            file = fileNumber;
            firstMicros = message.micros();
        }
        arrivalMicros = message.micros();
        ReceivedBlock.writeDatagramHeader(frame, message.length(), port, high, low);
        frame.put(message.bytes(), message.offset(), message.length());
        datagrams++;
    }

    /** Forgets what was gathered and is not in the journal. */
    void discard() {
        begin();
    }

    /** Appends what was gathered. */
    void flush() {
        if (datagrams > 0) {
            long octets =
                    frame.position()
                            - JournalWriter.HEADER_BYTES
                            - ReceivedBlock.HEADER_BYTES
                            - (long) datagrams * ReceivedBlock.DATAGRAM_HEADER_BYTES;
            append(kind, datagrams, octets);
        }
    }

    /** Says that a session began or ended. */
    void mark(ReceivedBlock.Kind kind, Session session, long micros) {
        flush();
        listen = 0;
        transport = Transport.FILE;
        file = session.fileNumber();
        arrivalMicros = micros;
        ReceivedBlock.writeDatagramHeader(frame, 0, session.port(), session.high(), session.low());
        append(kind, 1, 0);
    }

    /** Closes every bin, unless nothing came since that was last done. */
    void close() {
        flush();
        if (!closed) {
            listen = 0;
            transport = Transport.UDP;
            append(ReceivedBlock.Kind.CLOSE, 0, 0);
        }
        force();
    }

    private void append(ReceivedBlock.Kind kind, int count, long octets) {
        boolean counts = kind.isData();
        int end = frame.position();
        frame.position(JournalWriter.HEADER_BYTES);
        new ReceivedBlock.Header(
                        kind,
                        0,
                        listen,
                        transport,
                        count,
                        arrivalMicros,
                        file,
                        0,
                        0,
                        datagramsTotal + (counts ? count : 0),
                        octetsTotal + octets)
                .write(frame);
        frame.position(JournalWriter.HEADER_BYTES).limit(end);
        appendWhenThereIsRoom(count);
        datagramsTotal += counts ? count : 0;
        octetsTotal += octets;
        closed = kind == ReceivedBlock.Kind.CLOSE;
        begin();
        if (journal.end() - journal.forced() > FORCE_BYTES) {
            force();
        }
    }

    private void begin() {
        frame.clear().position(JournalWriter.HEADER_BYTES + ReceivedBlock.HEADER_BYTES);
        datagrams = 0;
    }

    private void appendWhenThereIsRoom(int count) {
        while (true) {
            try {
                journal.append(frame, count);
                return;
            } catch (DiskFull | JournalFull full) {
                // What stands behind the published position nobody can read and so let go of.
                force();
                watcher.waiting(String.valueOf(full.getMessage()));
                if (watcher.isStopped()) {
                    throw new Stopped(String.valueOf(full.getMessage()));
                }
                clock.sleepMillis(RETRY_MS);
            }
        }
    }

    /** Makes everything appended durable and shows it to accounting. */
    void force() {
        journal.force();
        journal.publish(journal.forced());
        journal.trim(clock.wallMicros());
    }
}
