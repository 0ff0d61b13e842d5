package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Client;
import io.narwhal.radius.Clients;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * R7, promises 1 and 2, by connections: cut at every operation of the disk, by a kill and by a
 * power cut. The connections die with the process; clients connect again and send again what was
 * not answered, with another identifier. What was answered they forget: that must be in the
 * journal. Replay with {@code -Dsim.seed=S}.
 */
class RadsecCutTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final Path DIRECTORY = Path.of("/journal");
    private static final String SECRET = "radsec";
    private static final int REQUESTS = 20;
    private static final int CLIENTS = 2;

    /** How the machine goes on after a cut. */
    enum Cut {
        KILL,
        POWER
    }

    /** Two clients and the collector that they speak to. */
    private static final class Scene {
        private SimulatedDisk disk = new SimulatedDisk(SEED);
        private final Random random = new Random(SEED);
        private final SortedSet<Integer> answered = new TreeSet<>();
        // What each client sent, in the order of its answers, by the connection that it has now.
        private final List<List<Integer>> asked = new ArrayList<>();
        private final List<Wire.Connection> connections = new ArrayList<>();
        private RadsecIntake intake;
        private int identifier;
        private int sent;

        void begin() {
            var wire = new Wire();
            var journal =
                    JournalWriter.open(
                            disk,
                            Clock.system(),
                            new JournalSettings(
                                    DIRECTORY,
                                    new JournalLimits(2_000, 1_500, 0, 3_600_000),
                                    List.of("reader")),
                            () -> 9);
            journal.publish(journal.force());
            byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
            try (var last = JournalReader.openLast(disk, DIRECTORY)) {
                intake =
                        new RadsecIntake(
                                new Collector(journal, last, Clock.system()),
                                wire,
                                wire.listener,
                                new Clients(List.of(new Client("all", 0, 0, 0, secret))),
                                Clock.system(),
                                new RadsecIntake.Settings(0, CLIENTS, UnaryOperator.identity()),
                                ignored -> {});
            }
            connections.clear();
            asked.clear();
            for (int client = 0; client < CLIENTS; client++) {
                Wire.Connection connection = wire.connect(client + 1);
                connection.gulp(20 + 30 * client);
                connections.add(connection);
                asked.add(new ArrayList<>());
            }
        }

        void run() {
            begin();
            while (answered.size() < REQUESTS) {
                ask(random.nextInt(CLIENTS));
                if (random.nextBoolean()) {
                    step();
                }
            }
        }

        // The next request that it has, or what it has asked by an earlier connection.
        private void ask(int client) {
            List<Integer> waiting = asked.get(client);
            for (int id = client; id < REQUESTS; id += CLIENTS) {
                if (!answered.contains(id) && !waiting.contains(id)) {
                    waiting.add(id);
                    identifier = (identifier + 1) % 256;
                    connections.get(client).send(request(identifier, id));
                    sent++;
                    return;
                }
            }
        }

        private void step() {
            try {
                intake.step(0);
            } finally {
                for (int client = 0; client < CLIENTS; client++) {
                    hear(client);
                }
            }
        }

        private void hear(int client) {
            ByteBuffer answers = ByteBuffer.wrap(connections.get(client).answered());
            while (answers.hasRemaining()) {
                int length = answers.getShort(answers.position() + 2);
                int id = answers.getInt(answers.position() + Attribute.HEADER_BYTES + 2);
                answers.position(answers.position() + length);
                assertThat(asked.get(client).remove((Integer) id)).isTrue();
                answered.add(id);
            }
        }

        List<Integer> journalled() {
            List<Integer> ids = new ArrayList<>();
            var block = new ReceivedBlock();
            try (var reader = JournalReader.openPhysical(disk, DIRECTORY, 0)) {
                while (reader.next() == JournalReader.Step.FRAME) {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    while (block.next()) {
                        ids.add(
                                ByteBuffer.wrap(block.bytes())
                                        .getInt(block.offset() + Attribute.HEADER_BYTES + 2));
                    }
                }
            }
            return ids;
        }
    }

    private static byte[] request(int identifier, int id) {
        return new RadiusPacket(Attribute.ACCOUNTING_REQUEST, identifier, SECRET)
                .attribute(Attribute.PROXY_STATE, ByteBuffer.allocate(4).putInt(id).array())
                .text(Attribute.ACCT_SESSION_ID, "s-" + id)
                .request();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAnsweredIsInTheJournalWhereverTheNodeIsCut(Cut cut) {
        var whole = new Scene();
        whole.run();
        assertThat(whole.journalled()).hasSize(whole.sent);
        long operations = whole.disk.operations();
        assertThat(operations).isGreaterThan(40);
        int again = 0;
        for (long n = 1; n <= operations; n++) {
            var scene = new Scene();
            scene.disk.cutAt(n);
            try {
                scene.run();
                throw new AssertionError("the cut did not come");
            } catch (PowerCut cutNow) {
                scene.disk =
                        switch (cut) {
                            case KILL -> scene.disk.afterKill();
                            case POWER -> scene.disk.afterPowerCut(scene.random);
                        };
            }
            String what = "seed " + SEED + ", cut " + n;
            scene.begin();
            assertThat(scene.journalled()).as(what).containsAll(scene.answered);
            scene.run();
            assertThat(scene.journalled())
                    .as(what)
                    .containsAll(scene.answered)
                    .hasSizeLessThanOrEqualTo(scene.sent);
            again += scene.sent - REQUESTS;
        }
        assertThat(again).as("requests are sent again, or nothing is tested").isPositive();
    }
}
