package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.InFlight;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.collect.Collector;
import io.narwhal.collect.Intake;
import io.narwhal.collect.Intake.Found;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** R20: what a successor makes of the in-flight area, where the disk alone does not tell. */
class HandoverTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final UUID BOOT = new UUID(3, 4);

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final Clock clock = Clock.system();
    private final InFlight area = formatted();
    private final InFlight otherArea = formatted();
    private final Kernel socket = new Kernel(0);
    private final Kernel otherSocket = new Kernel(1);
    private final JournalWriter journal =
            JournalWriter.open(
                    disk,
                    clock,
                    new JournalSettings(
                            DIRECTORY, new JournalLimits(400, 300, 0, 0), List.of("reader")),
                    () -> 9);
    private final Collector collector = collector();
    private final Intake intake = new Intake(collector, 0, 0, socket, area, clock);
    private final Intake other = new Intake(collector, 1, 1, otherSocket, otherArea, clock);

    private static InFlight formatted() {
        InFlight area = InFlight.inMemory();
        area.format(BOOT.getMostSignificantBits(), BOOT.getLeastSignificantBits());
        return area;
    }

    private Collector collector() {
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            return new Collector(journal, last, clock);
        }
    }

    private Found successor() {
        return new Intake(collector, 0, 0, socket, area, clock)
                .recover(BOOT, at -> JournalReader.openPhysical(disk, DIRECTORY, at));
    }

    private static Script.Datagram datagram(int id) {
        return new Script.Datagram(id, 0, new byte[60]);
    }

    private static void put(InFlight area) {
        area.put(0, ByteBuffer.wrap(new byte[60]), 0, 1, 2);
    }

    private static void empty(InFlight area) {
        area.put(0, ByteBuffer.allocate(0), 0, 1, 2);
    }

    private void journalMuchFromTheOtherSocketAndTrim() {
        for (int i = 0; i < 20; i++) {
            otherSocket.send(datagram(100 + i));
            other.step(0);
        }
        journal.publish(journal.force());
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (reader.next() != JournalReader.Step.END) {
                // all of it
            }
            reader.acknowledge("reader", reader.position());
        }
        assertThat(journal.trim(Long.MAX_VALUE)).isPositive();
    }

    @Test
    void aBatchIsAppendedAlthoughWhereTheLastOneStoodIsTrimmed() {
        socket.send(datagram(1));
        intake.step(0);
        journalMuchFromTheOtherSocketAndTrim();
        put(area);

        long before = collector.datagramsTotal();
        assertThat(successor()).isEqualTo(new Found.Appended(1));
        assertThat(collector.datagramsTotal()).isEqualTo(before + 1);
    }

    @Test
    void aBatchThatWasAppendedIsKnownAlthoughItsPlaceIsTrimmed() {
        socket.send(datagram(1));
        long place = journal.end();
        intake.step(0);
        journalMuchFromTheOtherSocketAndTrim();
        put(area);
        area.setAppendAt(place); // as if it had died before it emptied the area

        assertThat(successor()).isEqualTo(new Found.Known(1));
    }

    @Test
    void aBatchThatFoundNoRoomIsHeldUntilItIsInTheJournal() {
        assertThat(intake.isHolding()).isFalse();
        disk.capacity(0);
        socket.send(datagram(1));
        assertThatThrownBy(() -> intake.step(0)).isInstanceOf(DiskFull.class);
        assertThat(intake.isHolding()).isTrue();

        disk.capacity(Long.MAX_VALUE);
        assertThat(intake.step(0)).isEqualTo(1);
        assertThat(intake.isHolding()).isFalse();
    }

    @Test
    void aBatchThatFoundNoRoomIsAppendedAlthoughAnotherTookItsPlace() {
        disk.capacity(0);
        socket.send(datagram(1));
        assertThatThrownBy(() -> intake.step(0)).isInstanceOf(DiskFull.class);
        assertThat(intake.isHolding()).isTrue();
        disk.capacity(Long.MAX_VALUE);
        journalMuchFromTheOtherSocketAndTrim();

        assertThat(successor()).isEqualTo(new Found.Appended(1));
    }

    @Test
    void theNextBatchIsNotTakenForOneWhoseSlotsWereEmptiedLast() {
        socket.send(datagram(1));
        long place = journal.end();
        intake.step(0);
        InFlight found = InFlight.inMemory(); // died between emptying the slots and the rest
        found.format(BOOT.getMostSignificantBits(), BOOT.getLeastSignificantBits());
        put(found);
        found.setAppendAt(place);
        empty(found);
        var second = new Intake(collector, 0, 0, socket, found, clock);
        Intake.JournalAt journalAt = at -> JournalReader.openPhysical(disk, DIRECTORY, at);
        assertThat(second.recover(BOOT, journalAt)).isEqualTo(new Found.Nothing());
        put(found); // received, and killed before it was about to be appended

        var third = new Intake(collector, 0, 0, socket, found, clock);
        assertThat(third.recover(BOOT, journalAt)).isEqualTo(new Found.Appended(1));
    }

    @Test
    void theTotalsAreLearntAlthoughTheOpenSegmentIsEmptyAndTheRestAcknowledged() {
        for (int i = 0; i < 4; i++) {
            socket.send(datagram(i));
            intake.step(0);
        }
        long total = collector.datagramsTotal();
        for (int i = 0;
                disk.files().stream().filter(f -> f.toString().endsWith("seg")).count() < 3;
                i++) {
            long used = disk.files().stream().mapToLong(file -> disk.bytes(file).length).sum();
            disk.capacity(used + 64); // room for a segment's header, not for a frame
            socket.send(datagram(9));
            try {
                intake.step(0);
            } catch (DiskFull full) {
                // the segment was begun, or there was no room in the old one
            }
            disk.capacity(Long.MAX_VALUE);
            assertThat(i).isLessThan(10);
            if (journal.end() % 8 == 0 && journalEndsWithAHeader()) {
                break;
            }
            intake.step(0);
            total = collector.datagramsTotal();
        }
        assertThat(journalEndsWithAHeader()).isTrue();
        journal.publish(journal.force());
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (reader.next() != JournalReader.Step.END) {
                // all of it
            }
            reader.acknowledge("reader", reader.position());
        }
        journal.trim(Long.MAX_VALUE);

        assertThat(collector().datagramsTotal()).isEqualTo(total);
    }

    private boolean journalEndsWithAHeader() {
        try (var last = JournalReader.openPhysical(disk, DIRECTORY, newestBase())) {
            return last.next() == JournalReader.Step.END;
        }
    }

    private long newestBase() {
        String name =
                disk.list(DIRECTORY).stream()
                        .filter(f -> f.endsWith(".seg"))
                        .sorted()
                        .toList()
                        .getLast();
        return Long.parseLong(name.substring(0, 20));
    }
}
