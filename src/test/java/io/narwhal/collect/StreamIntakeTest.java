package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SessionArea;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StreamSession;
import io.narwhal.base.StreamSocket;
import io.narwhal.collect.StreamIntake.Recovered;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Sessions on their way into the journal: what is written, what waits, and what a successor makes
 * of them wherever the process was killed (R20, R23; RFC 7011 §10.4).
 */
class StreamIntakeTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final UUID BOOT = new UUID(3, 4);
    private static final Function<StreamSession, Optional<StreamSocket>> NOBODY =
            ignored -> Optional.empty();

    private SimulatedDisk disk = new SimulatedDisk(1);
    private final SessionArea area = SessionArea.inMemory();
    private final Wire wire = new Wire();
    private final List<String> log = new ArrayList<>();
    private JournalWriter journal = openJournal();
    private StreamIntake intake = begun(NOBODY, 2);

    private JournalWriter openJournal() {
        return JournalWriter.open(
                disk,
                Clock.system(),
                new JournalSettings(
                        DIRECTORY, new JournalLimits(1 << 20, 1 << 19, 0, 0), List.of("reader")),
                () -> 9);
    }

    private StreamIntake begun(
            Function<StreamSession, Optional<StreamSocket>> resume, int sessionsMax) {
        StreamIntake made = made(sessionsMax);
        made.recover(BOOT, at -> JournalReader.openPhysical(disk, DIRECTORY, at), resume);
        return made;
    }

    private StreamIntake made(int sessionsMax) {
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            return new StreamIntake(
                    new Collector(journal, last, Clock.system()),
                    wire,
                    wire.listener,
                    area,
                    new StreamIntake.Settings(
                            1, Transport.TCP, sessionsMax, UnaryOperator.identity()),
                    log::add);
        }
    }

    /** A message of so many bytes, whose last ones say which it is. */
    private static byte[] message(int number, int bytes) {
        return ByteBuffer.allocate(bytes)
                .putShort((short) 10)
                .putShort((short) bytes)
                .putInt(bytes - 4, number)
                .array();
    }

    /** What the journal says: kinds, and for messages port and number. */
    private List<String> journalled() {
        List<String> lines = new ArrayList<>();
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                assertThat(block.listen()).isEqualTo(1);
                assertThat(block.transport()).isEqualTo(Transport.TCP);
                lines.addAll(lines(block));
            }
        }
        return lines;
    }

    private static List<String> lines(ReceivedBlock block) {
        List<String> lines = new ArrayList<>();
        boolean any = false;
        while (block.next()) {
            any = true;
            int port = block.source().port();
            lines.add(
                    switch (block.kind()) {
                        case DATAGRAMS -> port + ": " + number(block);
                        case SESSION_BEGAN -> port + " began";
                        case SESSION_ENDED -> port + " ended";
                        case TICK, CLOSE, REQUESTS, LINES -> throw new AssertionError(block.kind());
                    });
        }
        if (!any) {
            lines.add(block.kind() == ReceivedBlock.Kind.SESSION_ENDED ? "all ended" : "mark");
        }
        return lines;
    }

    private static int number(ReceivedBlock block) {
        return block.length() < 16
                ? -block.length()
                : ByteBuffer.wrap(block.bytes()).getInt(block.offset() + block.length() - 4);
    }

    @Test
    void messagesOfASessionStandBetweenItsBeginningAndItsEnd() {
        Wire.Connection one = wire.connect(1);
        one.send(message(11, 20));
        one.send(message(12, 3_000));
        intake.step(0);
        intake.step(0);
        Wire.Connection two = wire.connect(2);
        two.send(message(21, 65_535));
        one.end();
        intake.step(0);
        intake.step(0);
        assertThat(journalled())
                .containsExactly(
                        "all ended", "1 began", "1: 11", "1: 12", "1 ended", "2 began", "2: 21")
                .as("in the order in which it came");
        assertThat(intake.sessions()).isEqualTo(1);
        assertThat(one.shut).isTrue();
    }

    @Test
    void aMessageMayComeByteByByte() {
        Wire.Connection one = wire.connect(1);
        one.gulp(1);
        one.send(message(11, 20));
        one.send(message(12, 20));
        for (int i = 0; i < 45; i++) {
            intake.step(0);
        }
        assertThat(journalled()).containsExactly("all ended", "1 began", "1: 11", "1: 12");
    }

    @Test
    void theLargestMessagesGoThroughAnyBufferBoundary() {
        Wire.Connection one = wire.connect(1);
        List<String> expected = new ArrayList<>(List.of("all ended", "1 began"));
        for (int i = 0; i < 40; i++) {
            one.send(message(i, 65_535 - 7 * i));
            expected.add("1: " + i);
        }
        for (int i = 0; i < 100; i++) {
            one.gulp(1 + 37_777 * i % 90_001);
            intake.step(0);
        }
        assertThat(journalled()).isEqualTo(expected);
    }

    @Test
    void r6WhatIsNoMessageEndsTheSessionAndIsJournalledAsItCame() {
        Wire.Connection one = wire.connect(1);
        one.send(message(11, 20));
        one.send(new byte[] {0, 9, 0, 0, 0});
        one.send(message(12, 20));
        intake.step(0);
        intake.step(0);
        List<String> lines = journalled();
        assertThat(lines)
                .hasSize(5)
                .startsWith("all ended", "1 began", "1: 11")
                .endsWith("1 ended");
        assertThat(one.shut).isTrue();
        assertThat(log).singleElement().asString().contains("version 9", "25 bytes are no message");
    }

    @Test
    void aMessageThatTheEndCutsOffIsJournalledAsFarAsItCame() {
        Wire.Connection one = wire.connect(1);
        one.send(message(11, 20));
        one.send(new byte[] {0, 10, 0, 99, 5});
        one.end();
        intake.step(0);
        intake.step(0);
        intake.step(0);
        assertThat(journalled())
                .containsExactly("all ended", "1 began", "1: 11", "1: -5", "1 ended");
    }

    @Test
    void aConnectionThatIsResetEndsItsSession() {
        Wire.Connection one = wire.connect(1);
        intake.step(0);
        one.reset();
        intake.step(0);
        assertThat(journalled()).containsExactly("all ended", "1 began", "1 ended");
        assertThat(log).singleElement().asString().contains("reset");
    }

    @Test
    void moreThanTheLimitOfSessionsWaitUntilOneEnds() {
        Wire.Connection one = wire.connect(1);
        wire.connect(2);
        wire.connect(3);
        intake.step(0);
        intake.step(0);
        assertThat(intake.sessions()).isEqualTo(2);
        assertThat(wire.waiting()).isEqualTo(1);
        assertThat(log).singleElement().asString().contains("2 sessions, the limit");
        one.end();
        intake.step(0);
        intake.step(0);
        assertThat(intake.sessions()).isEqualTo(2);
        assertThat(wire.waiting()).isZero();
    }

    @Test
    void nothingIsTakenWhileThereIsNoRoomAndNothingIsLost() {
        Wire.Connection one = wire.connect(1);
        intake.step(0);
        intake.step(0);
        disk.capacity(0);
        one.send(message(11, 20));
        assertThatThrownBy(() -> intake.step(0)).isInstanceOf(DiskFull.class);
        one.send(message(12, 20));
        wire.connect(2).send(message(21, 20));
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> intake.step(0)).isInstanceOf(DiskFull.class);
        }
        assertThat(intake.isHolding()).isTrue();
        assertThat(one.queued()).as("stays in the kernel").isEqualTo(20);
        assertThat(wire.waiting()).isEqualTo(1);

        disk.capacity(Long.MAX_VALUE);
        intake.step(0);
        intake.step(0);
        assertThat(intake.isHolding()).isFalse();
        assertThat(journalled())
                .containsExactly("all ended", "1 began", "1: 11", "1: 12", "2 began", "2: 21");
    }

    /** R20: killed at every operation of the disk; the connections are kept and go on. */
    @Test
    void wherverItIsKilledEachMessageIsJournalledOnceAndInOrder() {
        long operations = play(Long.MAX_VALUE, true);
        assertThat(operations).isGreaterThan(15);
        for (long cut = 1; cut <= operations; cut++) {
            play(cut, true);
        }
    }

    /** R20: killed at every operation of the disk; the connections die with the process. */
    @Test
    void whereverItIsKilledWhatWasTakenIsJournalledAlthoughTheConnectionIsLost() {
        long operations = play(Long.MAX_VALUE, false);
        for (long cut = 1; cut <= operations; cut++) {
            play(cut, false);
        }
    }

    // Two exporters send ten messages each, in pieces that do not end where messages do.
    private static long play(long cut, boolean kept) {
        var test = new StreamIntakeTest();
        long before = test.disk.operations();
        Wire.Connection[] peers = {test.wire.connect(1), test.wire.connect(2)};
        for (int i = 0; i < 10; i++) {
            peers[0].send(message(100 + i, 20 + i));
            peers[1].send(message(200 + i, 900 + i));
        }
        peers[0].gulp(33);
        peers[1].gulp(1_700);
        peers[0].end();
        peers[1].end();
        test.disk.cutAt(cut == Long.MAX_VALUE ? cut : before + cut);
        try {
            test.steps();
            assertThat(cut).isEqualTo(Long.MAX_VALUE);
        } catch (PowerCut killed) {
            test.succeed(kept, peers);
            test.steps();
        }
        test.assertExact("cut " + cut, kept || cut == Long.MAX_VALUE, peers);
        return test.disk.operations() - before;
    }

    private void steps() {
        for (int i = 0; i < 30; i++) {
            intake.step(0);
        }
    }

    private void succeed(boolean kept, Wire.Connection... peers) {
        disk = disk.afterKill();
        journal = openJournal();
        Map<Long, StreamSocket> held = new HashMap<>();
        for (Wire.Connection peer : peers) {
            held.put(peer.cookie(), peer);
        }
        intake =
                begun(
                        session ->
                                kept
                                        ? Optional.ofNullable(held.get(session.cookie()))
                                        : Optional.empty(),
                        2);
    }

    private void assertExact(String what, boolean all, Wire.Connection... peers) {
        List<String> lines = journalled();
        for (Wire.Connection peer : peers) {
            int port = peer.peerPort();
            List<String> messages =
                    lines.stream().filter(line -> line.startsWith(port + ": " + port)).toList();
            for (int i = 0; i < messages.size(); i++) {
                assertThat(messages.get(i)).as(what).isEqualTo(port + ": " + (port * 100 + i));
            }
            if (all) {
                assertThat(messages).as(what).hasSize(10);
            }
            long ends = lines.stream().filter((port + " ended")::equals).count();
            boolean began = lines.contains(port + " began");
            assertThat(ends).as("%s: %s", what, lines).isBetween(began ? 1L : 0L, 2L);
            assertThat(lines.lastIndexOf(port + ": " + (port * 100 + messages.size() - 1)))
                    .as("%s: %s", what, lines)
                    .isLessThan(began ? lines.lastIndexOf(port + " ended") : 1);
        }
    }

    @Test
    void aBatchThatWasAppendedAndNotTakenOutIsKnownToTheSuccessor() {
        Wire.Connection one = wire.connect(1);
        intake.step(0);
        intake.step(0);
        one.send(message(12, 20));
        one.send(message(13, 20));
        one.gulp(30);
        StreamSession session = area.open(0);
        one.receive(session);
        // It dies behind the append: what stands in the journal is in the area too.
        long cookie = one.cookie() ^ BOOT.getMostSignificantBits() ^ BOOT.getLeastSignificantBits();
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            new Collector(journal, last, Clock.system())
                    .append(
                            session,
                            Framing.of(session.bytes(), session.from(), session.to()),
                            20,
                            new Collector.Origin(1, 1, Transport.TCP, cookie, 0));
        }
        assertThat(journalled()).containsExactly("all ended", "1 began", "1: 12");

        intake = begun(any -> Optional.of(one), 2);
        intake.step(0);
        assertThat(journalled()).containsExactly("all ended", "1 began", "1: 12", "1: 13");
    }

    @Test
    void whatAnotherBootLeftIsForgotten() {
        wire.connect(1).send(message(11, 20));
        intake.step(0);
        var next = made(2);
        Recovered recovered =
                next.recover(
                        new UUID(5, 6),
                        at -> JournalReader.openPhysical(disk, DIRECTORY, at),
                        NOBODY);
        assertThat(recovered).isEqualTo(new Recovered(0, 0));
        next.step(0);
        assertThat(journalled()).last().isEqualTo("all ended");
    }

    @Test
    void aDrainEndsAllSessionsBeforeTheIntakeCloses() {
        Wire.Connection one = wire.connect(1);
        one.send(message(11, 20));
        intake.step(0);
        intake.step(0);
        intake.endSessions();
        intake.close();
        assertThat(journalled())
                .containsExactly("all ended", "1 began", "1: 11", "1 ended", "mark");
        assertThat(one.shut).isTrue();
        assertThat(area.listener().cookie()).isZero();
    }
}
