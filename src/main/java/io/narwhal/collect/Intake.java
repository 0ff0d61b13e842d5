package io.narwhal.collect;

import io.narwhal.base.Clock;
import io.narwhal.base.InFlight;
import io.narwhal.base.UdpSocket;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.util.UUID;

/**
 * One socket of a collector and the area that it receives into. One thread at a time.
 *
 * <p>The steps of a batch, and what a successor finds if the process dies behind each: the kernel
 * fills slots (area full, journal not: appended by the successor) → {@link Collector#append} (area
 * full, journal has the batch: the successor sees it there and empties the area) → {@link
 * InFlight#clear} (area empty).
 */
public final class Intake {
    private static final long DROPS_EVERY_NANOS = 100_000_000;

    private final Collector collector;
    private final UdpSocket socket;
    private final InFlight area;
    private final Clock clock;
    private long cookie;
    private final int number;
    private final int listen;
    private Collector.Origin origin;
    private long dropsReadNanos;
    // Slots of the area that hold a batch which is not in the journal yet.
    private int slots;

    /** What recovery found in the area. */
    public sealed interface Found {
        /** Nothing. */
        record Nothing() implements Found {}

        /** A batch that had not reached the journal; it has now. */
        record Appended(int datagrams) implements Found {}

        /** A batch that had reached the journal already. */
        record Known(int datagrams) implements Found {}

        /** A batch of before the machine went down, which cannot be trusted: discarded. */
        record Distrusted(int datagrams) implements Found {}
    }

    /**
     * An intake that has received nothing yet; {@link #recover} comes first.
     *
     * @param number of the socket in its collector
     * @param listen number of the address that it listens at; several sockets may have one
     */
    public Intake(
            Collector collector,
            int number,
            int listen,
            UdpSocket socket,
            InFlight area,
            Clock clock) {
        this.collector = collector;
        this.number = number;
        this.listen = listen;
        this.socket = socket;
        this.area = area;
        this.clock = clock;
        this.cookie = socket.cookie();
        this.origin = new Collector.Origin(number, listen, Transport.UDP, cookie, socket.drops());
        this.dropsReadNanos = clock.monotonicNanos();
    }

    /** Opens the journal for reading, beyond what is published, at a position. */
    @FunctionalInterface
    public interface JournalAt {
        /** A reader up to the physical end. */
        JournalReader open(long position);
    }

    /** Brings what a predecessor left in the area into the journal, once. */
    public Found recover(UUID boot, JournalAt journal) {
        // The kernel numbers its sockets from the beginning again at each boot.
        cookie ^= boot.getMostSignificantBits() ^ boot.getLeastSignificantBits();
        origin = new Collector.Origin(number, listen, Transport.UDP, cookie, origin.drops());
        int datagrams = datagramsInArea();
        boolean trusted = area.isOf(boot.getMostSignificantBits(), boot.getLeastSignificantBits());
        if (!trusted) {
            area.format(boot.getMostSignificantBits(), boot.getLeastSignificantBits());
            return datagrams == 0 ? new Found.Nothing() : new Found.Distrusted(datagrams);
        }
        if (datagrams == 0) {
            area.clear(); // also when the predecessor died between emptying the slots and the rest
            return new Found.Nothing();
        }
        boolean known = isInJournal(journal);
        if (!known) {
            collector.append(area, InFlight.SLOTS, origin);
        }
        area.clear();
        return known ? new Found.Known(datagrams) : new Found.Appended(datagrams);
    }

    private int datagramsInArea() {
        int datagrams = 0;
        for (int slot = 0; slot < InFlight.SLOTS; slot++) {
            datagrams += area.length(slot) > 0 ? 1 : 0;
        }
        return datagrams;
    }

    private boolean isInJournal(JournalAt journal) {
        if (area.appendAt() < 0) {
            return false; // it was not yet about to be appended
        }
        try (var reader = journal.open(area.appendAt())) {
            if (reader.next() != JournalReader.Step.FRAME) {
                return false;
            }
            var block = new ReceivedBlock();
            block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
            return block.kind() == ReceivedBlock.Kind.DATAGRAMS
                    && block.socket() == number
                    && block.batch() == area.batch();
        } catch (JournalTrimmed gone) {
            return true; // an append that failed takes its place back, so this one was read
        }
    }

    /**
     * Receives a batch and appends it.
     *
     * @return datagrams appended; 0 when none came in time
     * @throws io.narwhal.base.DiskFull when there is no room: the batch stays in the area, and the
     *     next step tries again before it receives more
     */
    public int step(int timeoutMs) {
        if (slots == 0) {
            slots = socket.receive(area, timeoutMs);
        }
        if (slots == 0) {
            return 0;
        }
        readDrops();
        int datagrams = collector.append(area, slots, origin);
        area.clear(slots);
        slots = 0;
        return datagrams;
    }

    /** Whether the area holds a batch that found no room in the journal yet. */
    public boolean isHolding() {
        return slots > 0;
    }

    /** Journals that time has passed. */
    public void tick() {
        readDrops();
        collector.mark(ReceivedBlock.Kind.TICK, origin);
    }

    /** Journals that nothing more will come. */
    public void close() {
        collector.mark(ReceivedBlock.Kind.CLOSE, origin);
    }

    private void readDrops() {
        long now = clock.monotonicNanos();
        if (now - dropsReadNanos > DROPS_EVERY_NANOS) {
            dropsReadNanos = now;
            origin = new Collector.Origin(number, listen, Transport.UDP, cookie, socket.drops());
        }
    }
}
