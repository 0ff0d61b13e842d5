package io.narwhal.collect;

import io.narwhal.base.Answers;
import io.narwhal.base.Clock;
import io.narwhal.base.InFlight;
import io.narwhal.base.UdpSocket;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One socket of a collector and the area that it receives into. One thread at a time. */
public final class SocketArea {
    private static final long DROPS_EVERY_NANOS = 100_000_000;

    private final LongSupplier drops;
    private final Supplier<Answers> answers;
    private final InFlight area;
    private final Clock clock;
    private final int number;
    private final int listen;
    private final Transport transport;
    private long cookie;
    private Collector.Origin origin;
    private long dropsReadNanos;

    /**
     * The area of one of a collector's sockets.
     *
     * @param number of the socket in its collector
     * @param listen number of the address that it listens at; several sockets may have one
     */
    public SocketArea(int number, int listen, UdpSocket socket, InFlight area, Clock clock) {
        this.number = number;
        this.listen = listen;
        this.transport = Transport.UDP;
        this.drops = socket::drops;
        this.answers = () -> socket.answers(area);
        this.area = area;
        this.clock = clock;
        this.cookie = socket.cookie();
        this.origin = origin(socket.drops());
        this.dropsReadNanos = clock.monotonicNanos();
    }

    /** The area of one address whose connections speak TLS. */
    SocketArea(int listen, Answers connections, InFlight area, Clock clock) {
        this.number = listen;
        this.listen = listen;
        this.transport = Transport.TLS;
        this.drops = () -> 0;
        this.answers = () -> connections;
        this.area = area;
        this.clock = clock;
        this.origin = origin(0);
        this.dropsReadNanos = clock.monotonicNanos();
    }

    /** What the datagrams of this area are answered by. */
    Answers answers() {
        return answers.get();
    }

    InFlight area() {
        return area;
    }

    Clock clock() {
        return clock;
    }

    /** What blocks of this socket say of where they come from; the drops as of 0.1 s ago. */
    Collector.Origin origin() {
        long now = clock.monotonicNanos();
        if (now - dropsReadNanos > DROPS_EVERY_NANOS) {
            dropsReadNanos = now;
            origin = origin(drops.getAsLong());
        }
        return origin;
    }

    private Collector.Origin origin(long dropped) {
        return new Collector.Origin(number, listen, transport, cookie, dropped);
    }

    /**
     * Brings what a predecessor left in the area into the journal, once.
     *
     * @param kind of the blocks that this socket's batches become
     * @param append appends what stands in the area
     */
    Intake.Found recover(
            UUID boot, Intake.JournalAt journal, ReceivedBlock.Kind kind, Runnable append) {
        // The kernel numbers its sockets from the beginning again at each boot.
        cookie ^= boot.getMostSignificantBits() ^ boot.getLeastSignificantBits();
        origin = origin(origin.drops());
        int datagrams = datagramsInArea();
        boolean trusted = area.isOf(boot.getMostSignificantBits(), boot.getLeastSignificantBits());
        if (!trusted) {
            area.format(boot.getMostSignificantBits(), boot.getLeastSignificantBits());
            return datagrams == 0
                    ? new Intake.Found.Nothing()
                    : new Intake.Found.Distrusted(datagrams);
        }
        if (datagrams == 0) {
            area.clear(); // also when the predecessor died between emptying the slots and the rest
            return new Intake.Found.Nothing();
        }
        boolean known = isInJournal(journal, kind);
        if (!known) {
            append.run();
        }
        area.clear();
        return known ? new Intake.Found.Known(datagrams) : new Intake.Found.Appended(datagrams);
    }

    private int datagramsInArea() {
        int datagrams = 0;
        for (int slot = 0; slot < InFlight.SLOTS; slot++) {
            datagrams += area.length(slot) > 0 ? 1 : 0;
        }
        return datagrams;
    }

    private boolean isInJournal(Intake.JournalAt journal, ReceivedBlock.Kind kind) {
        if (area.appendAt() < 0) {
            return false; // it was not yet about to be appended
        }
        try (var reader = journal.open(area.appendAt())) {
            if (reader.next() != JournalReader.Step.FRAME) {
                return false;
            }
            var block = new ReceivedBlock();
            block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
            return block.kind() == kind
                    && block.socket() == number
                    && block.batch() == area.batch();
        } catch (JournalTrimmed gone) {
            return true; // an append that failed takes its place back, so this one was read
        }
    }
}
