package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.NetFailure;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Client;
import io.narwhal.radius.Clients;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Requests by connections (R7, R63; RFC 6613 §2.6, RFC 6614): what is journalled and answered. */
class RadsecIntakeTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final String SECRET = "radsec";
    private static final int SESSIONS = 4;

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final Wire wire = new Wire();
    private final List<String> log = new ArrayList<>();
    private long nanos = 5_000_000_000L;
    private final Clock clock = clock();
    private final JournalWriter journal = openJournal();
    private final RadsecIntake intake = intake();

    private Clock clock() {
        return new Clock() {
            @Override
            public long wallMicros() {
                return nanos / 1_000;
            }

            @Override
            public long monotonicNanos() {
                return nanos;
            }

            @Override
            public void sleepMillis(long millis) {
                throw new AssertionError("nobody sleeps on the way to an answer");
            }
        };
    }

    private JournalWriter openJournal() {
        return JournalWriter.open(
                disk,
                clock,
                new JournalSettings(
                        DIRECTORY, new JournalLimits(1 << 20, 1 << 19, 0, 0), List.of("reader")),
                () -> 9);
    }

    private RadsecIntake intake() {
        byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            return new RadsecIntake(
                    new Collector(journal, last, clock),
                    wire,
                    wire.listener,
                    new Clients(
                            List.of(new Client("10.0.0.0/8", 0, 0xffff_0a00_0000L, 104, secret))),
                    clock,
                    new RadsecIntake.Settings(1, SESSIONS, UnaryOperator.identity()),
                    log::add);
        }
    }

    /** A client that is let in, and whose answers must be safe. */
    private Wire.Connection connect(int port) {
        Wire.Connection connection = wire.connect(port);
        connection.leaving(
                () -> {
                    assertThat(journal.forced()).as("R7").isEqualTo(journal.end());
                    assertThat(journal.published()).isEqualTo(journal.end());
                });
        intake.step(0);
        return connection;
    }

    private static byte[] request(int id) {
        return RadiusPacket.interim(id, "s-" + id, SECRET);
    }

    private static byte[] request(int id, int proxyStateBytes) {
        return new RadiusPacket(Attribute.ACCOUNTING_REQUEST, id, SECRET)
                .integer(Attribute.ACCT_STATUS_TYPE, 3)
                .attribute(Attribute.PROXY_STATE, new byte[proxyStateBytes])
                .request();
    }

    private long forces() {
        return disk.log().stream().filter(one -> one.startsWith("force ")).count();
    }

    /** What the journal says: port and identifier of requests, address and reason of notes. */
    private List<String> journalled() {
        List<String> lines = new ArrayList<>();
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                assertThat(block.listen()).isEqualTo(1);
                assertThat(block.transport()).isEqualTo(Transport.TLS);
                if (!block.kind().isData()) {
                    lines.add(block.kind().name());
                }
                while (block.next()) {
                    lines.add(line(block));
                }
            }
        }
        return lines;
    }

    private static String line(ReceivedBlock block) {
        return block.isRefusal()
                ? block.source()
                        + " "
                        + block.refusal().reason()
                        + " "
                        + block.refusal().packets()
                        + " of "
                        + block.refusal().octets()
                : block.source().port() + ": " + (block.bytes()[block.offset() + 1] & 0xff);
    }

    /** The identifiers of genuine answers that came by a connection. */
    private static List<Integer> heard(Wire.Connection connection, byte[]... requests) {
        List<Integer> ids = new ArrayList<>();
        ByteBuffer answers = ByteBuffer.wrap(connection.answered());
        while (answers.hasRemaining()) {
            var answer = new byte[answers.getShort(answers.position() + 2)];
            answers.get(answer);
            assertThat(Arrays.asList(requests))
                    .anyMatch(request -> RadiusPacket.answers(answer, request, SECRET));
            ids.add(answer[1] & 0xff);
        }
        return ids;
    }

    @Test
    void r7EachAnswerLeavesByItsOwnConnectionAndAllShareOneForce() {
        Wire.Connection one = connect(1);
        Wire.Connection two = connect(2);
        intake.step(0);
        long before = forces();
        one.send(request(11));
        two.send(request(21));
        two.send(request(22));
        assertThat(intake.step(0)).isEqualTo(3);
        assertThat(forces() - before).isEqualTo(1);
        assertThat(heard(one, request(11))).containsExactly(11);
        assertThat(heard(two, request(21), request(22))).containsExactly(21, 22);
        assertThat(journalled()).containsExactly("1: 11", "2: 21", "2: 22");
        assertThat(intake.requests().answered()).isEqualTo(3);
        assertThat(intake.sessions()).isEqualTo(2);
    }

    @Test
    void thePacketsOfOneReadMayBeMoreThanABatch() {
        Wire.Connection one = connect(1);
        Wire.Connection two = connect(2);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            one.send(request(i));
            expected.add("1: " + i);
        }
        two.send(request(250));
        expected.add("2: 250");
        intake.step(0);
        intake.step(0);
        assertThat(journalled()).isEqualTo(expected);
        assertThat(heard(two, request(250))).containsExactly(250);
        assertThat(one.answered()).hasSize(200 * 20);
    }

    @Test
    void aPacketMayComeOctetByOctet() {
        Wire.Connection one = connect(1);
        one.gulp(1);
        byte[] first = request(11);
        byte[] second = request(12, 200);
        one.send(first);
        one.send(second);
        for (int i = 0; i < first.length + second.length + 1; i++) {
            intake.step(0);
        }
        assertThat(journalled()).containsExactly("1: 11", "1: 12");
        assertThat(heard(one, first, second)).containsExactly(11, 12);
    }

    @Test
    void packetsMayEndAnywhereInWhatIsRead() {
        Wire.Connection one = connect(1);
        Wire.Connection two = connect(2);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            (i % 2 == 0 ? one : two).send(request(i, 1 + 37 * i % 250));
            expected.add((i % 2 == 0 ? "1: " : "2: ") + i);
        }
        for (int i = 0; i < 400; i++) {
            one.gulp(1 + 777 * i % 1_501);
            two.gulp(1 + 555 * i % 1_301);
            intake.step(0);
        }
        assertThat(journalled()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(intake.requests().answered()).isEqualTo(250);
    }

    @Test
    void theLargestPacketIsTaken() {
        var packet = new RadiusPacket(Attribute.ACCOUNTING_REQUEST, 9, SECRET);
        for (int i = 0; i < 15; i++) {
            packet.attribute(Attribute.PROXY_STATE, new byte[253]);
        }
        byte[] largest = packet.attribute(Attribute.PROXY_STATE, new byte[249]).request();
        assertThat(largest).hasSize(4_096);
        Wire.Connection one = connect(1);
        one.send(largest);
        one.send(largest);
        intake.step(0);
        assertThat(journalled()).containsExactly("1: 9", "1: 9");
        assertThat(heard(one, largest)).containsExactly(9, 9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 19, 4_097, 65_535})
    void aLengthThatLiesEndsTheConnectionAndIsBooked(int length) {
        Wire.Connection one = connect(1);
        one.send(request(11));
        byte[] lie = ByteBuffer.allocate(6).put((byte) 4).putShort(2, (short) length).array();
        one.send(lie);
        one.send(request(12));
        intake.step(0);
        intake.step(0);
        assertThat(one.shut).isTrue();
        assertThat(journalled())
                .containsExactly(
                        "1: 11",
                        "10.0.0.1 port 0 MALFORMED 1 of " + (lie.length + request(12).length));
        assertThat(log).anySatisfy(line -> assertThat(line).contains("ended: it brought a packet"));
    }

    @Test
    void whatIsNotGenuineEndsTheConnectionAndIsNotAnswered() {
        Wire.Connection one = connect(1);
        Wire.Connection two = connect(2);
        byte[] forged = RadiusPacket.interim(11, "s", "another");
        one.send(forged);
        two.send(request(21));
        intake.step(0);
        assertThat(one.shut).isTrue();
        assertThat(one.answered()).isEmpty();
        assertThat(two.shut).isFalse();
        assertThat(heard(two, request(21))).containsExactly(21);
        assertThat(journalled())
                .containsExactly(
                        "2: 21", "10.0.0.1 port 0 BAD_AUTHENTICATOR 1 of " + forged.length);
        assertThat(intake.sessions()).isEqualTo(1);
    }

    @Test
    void whatIsNoAccountingIsBookedAndTheConnectionStays() {
        Wire.Connection one = connect(1);
        byte[] access = new RadiusPacket(1, 5, SECRET).request();
        one.send(access);
        one.send(request(11));
        intake.step(0);
        assertThat(journalled()).containsExactly("1: 11", "10.0.0.1 port 0 NOT_ACCOUNTING 1 of 20");
        assertThat(one.shut).isFalse();
    }

    @Test
    void whoIsNoClientIsNotLetInAndBooked() {
        Wire.Connection stranger = wire.connect(1);
        stranger.peerLow = 0xffff_cb00_7109L;
        stranger.send(request(1));
        intake.step(0);
        assertThat(stranger.shut).isTrue();
        assertThat(stranger.queued()).as("nothing is read").isEqualTo(request(1).length);
        assertThat(journalled()).containsExactly("203.0.113.9 port 0 UNKNOWN_CLIENT 1 of 0");
        assertThat(intake.requests().refused()).isEqualTo(1);
        assertThat(log).singleElement().asString().contains("203.0.113.9", "no client");
    }

    @Test
    void aStatusServerIsAnsweredAndNotJournalled() {
        Wire.Connection one = connect(1);
        byte[] query = RadiusPacket.statusServer(7, SECRET);
        one.send(query);
        intake.step(0);
        assertThat(heard(one, query)).containsExactly(7);
        assertThat(journalled()).isEmpty();
    }

    @Test
    void whoAsksAndEndsTheConnectionIsJournalledAllTheSame() {
        Wire.Connection one = connect(1);
        one.send(request(11));
        intake.step(0);
        one.send(request(12));
        one.end();
        intake.step(0);
        intake.step(0);
        assertThat(journalled()).containsExactly("1: 11", "1: 12");
        assertThat(intake.sessions()).isZero();
    }

    @Test
    void aResetBeforeTheAnswerLosesTheAnswerAlone() {
        Wire.Connection one = connect(1);
        Wire.Connection two = connect(2);
        intake.step(0);
        one.send(request(11));
        two.send(request(21));
        two.leaving(one::reset);
        one.leaving(
                () -> {
                    throw new NetFailure("the peer reset the connection");
                });
        intake.step(0);
        assertThat(journalled()).containsExactly("1: 11", "2: 21");
        assertThat(intake.requests().answered()).isEqualTo(1);
        assertThat(intake.requests().unsent()).isEqualTo(1);
        assertThat(intake.sessions()).isEqualTo(1);
    }

    @Test
    void whoReadsSlowlyIsAnsweredLater() {
        Wire.Connection one = connect(1);
        one.room(30);
        one.send(request(11));
        one.send(request(12));
        intake.step(0);
        assertThat(one.answered()).hasSize(30);
        one.room(5);
        intake.step(0);
        one.room(Integer.MAX_VALUE);
        intake.step(0);
        assertThat(one.answered()).as("the rest of both").hasSize(10);
        assertThat(one.shut).isFalse();
    }

    @Test
    void anAnswerThatWaitsForItsForceDoesNotLeaveWithOneThatDoesNot() {
        Wire.Connection one = connect(1);
        one.room(0);
        one.send(request(1));
        intake.step(0);
        one.room(Integer.MAX_VALUE);
        for (int i = 2; i < 140; i++) {
            one.send(
                    request(i)); // several batches: the connection is served again before the force
        }
        one.gulp(2_000);
        intake.step(0);
        intake.step(0);
        assertThat(one.answered()).hasSize(139 * 20);
    }

    @Test
    void whoDoesNotReadIsClosedWhenTheQueueIsFull() {
        Wire.Connection one = connect(1);
        Wire.Connection two = connect(2);
        one.room(100);
        int asked = 0;
        while (!one.shut && asked < 1_000) {
            one.send(request(asked % 256, 250));
            asked++;
            intake.step(0);
        }
        assertThat(one.shut).isTrue();
        assertThat(asked * 272)
                .isBetween(
                        RadsecConnections.QUEUE_BYTES_MAX, RadsecConnections.QUEUE_BYTES_MAX + 600);
        assertThat(intake.slowReaders()).isEqualTo(1);
        assertThat(log).singleElement().asString().contains("does not read its answers");
        two.send(request(1));
        intake.step(0);
        assertThat(heard(two, request(1))).containsExactly(1);
    }

    @Test
    void nothingIsReadOrAnsweredWhileThereIsNoRoomAndNothingIsLost() {
        Wire.Connection one = connect(1);
        intake.step(0);
        disk.capacity(0);
        one.send(request(11));
        assertThatThrownBy(() -> intake.step(0)).isInstanceOf(DiskFull.class);
        one.send(request(12));
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> intake.step(0)).isInstanceOf(DiskFull.class);
        }
        assertThat(intake.requests().isHolding()).isTrue();
        assertThat(one.queued()).as("stays in the kernel").isEqualTo(request(12).length);
        assertThat(one.answered()).isEmpty();
        disk.capacity(Long.MAX_VALUE);
        intake.step(0);
        assertThat(heard(one, request(11), request(12))).containsExactly(11, 12);
        assertThat(journalled()).containsExactly("1: 11", "1: 12");
    }

    @Test
    void aForceThatFailsAnswersNobody() {
        Wire.Connection one = connect(1);
        intake.step(0);
        one.send(request(11));
        disk.failForceAt(1);
        assertThatThrownBy(() -> intake.step(0)).isInstanceOf(JournalFailed.class);
        assertThat(one.answered()).isEmpty();
    }

    @Test
    void moreThanTheLimitOfConnectionsWaitUntilOneEnds() {
        Wire.Connection one = connect(1);
        for (int port = 2; port <= SESSIONS + 1; port++) {
            connect(port);
        }
        intake.step(0);
        intake.step(0);
        assertThat(wire.waiting()).isEqualTo(1);
        assertThat(log).singleElement().asString().contains("4 connections, the limit");
        one.end();
        intake.step(0);
        intake.step(0);
        assertThat(wire.waiting()).isZero();
        assertThat(intake.sessions()).isEqualTo(SESSIONS);
    }

    @Test
    void whoNeverShowsWhoItIsIsClosedAndWhoIsIdleIsNot() {
        Wire.Connection one = connect(1);
        Wire.Connection idle = connect(2);
        one.established = false;
        intake.step(0);
        nanos += RadsecConnections.HANDSHAKE_NANOS_MAX;
        intake.step(0);
        assertThat(one.shut).isFalse();
        nanos += 1_000_000_000L;
        intake.step(0);
        assertThat(one.shut).isTrue();
        assertThat(idle.shut).isFalse();
        assertThat(intake.refusedByTls()).isEqualTo(1);
    }

    @Test
    void whoNeverShowsWhoItIsKeepsClientsAwayForSecondsOnly() {
        Wire.Connection known = connect(1);
        for (int port = 2; port <= SESSIONS; port++) {
            connect(port).established = false;
        }
        connect(SESSIONS + 1);
        intake.step(0);
        nanos += RadsecConnections.HANDSHAKE_NANOS_WHEN_FULL;
        intake.step(0);
        assertThat(wire.waiting()).isEqualTo(1);
        nanos += 1_000_000_000L;
        intake.step(0);
        intake.step(0);
        assertThat(wire.waiting()).isZero();
        assertThat(known.shut).isFalse();
        assertThat(intake.sessions()).isEqualTo(2);
    }

    @Test
    void manyEndsFillNoLog() {
        for (int i = 0; i < 50; i++) {
            connect(100 + i).reset();
            intake.step(0);
            intake.step(0);
        }
        assertThat(log).hasSize(LogLimit.LINES_MAX);
        nanos += LogLimit.EVERY_NANOS;
        connect(1).reset();
        intake.step(0);
        intake.step(0);
        assertThat(log.subList(LogLimit.LINES_MAX, log.size()))
                .hasSize(2)
                .first()
                .asString()
                .contains("40 more lines");
    }

    @Test
    void aDrainEndsAllConnectionsBeforeTheIntakeCloses() {
        Wire.Connection one = connect(1);
        one.send(request(11));
        intake.step(0);
        intake.requests().tick();
        intake.endSessions();
        intake.requests().close();
        assertThat(journalled()).containsExactly("1: 11", "TICK", "CLOSE");
        assertThat(one.shut).isTrue();
        assertThat(intake.sessions()).isZero();
        intake.close();
    }
}
