package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalReader;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.StreamId;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The agent cut at every write and force, by kill and by power: it frees nothing that the manager
 * has not acknowledged, nothing that it does not remember as acknowledged, and goes on where it
 * was.
 */
class AgentCutTest {
    private static final StreamId FLOWS = new StreamId(Journal.RECEIVED, "flows");
    private static final int BATCHES = 4;
    private static final int FRAMES = 3;

    /** What all lives of one node together have seen. */
    private static final class History {
        final SavingManager manager = new SavingManager("central", Journal.RECEIVED);
        final ServedNode.Time time = new ServedNode.Time();
        final List<String> published = new ArrayList<>();
        final List<String> pending = new ArrayList<>();
        long frames;
        long lives;
    }

    @Test
    void whateverIsCutNothingIsFreedEarlyAndEverythingArrivesOnce() {
        long operations = operations();
        assertThat(operations).isGreaterThan(60);
        for (long n = 1; n <= operations; n++) {
            play(n);
        }
    }

    private static long operations() {
        var disk = new SimulatedDisk(1);
        live(new History(), disk);
        return disk.operations();
    }

    /** Three lives that are cut, by power and by kill in turn, and one that is not. */
    private static void play(long n) {
        String what = "cut at " + n;
        var history = new History();
        var disk = new SimulatedDisk(n);
        for (int cut = 0; cut < 3; cut++) {
            disk.cutAt(n + 7L * cut);
            try {
                live(history, disk);
            } catch (PowerCut _) {
                // This is the point.
            }
            var chance = new Random(31 * n + cut);
            boolean power = (n + cut) % 2 == 0;
            disk = power ? disk.afterPowerCut(chance) : disk.afterKill();
            verify(what, history, disk);
        }
        history.pending.clear();
        live(history, disk);
        assertThat(history.manager.saved.get(FLOWS).values())
                .as(what)
                .containsSubsequence(history.published)
                .doesNotHaveDuplicates();
    }

    /** What was freed is known as acknowledged, and is at the manager. */
    private static void verify(String what, History history, SimulatedDisk disk) {
        try (var node = new ServedNode(disk, history.time, ++history.lives);
                var agent = node.agent()) {
            long freed = JournalReader.acknowledged(disk, node.flows, "to.central");
            long known =
                    agent.machine()
                            .acknowledged("central", Journal.RECEIVED)
                            .getOrDefault(FLOWS, 0L);
            assertThat(freed).as(what).isLessThanOrEqualTo(known);
            assertThat(known).as(what).isLessThanOrEqualTo(history.manager.through(FLOWS));
            // The page may be older than what was freed, as it is not forced; the state never is.
            assertThat(JournalReader.oldest(disk, node.flows)).as(what).isLessThanOrEqualTo(known);
        }
    }

    /** One life: collects, is pulled, loses a link, frees; ends in order unless it is cut. */
    private static void live(History history, SimulatedDisk disk) {
        try (var node = new ServedNode(disk, history.time, ++history.lives)) {
            node.writer();
            try (var agent = node.agent()) {
                for (int batch = 0; batch < BATCHES; batch++) {
                    history.pending.clear();
                    for (int i = 0; i < FRAMES; i++) {
                        String text = "frame " + ++history.frames + " ".repeat(150);
                        node.append(text);
                        history.pending.add(text);
                    }
                    node.publish();
                    history.published.addAll(history.pending);
                    long number = 100 * history.lives + batch;
                    var connection = history.manager.connect(agent.handler(), number);
                    connection.isReady = batch % 3 != 1;
                    turn(history, agent, batch % 2 == 0 ? 40 : 7);
                    connection.cut();
                    turn(history, agent, 2);
                    node.writer().trim(history.time.micros);
                }
                history.manager.connect(agent.handler(), 100 * history.lives + 99);
                turn(history, agent, 120);
                assertThat(agent.isDelivered()).isTrue();
                agent.end();
                node.writer().trim(history.time.micros);
            }
        }
    }

    private static void turn(History history, AgentWork agent, int times) {
        for (int i = 0; i < times; i++) {
            agent.step(false);
            history.time.micros += 25_000;
        }
    }
}
