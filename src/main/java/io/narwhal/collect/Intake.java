package io.narwhal.collect;

import io.narwhal.base.Clock;
import io.narwhal.base.InFlight;
import io.narwhal.base.UdpSocket;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.ReceivedBlock;

import java.util.UUID;

/**
 * One socket of a collector and the area that it receives into. One thread at a time.
 *
 * <p>The steps of a batch, and what a successor finds if the process dies behind each: the kernel
 * fills slots (area full, journal not: appended by the successor) → {@link Collector#append} (area
 * full, journal has the batch: the successor sees it there and empties the area) → {@link
 * InFlight#clear} (area empty).
 */
public final class Intake implements DatagramIntake {
    private final Collector collector;
    private final SocketArea place;
    private final UdpSocket socket;
    private final InFlight area;
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
        this.place = new SocketArea(number, listen, socket, area, clock);
        this.socket = socket;
        this.area = area;
    }

    /** Opens the journal for reading, beyond what is published, at a position. */
    @FunctionalInterface
    public interface JournalAt {
        /** A reader up to the physical end. */
        JournalReader open(long position);
    }

    /** Brings what a predecessor left in the area into the journal, once. */
    public Found recover(UUID boot, JournalAt journal) {
        return place.recover(
                boot,
                journal,
                ReceivedBlock.Kind.DATAGRAMS,
                () -> collector.append(area, InFlight.SLOTS, place.origin()));
    }

    @Override
    public int step(int timeoutMs) {
        if (slots == 0) {
            slots = socket.receive(area, timeoutMs);
        }
        if (slots == 0) {
            return 0;
        }
        int datagrams = collector.append(area, slots, place.origin());
        area.clear(slots);
        slots = 0;
        return datagrams;
    }

    @Override
    public boolean isHolding() {
        return slots > 0;
    }

    @Override
    public void tick() {
        collector.mark(ReceivedBlock.Kind.TICK, place.origin());
    }

    @Override
    public void close() {
        collector.mark(ReceivedBlock.Kind.CLOSE, place.origin());
    }
}
