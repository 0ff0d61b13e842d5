package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.InFlight;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.collect.Intake.Found;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Client;
import io.narwhal.radius.Clients;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Requests on their way to the journal and the answers to them (R7): one socket, one thread. */
class RequestIntakeTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final UUID BOOT = new UUID(3, 4);
    private static final String SECRET = "a secret that nobody guesses";
    private static final long STRANGER = 0xffff_cb00_7109L; // 203.0.113.9

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private long nanos = 5_000_000_000L;
    private final List<String> log = new ArrayList<>();
    private final List<String> order = new ArrayList<>();
    private final InFlight area = formatted();
    private final JournalWriter journal = openJournal();
    private final AskingSocket socket = new AskingSocket(4, this::leaving);
    private final RequestIntake intake = intake();

    private static InFlight formatted() {
        InFlight area = InFlight.inMemory();
        area.format(BOOT.getMostSignificantBits(), BOOT.getLeastSignificantBits());
        return area;
    }

    private JournalWriter openJournal() {
        return JournalWriter.open(
                disk,
                clock(),
                new JournalSettings(
                        DIRECTORY, new JournalLimits(16 << 20, 1 << 19, 0, 0), List.of("reader")),
                () -> 9);
    }

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

    private RequestIntake intake() {
        byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
        var client = new Client("192.0.2.0/24", 0, 0xffff_c000_0200L, 120, secret);
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            return new RequestIntake(
                    new Collector(journal, last, clock()),
                    new SocketArea(2, 1, socket, area, clock()),
                    new Clients(List.of(client)),
                    log::add);
        }
    }

    private Found recover(RequestIntake successor, UUID boot) {
        return successor.recover(boot, at -> JournalReader.openPhysical(disk, DIRECTORY, at));
    }

    private void leaving() {
        assertThat(journal.forced()).as("answers leave when all is safe").isEqualTo(journal.end());
        assertThat(journal.published()).isEqualTo(journal.end());
        order.add("answers after operation " + disk.operations());
    }

    private long forces() {
        return disk.log().stream().filter(one -> one.startsWith("force ")).count();
    }

    /** The blocks of the journal, one line for each, and one for each entry. */
    private List<String> journalled() {
        List<String> lines = new ArrayList<>();
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                lines.add(
                        block.kind()
                                + " "
                                + block.datagramsTotal()
                                + " "
                                + block.octetsTotal()
                                + " items "
                                + reader.items());
                while (block.next()) {
                    lines.add(
                            block.source()
                                    + " "
                                    + (block.isRefusal() ? block.refusal() : id(block)));
                }
            }
        }
        return lines;
    }

    private static String id(ReceivedBlock block) {
        return "request " + (block.bytes()[block.offset() + 1] & 0xff) + " of " + block.length();
    }

    private static byte[] request(int id) {
        return RadiusPacket.interim(id, "s-1", SECRET);
    }

    @Test
    void aRequestIsJournalledAsItCameAndAnswered() {
        byte[] packet = request(7);
        socket.ask(packet);

        assertThat(intake.step(100)).isEqualTo(1);

        assertThat(journalled())
                .containsExactly("REQUESTS 1 37 items 1", "192.0.2.1 port 1024 request 7 of 37");
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
            reader.next();
            block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
        }
        assertThat(block.socket()).isEqualTo(2);
        assertThat(block.listen()).isEqualTo(1);
        assertThat(block.cookie()).isEqualTo(77);
        assertThat(block.next()).isTrue();
        assertThat(Arrays.copyOfRange(block.bytes(), block.offset(), block.offset() + 37))
                .isEqualTo(packet);
        assertThat(socket.answered).hasSize(1);
        assertThat(RadiusPacket.answers(socket.answered.getFirst(), packet, SECRET)).isTrue();
        assertThat(area.length(0)).isZero();
        assertThat(intake.answered()).isEqualTo(1);
    }

    @Test
    void aSingleRequestWaitsForOneForceAndNothingElse() {
        socket.ask(request(1));
        long before = forces();
        intake.step(100);

        assertThat(forces() - before).isEqualTo(1);
        assertThat(disk.log().getLast()).startsWith("put page ");
        assertThat(order).containsExactly("answers after operation " + disk.operations());
        assertThat(socket.receives).as("received, and looked whether more is queued").isEqualTo(2);
    }

    @Test
    void whatTheKernelQueuesSharesOneForce() {
        for (int id = 0; id < 50; id++) {
            socket.ask(request(id));
        }
        long before = forces();
        assertThat(intake.step(100)).isEqualTo(50);

        assertThat(forces() - before).isEqualTo(1);
        assertThat(socket.answered).hasSize(50);
        assertThat(order).hasSize(1);
        assertThat(journalled()).contains("REQUESTS 50 1850 items 2");
    }

    @Test
    void aGroupHasABound() {
        for (int id = 0; id < 4 * RequestIntake.BATCHES_MAX + 1; id++) {
            socket.ask(request(id));
        }
        intake.step(100);
        assertThat(socket.answered).hasSize(4 * RequestIntake.BATCHES_MAX);
        assertThat(socket.queued()).isEqualTo(1);
        intake.step(100);
        assertThat(order).hasSize(2);
    }

    @Test
    void whatSomebodyElseForcedIsNotForcedAgain() {
        socket.ask(request(1));
        long before = forces();
        var journalForced = new boolean[1];
        // Another socket's thread forces between the append and our force.
        var hasty =
                new AskingSocket(4, () -> {}) {
                    @Override
                    public int receive(InFlight into, int timeoutMs) {
                        int n = super.receive(into, timeoutMs);
                        if (n == 0) {
                            journal.force();
                            journalForced[0] = true;
                        }
                        return n;
                    }
                };
        hasty.ask(request(2));
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            new RequestIntake(
                            new Collector(journal, last, clock()),
                            new SocketArea(0, 0, hasty, area, clock()),
                            new Clients(
                                    List.of(
                                            new Client(
                                                    "all",
                                                    0,
                                                    0,
                                                    0,
                                                    SECRET.getBytes(StandardCharsets.UTF_8)))),
                            log::add)
                    .step(1);
        }
        assertThat(journalForced[0]).isTrue();
        assertThat(forces() - before).isEqualTo(1);
        assertThat(hasty.answered).hasSize(1);
        assertThat(journal.published()).isEqualTo(journal.end());
    }

    @Test
    void whatIsRefusedGetsNoAnswerButANoteForEachSourceAndReason() {
        byte[] forged = RadiusPacket.interim(1, "s-1", "another secret");
        byte[] access = new RadiusPacket(1, 2, SECRET).text(1, "who").request();
        byte[] tooLong = Arrays.copyOf(request(3), Attribute.PACKET_BYTES_MAX + 1);
        byte[] lying = request(4);
        lying[3]++;
        var wide = new AskingSocket(64, this::leaving);
        wide.ask(forged);
        wide.ask(request(5));
        wide.ask(request(6), STRANGER, 99);
        wide.ask(forged);
        wide.ask(access);
        wide.ask(tooLong);
        wide.ask(request(7), AskingSocket.LOW, 0);
        wide.ask(lying);
        wide.ask(new byte[0]);
        wide.ask(tooLong, STRANGER, 0);
        RequestIntake one = over(wide);

        assertThat(one.step(100)).isEqualTo(5);

        assertThat(wide.answered).hasSize(1);
        assertThat(RadiusPacket.answers(wide.answered.getFirst(), request(5), SECRET)).isTrue();
        assertThat(journalled())
                .containsExactly(
                        "REQUESTS 1 37 items 1",
                        "192.0.2.1 port 1024 request 5 of 37",
                        "192.0.2.1 port 0 Refusal[reason=BAD_AUTHENTICATOR, packets=2, octets=74]",
                        "203.0.113.9 port 0 Refusal[reason=UNKNOWN_CLIENT, packets=2, octets=4134]",
                        "192.0.2.1 port 0 Refusal[reason=NOT_ACCOUNTING, packets=1, octets=25]",
                        "192.0.2.1 port 0 Refusal[reason=MALFORMED, packets=4, octets=4171]");
        assertThat(one.refused()).isEqualTo(9);
    }

    private RequestIntake over(AskingSocket other) {
        byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
        var client = new Client("192.0.2.0/24", 0, 0xffff_c000_0200L, 120, secret);
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            return new RequestIntake(
                    new Collector(journal, last, clock()),
                    new SocketArea(2, 1, other, area, clock()),
                    new Clients(List.of(client)),
                    log::add);
        }
    }

    /** Requirement: bad bytes are an outcome. Replay one with {@code -Dfuzz.seed=S}. */
    @Test
    void whateverComesHasOneFate() {
        long seed = Long.getLong("fuzz.seed", 20_261_122);
        System.out.println("fuzz seed " + seed);
        var random = new Random(seed);
        var wide = new AskingSocket(64, this::leaving);
        RequestIntake one = over(wide);
        int sent = 20_000;
        for (int i = 0; i < sent; i++) {
            wide.ask(mutated(random), random.nextInt(9) == 0 ? STRANGER : AskingSocket.LOW, 9);
            if (wide.queued() == 500) {
                one.step(1);
            }
        }
        while (wide.queued() > 0) {
            one.step(1);
        }
        long requests = 0;
        long refused = 0;
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.next()) {
                    refused += block.isRefusal() ? block.refusal().packets() : 0;
                    requests += block.isRefusal() ? 0 : 1;
                }
            }
        }
        assertThat(requests).isPositive();
        assertThat(one.queries()).isPositive();
        assertThat(requests + one.queries()).isEqualTo(wide.answered.size());
        assertThat(requests + refused + one.queries()).isEqualTo(sent);
        assertThat(block.datagramsTotal()).isEqualTo(requests);
    }

    private static byte[] mutated(Random random) {
        byte[] packet =
                random.nextInt(4) == 0
                        ? RadiusPacket.statusServer(random.nextInt(256), SECRET)
                        : request(random.nextInt(256));
        if (random.nextInt(4) == 0) {
            packet = Arrays.copyOf(packet, random.nextInt(packet.length + 10));
        }
        for (int flips = random.nextInt(4); flips > 0 && packet.length > 0; flips--) {
            packet[random.nextInt(packet.length)] = (byte) random.nextInt();
        }
        return packet;
    }

    @Test
    void notesAloneAreJournalledAndForceNothing() {
        socket.ask(request(1), STRANGER, 5);
        long before = forces();

        assertThat(intake.step(100)).isEqualTo(1);

        assertThat(journalled())
                .containsExactly(
                        "REQUESTS 0 0 items 0",
                        "203.0.113.9 port 0 Refusal[reason=UNKNOWN_CLIENT, packets=1, octets=37]");
        assertThat(forces()).isEqualTo(before);
        assertThat(order).isEmpty();
    }

    @Test
    void aQueryIsAnsweredAndNotJournalled() {
        byte[] query = RadiusPacket.statusServer(9, SECRET);
        socket.ask(query);

        assertThat(intake.step(100)).isZero();

        assertThat(RadiusPacket.answers(socket.answered.getFirst(), query, SECRET)).isTrue();
        assertThat(journalled()).isEmpty();
        assertThat(intake.queries()).isEqualTo(1);
        assertThat(area.length(0)).isZero();
    }

    @Test
    void withoutRoomNothingOfTheBatchIsAnsweredAndItIsTriedAgain() {
        socket.ask(request(1));
        intake.step(100);
        disk.capacity(used() + 200); // one more batch of one request, not of four
        socket.ask(RadiusPacket.statusServer(2, SECRET));
        for (int id = 3; id < 6; id++) {
            socket.ask(request(id));
        }
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> intake.step(100)).isInstanceOf(DiskFull.class);
            assertThat(intake.isHolding()).isTrue();
            assertThat(socket.answered).hasSize(1);
            assertThat(socket.taken).as("nothing more is taken").isEqualTo(5);
        }
        disk.capacity(Long.MAX_VALUE);

        assertThat(intake.step(100)).isEqualTo(3);
        assertThat(intake.isHolding()).isFalse();
        assertThat(socket.answered).hasSize(5);
        assertThat(intake.queries()).isEqualTo(1);
        assertThat(journalled()).contains("REQUESTS 4 148 items 3");
    }

    private long used() {
        return disk.files().stream().mapToLong(file -> disk.bytes(file).length).sum();
    }

    @Test
    void whatHadRoomIsAnsweredThoughWhatFollowsHasNone() {
        for (int id = 0; id < 8; id++) {
            socket.ask(request(id));
        }
        disk.capacity(used() + 400); // for one batch of four
        assertThatThrownBy(() -> intake.step(100)).isInstanceOf(DiskFull.class);

        assertThat(socket.answered).hasSize(4);
        assertThat(intake.isHolding()).isTrue();
        disk.capacity(Long.MAX_VALUE);
        intake.step(100);
        assertThat(socket.answered).hasSize(8);
    }

    @Test
    void aFailedForceAnswersNobody() {
        socket.ask(request(1));
        socket.ask(RadiusPacket.statusServer(2, SECRET));
        disk.failForceAt(1);

        assertThatThrownBy(() -> intake.step(100)).isInstanceOf(JournalFailed.class);
        assertThat(order).isEmpty();
        assertThat(socket.answered).isEmpty();
    }

    @Test
    void anAnswerThatCannotLeaveIsCounted() {
        socket.ask(request(1));
        socket.ask(request(2));
        socket.refuses = 1;
        intake.step(100);

        assertThat(intake.answered()).isEqualTo(1);
        assertThat(intake.unsent()).isEqualTo(1);
    }

    @Test
    void aSuccessorVerifiesAndAppendsWhatIsInTheAreaOnceAndAnswersNothing() {
        put(0, request(1));
        put(1, RadiusPacket.interim(2, "s-1", "another secret"));
        put(2, RadiusPacket.statusServer(3, SECRET));

        assertThat(recover(intake, BOOT)).isEqualTo(new Found.Appended(3));

        List<String> expected =
                List.of(
                        "REQUESTS 1 37 items 1",
                        "192.0.2.1 port 1024 request 1 of 37",
                        "192.0.2.1 port 0 Refusal[reason=BAD_AUTHENTICATOR, packets=1, octets=37]");
        assertThat(journalled()).isEqualTo(expected);
        assertThat(order).isEmpty();
        assertThat(recover(intake(), BOOT)).isEqualTo(new Found.Nothing());
        assertThat(journalled()).isEqualTo(expected);
    }

    private void put(int slot, byte[] packet) {
        area.put(slot, ByteBuffer.wrap(packet), AskingSocket.HIGH, AskingSocket.LOW, 1_024);
    }

    @Test
    void aSuccessorKnowsABatchThatIsInTheJournal() {
        socket.ask(request(1));
        long batch = area.batch();
        intake.step(100);
        // As if it had been killed between the append and the emptying of the area.
        InFlight before = InFlight.inMemory();
        before.format(BOOT.getMostSignificantBits(), BOOT.getLeastSignificantBits());
        while (before.batch() < batch) {
            before.clear();
        }
        before.put(0, ByteBuffer.wrap(request(1)), 0, AskingSocket.LOW, 1_024);
        before.setAppendAt(0);
        try (var last = JournalReader.openLast(disk, DIRECTORY)) {
            var successor =
                    new RequestIntake(
                            new Collector(journal, last, clock()),
                            new SocketArea(2, 1, socket, before, clock()),
                            new Clients(List.of()),
                            log::add);
            assertThat(recover(successor, BOOT)).isEqualTo(new Found.Known(1));
        }
        assertThat(journalled()).hasSize(2);
    }

    @Test
    void queriesAloneInTheAreaLeaveNothingInTheJournal() {
        put(0, RadiusPacket.statusServer(3, SECRET));
        assertThat(recover(intake, BOOT)).isEqualTo(new Found.Appended(1));
        assertThat(journalled()).isEmpty();
    }

    @Test
    void whatIsLeftOfAnotherBootIsNotTrusted() {
        put(0, request(1));
        assertThat(recover(intake, new UUID(5, 6))).isEqualTo(new Found.Distrusted(1));
        assertThat(journalled()).isEmpty();
    }

    @Test
    void marksHaveTheTotalsOfRequests() {
        socket.ask(request(1));
        socket.ask(request(1), STRANGER, 5);
        intake.step(100);
        intake.tick();
        intake.close();

        assertThat(journalled()).contains("TICK 1 37 items 0", "CLOSE 1 37 items 0");
    }

    @Test
    void theLogTellsTheFirstRefusalAtOnceAndThenSummaries() {
        socket.ask(request(1), STRANGER, 5);
        intake.step(100);
        assertThat(log)
                .containsExactly(
                        "203.0.113.9: 1 packet refused, as this address is no client; add it to"
                                + " the collector's clients, or find out who sends there"
                                + " (unknown-client)");
        log.clear();
        for (int i = 0; i < 8; i++) {
            socket.ask(RadiusPacket.interim(i, "s-1", "geheim"));
            intake.step(100);
        }
        assertThat(log).isEmpty();
        nanos += RefusalLog.EVERY_NANOS;
        intake.step(100);
        assertThat(log)
                .containsExactly(
                        "192.0.2.1: 8 packets not signed with the secret of client 192.0.2.0/24;"
                                + " check the secret on both sides (bad-authenticator)");
        log.clear();
        nanos += RefusalLog.EVERY_NANOS;
        intake.step(100);
        assertThat(log).isEmpty();
    }

    @Test
    void aFloodFillsNoLog() {
        var wide = new AskingSocket(64, this::leaving);
        RequestIntake one = over(wide);
        one.step(1);
        for (int i = 0; i < 3_000; i++) {
            wide.ask(request(1), STRANGER + i, 5);
        }
        while (wide.queued() > 0) {
            one.step(1);
        }
        int first = log.size();
        assertThat(first).isLessThanOrEqualTo(RefusalLog.LINES_MAX + 1);
        nanos += RefusalLog.EVERY_NANOS;
        one.step(1);
        assertThat(log.size() - first).isEqualTo(RefusalLog.LINES_MAX + 1);
        assertThat(log.getLast()).startsWith("other addresses: ");
        assertThat(log.toString()).doesNotContain(SECRET);
    }

    @Test
    void theMemoryForAnswersIsGivenBack() {
        intake.release();
        assertThat(socket.released).isTrue();
    }
}
