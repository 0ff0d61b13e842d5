package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.SmallFile;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalReaders;
import io.narwhal.journal.Lineage;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Reason;
import io.narwhal.transfer.Slice;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Thresholds;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The agent of a node, with a manager by hand and without sockets. */
class AgentWorkTest {
    private static final StreamId FLOWS = new StreamId(Journal.RECEIVED, "flows");

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final ServedNode.Time time = new ServedNode.Time();
    private final SavingManager manager = new SavingManager("central", Journal.RECEIVED);

    private void turn(AgentWork agent, int times) {
        for (int i = 0; i < times; i++) {
            agent.step(false);
            time.micros += 25_000;
        }
    }

    private static void publish(ServedNode node, int from, int to) {
        for (int i = from; i <= to; i++) {
            node.append("frame " + i);
        }
        node.publish();
    }

    @Test
    void everyFrameArrivesAsItIsAndIsFreedOnlyThen() {
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            publish(node, 1, 50);
            turn(agent, 5);
            assertThat(agent.isDelivered()).isFalse();
            assertThat(JournalReader.acknowledged(disk, node.flows, "to.central")).isZero();

            manager.connect(agent.handler(), 1);
            turn(agent, 40);

            assertThat(manager.saved.get(FLOWS).values())
                    .hasSize(50)
                    .startsWith("frame 1", "frame 2");
            assertThat(agent.isDelivered()).isTrue();
            assertThat(JournalReader.acknowledged(disk, node.flows, "to.central"))
                    .isEqualTo(manager.through(FLOWS));
        }
    }

    @Test
    void nothingIsFreedWhileTheManagerDoesNotAcknowledge() {
        manager.acknowledges = false;
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            publish(node, 1, 50);
            manager.connect(agent.handler(), 1);
            turn(agent, 40);

            assertThat(manager.saved.get(FLOWS)).isNotEmpty();
            assertThat(JournalReader.acknowledged(disk, node.flows, "to.central")).isZero();
            assertThat(agent.isDelivered()).isFalse();
        }
    }

    @Test
    void itAsksToBePulledWhenItHoldsSoManyRecords() {
        manager.pulls = false;
        manager.thresholds = new Thresholds(0, 0, 10, 0, 1_000);
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            manager.connect(agent.handler(), 1);
            publish(node, 1, 9);
            turn(agent, 8);
            assertThat(requests()).isEmpty();

            publish(node, 10, 10);
            turn(agent, 8);

            assertThat(requests()).isNotEmpty();
            assertThat(requests().getFirst().reasons()).containsExactly(Reason.RECORD_COUNT);
            assertThat(requests().getFirst().held().records()).isEqualTo(10);
        }
    }

    @Test
    void itAsksToBePulledWhenTheOldestRecordIsSoOld() {
        manager.pulls = false;
        manager.thresholds = new Thresholds(0, 0, 0, 5_000, 1_000);
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            manager.connect(agent.handler(), 1);
            publish(node, 1, 2);
            turn(agent, 8);
            assertThat(requests()).isEmpty();

            time.micros += 5_000_000;
            turn(agent, 8);

            assertThat(requests()).isNotEmpty();
            assertThat(requests().getFirst().reasons()).containsExactly(Reason.AGE);
        }
    }

    @Test
    void aManagerThatComesForTheFirstTimeToADiskThatIsFullEmptiesIt() {
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            publish(node, 1, 50);
            disk.capacity(0);
            manager.connect(agent.handler(), 1);
            turn(agent, 40);

            assertThat(manager.saved.get(FLOWS)).hasSize(50);
            assertThat(agent.isDelivered()).isTrue();
        }
    }

    @Test
    void aJournalThatWasMadeJustBeforeTheDrainIsWaitedFor() {
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            agent.step(false);
            publish(node, 1, 3);
            agent.step(true);

            assertThat(agent.isDelivered()).isFalse();
        }
    }

    @Test
    void aJournalWhoseFirstHeaderIsDamagedIsServedFromThereOn() {
        try (var node = new ServedNode(disk, time, 1)) {
            publish(node, 1, 200);
            disk.flip(node.flows.resolve("00000000000000000000.seg"), 8);
            try (var holding = new JournalHolding(node.environment, node.duty)) {
                Stream stream = holding.streams(Journal.RECEIVED).getFirst();
                var gap = holding.read(FLOWS, 0, Long.MAX_VALUE, 1_000, 1 << 20);
                var rest = holding.read(FLOWS, gap.through(), Long.MAX_VALUE, 1_000, 1 << 20);

                assertThat(stream.epoch()).isEqualTo(77);
                assertThat(gap).isInstanceOf(Slice.Damaged.class);
                assertThat(((Slice.Frames) rest).items()).isEqualTo(200);
            }
        }
    }

    @Test
    void aWriterWhoOverwritesATornEntryIsSeen() {
        try (var node = new ServedNode(disk, time, 1)) {
            publish(node, 1, 1);
            try (var torn = disk.open(node.flows.resolve(Lineage.FILE), Disk.Mode.WRITE)) {
                torn.write(ByteBuffer.allocate(32), 32);
            }
            try (var holding = new JournalHolding(node.environment, node.duty)) {
                assertThat(holding.streams(Journal.RECEIVED).getFirst().lineage()).hasSize(1);
                time.micros += 1_000;
                long end = node.writer().end();
                Lineage.enter(disk, node.flows, new Lineage.Entry(9, end, 0));
                Path file = node.flows.resolve(Lineage.FILE);
                disk.put(file, SmallFile.read(disk, file), time.micros); // its time has changed
                publish(node, 2, 2);

                assertThat(holding.streams(Journal.RECEIVED).getFirst().lineage().getLast())
                        .isEqualTo(new Incarnation(9, end));
            }
        }
    }

    private List<FromAgent.PullRequest> requests() {
        return manager.heard.stream()
                .filter(FromAgent.PullRequest.class::isInstance)
                .map(FromAgent.PullRequest.class::cast)
                .toList();
    }

    @Test
    void whatIsHeldIsCountedExactlyAlsoAfterARestart() {
        try (var node = new ServedNode(disk, time, 1)) {
            publish(node, 1, 30);
            try (var agent = node.agent()) {
                manager.maxBytes = 300;
                manager.connect(agent.handler(), 1);
                manager.acknowledges = true;
                turn(agent, 40);
                agent.end();
            }
            publish(node, 31, 37);
            try (var holding = new JournalHolding(node.environment, node.duty)) {
                holding.scan(1 << 20);
                Map<StreamId, Long> saved = Map.of(FLOWS, manager.through(FLOWS));

                Occupancy held = holding.occupancy(Journal.RECEIVED, saved);

                assertThat(held.records()).isEqualTo(7);
                assertThat(held.bytes()).isPositive();
                assertThat(holding.isHeld(Journal.RECEIVED, saved)).isTrue();
            }
        }
    }

    @Test
    void aDrainWaitsForAManagerThatNeverCame() {
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            publish(node, 1, 3);
            agent.step(true);
            time.micros += 25_000;
            agent.step(true);

            assertThat(agent.isDelivered()).isFalse();
            assertThat(agent.tell(""))
                    .isEqualTo("waits until all is acknowledged: central (received)");
            manager.connect(agent.handler(), 1);
            turn(agent, 20);
            assertThat(agent.isDelivered()).isTrue();
        }
    }

    @Test
    void damageIsToldAndTheRestArrives() {
        try (var node = new ServedNode(disk, time, 1)) {
            publish(node, 1, 10);
            Path segment = node.flows.resolve("00000000000000000000.seg");
            disk.flip(segment, 64 + 3 * 48 + 40);
            try (var holding = new JournalHolding(node.environment, node.duty)) {
                holding.scan(1 << 20);
                var first = holding.read(FLOWS, 0, Long.MAX_VALUE, 1_000, 1 << 20);
                var gap = holding.read(FLOWS, first.through(), Long.MAX_VALUE, 1_000, 1 << 20);
                var rest = holding.read(FLOWS, gap.through(), Long.MAX_VALUE, 1_000, 1 << 20);

                assertThat(first).isInstanceOf(Slice.Frames.class);
                assertThat(gap).isInstanceOf(Slice.Damaged.class);
                assertThat(((Slice.Frames) first).items() + ((Slice.Frames) rest).items())
                        .isEqualTo(9);
            }
        }
    }

    @Test
    void whoIsNoLongerConfiguredKeepsWhatItHasNotSavedUntilItIsRemoved() {
        try (var node = new ServedNode(disk, time, 1)) {
            publish(node, 1, 200);
        }
        String other = ServedNode.YAML.replace("[central]", "[m2]");
        try (var node = new ServedNode(disk, time, 2, other)) {
            JournalReaders.acknowledge(disk, node.flows, "to.m2", node.writer().end());
            node.writer().trim(Long.MAX_VALUE / 2);
            assertThat(JournalReader.oldest(disk, node.flows)).isZero();
            try (var agent = node.agent()) {
                agent.step(false);
                assertThat(agent.tell("")).contains("narwhal transfer remove central");
            }
            var removal = new ReaderRemoval(node.environment);
            assertThat(removal.plan("m2")).isInstanceOf(ReaderRemoval.Plan.Refused.class);
            assertThat(removal.plan("nobody")).isInstanceOf(ReaderRemoval.Plan.Refused.class);
            var plan = (ReaderRemoval.Plan.Ready) removal.plan("central");
            assertThat(plan.records()).isEqualTo(200);
            assertThat(plan.bytes()).isPositive();

            removal.remove(plan);

            node.writer().trim(Long.MAX_VALUE / 2);
            assertThat(JournalReader.oldest(disk, node.flows)).isPositive();
            assertThat(removal.candidates()).isEmpty();
            assertThat(removal.plan("central")).isInstanceOf(ReaderRemoval.Plan.Refused.class);
        }
    }

    @Test
    void theStateIsSavedOnADiskThatIsFull() {
        var files = new ReaderFiles(disk, Path.of("/n/data/transfer"));
        assertThat(files.load()).isEmpty();
        files.save("central.received", bytes("one"));
        files.save("central.received", bytes("two"));
        disk.capacity(0);

        files.save("central.received", bytes("three"));

        var again = new ReaderFiles(disk, Path.of("/n/data/transfer"));
        assertThat(again.load().get("central.received")).isEqualTo(bytes("three"));
    }

    @Test
    void ofTwoFilesTheOneThatIsWholeHolds() {
        var files = new ReaderFiles(disk, Path.of("/n/data/transfer"));
        files.load();
        files.save("central.usage", bytes("one"));
        files.save("central.usage", bytes("two"));
        disk.flip(Path.of("/n/data/transfer/to.central.usage.a"), 25);

        assertThat(new ReaderFiles(disk, Path.of("/n/data/transfer")).load().get("central.usage"))
                .isEqualTo(bytes("one"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void howTheLinksStandIsWrittenDown() {
        try (var node = new ServedNode(disk, time, 1);
                var agent = node.agent()) {
            publish(node, 1, 5);
            manager.connect(agent.handler(), 1);
            turn(agent, 100);

            byte[] json = SmallFile.read(disk, Path.of("/n/data/transfer/served.json"));
            assertThat(new String(json, StandardCharsets.UTF_8))
                    .contains("\"link\":\"central\"")
                    .contains("\"address\":\"127.0.0.1:1\"");
        }
    }
}
