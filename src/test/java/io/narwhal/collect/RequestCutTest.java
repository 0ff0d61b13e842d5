package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.InFlight;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalVerifier;
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
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * R7, promises 1 and 2: two sockets of a collector, cut at every operation of the disk, by a kill
 * and by a power cut, and once more on the way. A device sends again what was not answered, and
 * forgets what was: that must be in the journal. Replay one with {@code -Dsim.seed=S -Dsim.cut=N}.
 */
class RequestCutTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final Path DIRECTORY = Path.of("/journal");
    private static final String SECRET = "a secret that nobody guesses";
    private static final int REQUESTS = 24;
    private static final int SOCKETS = 2;
    private static final List<InFlight> AREAS = List.of(InFlight.inMemory(), InFlight.inMemory());

    /** How the machine goes on after a cut. */
    private enum Cut {
        KILL,
        POWER
    }

    /** Devices: they know what they sent how often, and what was answered. */
    private static final class Devices {
        final SortedMap<Integer, Integer> sent = new TreeMap<>();
        final SortedSet<Integer> answered = new TreeSet<>();
        int forged;

        boolean haveSentAll() {
            return sent.size() == REQUESTS;
        }

        boolean areDone() {
            return haveSentAll() && answered.size() == REQUESTS;
        }
    }

    private static byte[] request(int id, String secret) {
        return new RadiusPacket(Attribute.ACCOUNTING_REQUEST, id, secret)
                .attribute(Attribute.PROXY_STATE, ByteBuffer.allocate(4).putInt(id).array())
                .text(Attribute.ACCT_SESSION_ID, "s-" + id)
                .request();
    }

    private static int idOf(byte[] packet, int at) {
        return ByteBuffer.wrap(packet).getInt(at + Attribute.HEADER_BYTES + 2);
    }

    /** Processes of one life, on one thread; steps in an order that the seed decides. */
    private static final class Node {
        final SimulatedDisk disk;
        final Devices devices;
        private final Random random;
        private final UUID boot;
        private final List<AskingSocket> sockets = new ArrayList<>();
        private final List<RequestIntake> intakes = new ArrayList<>();
        private JournalWriter journal;
        private Collector collector;

        static Node begin(long seed) {
            for (InFlight area : AREAS) {
                area.format(0, 0);
            }
            var node =
                    new Node(
                            new SimulatedDisk(seed),
                            new Devices(),
                            new Random(seed),
                            new UUID(1, 1));
            for (int i = 0; i < SOCKETS; i++) {
                node.sockets.add(new AskingSocket(3, () -> {}));
            }
            return node;
        }

        private Node(SimulatedDisk disk, Devices devices, Random random, UUID boot) {
            this.disk = disk;
            this.devices = devices;
            this.random = random;
            this.boot = boot;
        }

        Node after(Cut cut) {
            long next = random.nextLong();
            return switch (cut) {
                case KILL -> {
                    var node = new Node(disk.afterKill(), devices, new Random(next), boot);
                    sockets.forEach(one -> node.sockets.add(one.successor(() -> {})));
                    yield node;
                }
                case POWER -> {
                    var node =
                            new Node(
                                    disk.afterPowerCut(random),
                                    devices,
                                    new Random(next),
                                    new UUID(boot.getMostSignificantBits() + 1, 1));
                    sockets.forEach(one -> node.sockets.add(new AskingSocket(3, () -> {})));
                    yield node;
                }
            };
        }

        void run() {
            recover();
            while (!devices.areDone()) {
                step();
            }
            commit();
        }

        void recover() {
            journal =
                    JournalWriter.open(
                            disk,
                            Clock.system(),
                            new JournalSettings(
                                    DIRECTORY,
                                    new JournalLimits(2_000, 1_500, 0, 3_600_000),
                                    List.of("reader")),
                            () -> 9);
            commit();
            byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
            try (var last = JournalReader.openLast(disk, DIRECTORY)) {
                collector = new Collector(journal, last, Clock.system());
                for (int i = 0; i < SOCKETS; i++) {
                    var intake =
                            new RequestIntake(
                                    collector,
                                    new SocketArea(
                                            i, i, sockets.get(i), AREAS.get(i), Clock.system()),
                                    new Clients(List.of(new Client("all", 0, 0, 0, secret))),
                                    ignored -> {});
                    intake.recover(boot, at -> JournalReader.openPhysical(disk, DIRECTORY, at));
                    intakes.add(intake);
                }
            }
        }

        private void commit() {
            journal.publish(journal.force());
        }

        private void step() {
            int one = random.nextInt(SOCKETS);
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> send(sockets.get(one));
                case 4 -> commit();
                case 5 -> intakes.get(one).tick();
                default -> {
                    AskingSocket socket = sockets.get(one);
                    int before = socket.answered.size();
                    try {
                        intakes.get(one).step(1);
                    } finally {
                        heard(socket.answered.subList(before, socket.answered.size()));
                    }
                }
            }
        }

        private void send(AskingSocket socket) {
            int next = devices.sent.size();
            boolean isNew = !devices.haveSentAll() && random.nextBoolean();
            int id = isNew ? next : unanswered();
            if (random.nextInt(6) == 0) {
                socket.ask(request(random.nextInt(REQUESTS), "another"));
                devices.forged++;
            } else if (id >= 0) {
                socket.ask(request(id, SECRET));
                devices.sent.merge(id, 1, Integer::sum);
            }
        }

        private int unanswered() {
            List<Integer> ids =
                    devices.sent.keySet().stream()
                            .filter(id -> !devices.answered.contains(id))
                            .toList();
            return ids.isEmpty() ? -1 : ids.get(random.nextInt(ids.size()));
        }

        private void heard(List<byte[]> answers) {
            SortedSet<Integer> safe = answers.isEmpty() ? new TreeSet<>() : published(disk);
            for (byte[] answer : answers) {
                int id = idOf(answer, 0);
                assertThat(safe).as("answered when it was forced and published").contains(id);
                assertThat(RadiusPacket.answers(answer, request(id, SECRET), SECRET)).isTrue();
                devices.answered.add(id);
            }
        }
    }

    /** What readers see: never more than was forced. */
    private static SortedSet<Integer> published(SimulatedDisk disk) {
        SortedSet<Integer> ids = new TreeSet<>();
        var block = new ReceivedBlock();
        try (var reader = JournalReader.open(disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.next()) {
                    if (!block.isRefusal()) {
                        ids.add(idOf(block.bytes(), block.offset()));
                    }
                }
            }
        }
        return ids;
    }

    /** What the journal holds against what the devices know. */
    private static void exact(String what, Node node) {
        SortedMap<Integer, Integer> journalled = new TreeMap<>();
        long refused = 0;
        long requests = 0;
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(node.disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.next()) {
                    if (block.isRefusal()) {
                        refused += block.refusal().packets();
                        continue;
                    }
                    int id = idOf(block.bytes(), block.offset());
                    byte[] packet =
                            Arrays.copyOfRange(
                                    block.bytes(), block.offset(), block.offset() + block.length());
                    assertThat(packet).as(what).isEqualTo(request(id, SECRET));
                    journalled.merge(id, 1, Integer::sum);
                    requests++;
                }
                assertThat(block.datagramsTotal()).as(what).isEqualTo(requests);
            }
        }
        assertThat(journalled.keySet()).as(what).containsAll(node.devices.answered);
        journalled.forEach(
                (id, times) ->
                        assertThat(times)
                                .as("%s, request %d", what, id)
                                .isLessThanOrEqualTo(node.devices.sent.getOrDefault(id, 0)));
        assertThat(refused).as(what).isLessThanOrEqualTo(node.devices.forged);
        var verified = JournalVerifier.verify(node.disk, DIRECTORY);
        assertThat(verified.findings()).as(what).isEmpty();
    }

    @Test
    void undisturbedEverythingSentIsInTheJournalAsOftenAsSent() {
        Node node = Node.begin(SEED);
        node.run();
        node.intakes.forEach(intake -> intake.step(1)); // what is still queued
        while (node.sockets.stream().anyMatch(socket -> socket.queued() > 0)) {
            node.intakes.forEach(intake -> intake.step(1));
        }
        exact("undisturbed", node);
        var times = new TreeMap<Integer, Integer>();
        long refused = 0;
        var block = new ReceivedBlock();
        try (var reader = JournalReader.openPhysical(node.disk, DIRECTORY, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.next()) {
                    refused += block.isRefusal() ? block.refusal().packets() : 0;
                    if (!block.isRefusal()) {
                        times.merge(idOf(block.bytes(), block.offset()), 1, Integer::sum);
                    }
                }
            }
        }
        assertThat(times).isEqualTo(node.devices.sent);
        assertThat(refused).isEqualTo(node.devices.forged).isPositive();
    }

    @Test
    void whatWasAnsweredIsInTheJournalWhereverTheNodeIsCut() {
        Node whole = Node.begin(SEED);
        whole.run();
        long operations = whole.disk.operations();
        System.out.println("cut points: " + operations + ", seed " + SEED);
        assertThat(operations).isGreaterThan(80);
        long lost = 0;
        for (long n = ONLY > 0 ? ONLY : 1; n <= (ONLY > 0 ? ONLY : operations); n++) {
            for (Cut cut : Cut.values()) {
                lost += cutAt(n, cut);
                cutAgain(n, cut);
            }
        }
        assertThat(lost)
                .as("power cuts lose what was not forced, or nothing is tested")
                .isPositive();
    }

    /** How many requests that were appended the cut took out of the journal. */
    private static long cutAt(long n, Cut cut) {
        String what = "seed " + SEED + ", cut " + n + " by " + cut;
        Node node = cutNode(n, what);
        long appended = node.collector == null ? 0 : node.collector.datagramsTotal();
        Node next = node.after(cut);
        next.recover();
        exact(what + ", recovered", next);
        long lost = Math.max(0, appended - next.collector.datagramsTotal());
        assertThat(cut == Cut.POWER ? 0 : lost).as(what).isZero();
        goOn(what, next);
        return lost;
    }

    /** What goes on is cut, too, and what goes on from that is not. */
    private static void cutAgain(long n, Cut cut) {
        Node next = cutNode(n, "cut " + n).after(cut);
        long second = 1 + next.random.nextInt(60);
        Cut then = next.random.nextBoolean() ? Cut.KILL : Cut.POWER;
        String what = "seed %d, cut %d by %s, %d by %s".formatted(SEED, n, cut, second, then);
        next.disk.cutAt(second);
        if (isCut(next)) {
            next = next.after(then);
            next.recover();
            exact(what + ", recovered", next);
        }
        goOn(what, next);
    }

    private static Node cutNode(long n, String what) {
        Node node = Node.begin(SEED);
        node.disk.cutAt(n);
        assertThat(isCut(node)).as(what).isTrue();
        return node;
    }

    private static void goOn(String what, Node node) {
        while (!node.devices.areDone()) {
            node.step();
        }
        exact(what + ", and went on", node);
    }

    private static boolean isCut(Node node) {
        try {
            node.run();
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    @Test
    void aForceThatFailsAnswersNobodyAndItsSuccessorGoesOn() {
        int failed = 0;
        for (int n = 1; n <= 60; n++) {
            Node node = Node.begin(SEED + n);
            node.disk.failForceAt(n);
            try {
                node.run();
            } catch (DiskFailure | JournalFailed stopped) {
                failed++;
                Node next = node.after(Cut.KILL);
                next.recover();
                exact("force " + n + " fails", next);
                goOn("force " + n + " fails", next);
            }
        }
        assertThat(failed).isGreaterThan(20);
    }
}
