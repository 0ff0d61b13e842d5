package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalVerifier;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Random;

/**
 * R20, R22 and promise 5 for flows that wait for their sessions: the same rows come of the same
 * journals, whichever is read first, however often accounting is cut, and with any number of
 * threads. Replay one with {@code -Dsim.seed=S -Dsim.cut=N}; {@code -Dsim.full=true} cuts each
 * operation both ways, and not only in turn.
 */
class SubscriberCutTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final boolean FULL = Boolean.getBoolean("sim.full");
    private static final long END_MS = 60_000;
    private static final SubscriberScript SCRIPT = script();
    private static final List<String> TRUTH = truth();

    @BeforeAll
    static void quiet() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(null);
    }

    // Eight hosts change hands; what is told of that comes up to 40 s late, and some never.
    private static SubscriberScript script() {
        var script = new SubscriberScript();
        var random = new Random(7);
        for (int second = 1; second < END_MS / 1_000; second += 4) {
            long at = second * 1_000L;
            int host = random.nextInt(8);
            long eventMs = Math.max(0, at - random.nextInt(40_000));
            if (random.nextInt(3) == 0) {
                script.stop(at, "u" + random.nextInt(second), host, eventMs, 20);
            } else {
                script.start(at, "u" + second, host, eventMs);
            }
            script.tickRequests(at + 2_000);
            for (int i = 0; i < 3; i++) {
                long arrivalMs = at + 300 * i;
                long startMs = Math.max(0, arrivalMs - random.nextInt(50_000));
                int exporter = random.nextInt(2);
                script.flow(arrivalMs, exporter, random.nextInt(8), startMs, arrivalMs, 1 << i);
            }
            script.tickFlows(at + 2_500);
        }
        return script.closeRequests(END_MS).closeFlows(END_MS + 10);
    }

    private static List<String> truth() {
        var node = new SubscriberNode(SCRIPT).recover();
        node.receiveRequests(Long.MAX_VALUE);
        node.receiveFlows(Long.MAX_VALUE);
        assertThat(node.drain()).isEqualTo(Phase.DRAINED);
        assertThat(node.octets().keySet().stream().filter(key -> key.contains(" up")))
                .hasSizeGreaterThan(5);
        assertThat(node.octets(" ")).isPositive();
        return node.frames();
    }

    /** In an order that the seed decides; the journals are published in any order too. */
    private static void play(SubscriberNode node, Random random) {
        node.recover();
        long flowsMs = 0;
        long requestsMs = 0;
        while (!node.hasReceivedAll()) {
            switch (random.nextInt(6)) {
                case 0 -> node.receiveFlows(flowsMs += random.nextInt(60_000));
                case 1 -> node.receiveRequests(requestsMs += random.nextInt(60_000));
                case 2, 3 -> node.step(1 + random.nextInt(40));
                case 4 -> node.accounting().commit();
                default -> node.requests().trim(Long.MAX_VALUE / 2);
            }
        }
        assertThat(node.drain()).isEqualTo(Phase.DRAINED);
    }

    private static void exact(String what, SubscriberNode node) {
        assertThat(node.frames()).as(what).isEqualTo(TRUTH);
        for (String collector : List.of("flows", "acct")) {
            var journal = node.environment.layout().received(collector);
            assertThat(JournalVerifier.verify(node.disk, journal).findings()).as(what).isEmpty();
        }
        node.close();
    }

    @Test
    void inWhateverOrderTheJournalsComeTheRowsAreTheSame() {
        for (long seed = SEED; seed < SEED + 12; seed++) {
            var node = new SubscriberNode(SCRIPT);
            play(node, new Random(seed));
            exact("seed " + seed, node);
        }
    }

    @Test
    void aReplayFromTheJournalsAloneGivesTheSameRowsWithAnyNumberOfThreads() {
        for (int threads : new int[] {1, 3, 7}) {
            var node = new SubscriberNode(SCRIPT, new SimulatedDisk(1), threads);
            node.receiveRequests(Long.MAX_VALUE);
            node.receiveFlows(Long.MAX_VALUE);
            node.recover();
            node.work();
            assertThat(node.drain()).isEqualTo(Phase.DRAINED);
            exact(threads + " threads", node);
        }
    }

    @Test
    void nothingChangesWhereverAccountingIsCut() {
        var whole = new SubscriberNode(SCRIPT);
        play(whole, new Random(SEED));
        long operations = whole.disk.operations();
        whole.close();
        System.out.println("cut points: " + operations + ", seed " + SEED);
        assertThat(operations).isGreaterThan(150);
        for (long n = ONLY > 0 ? ONLY : 1; n <= (ONLY > 0 ? ONLY : operations); n++) {
            cutAt(n);
        }
    }

    private static void cutAt(long n) {
        String what = "seed " + SEED + ", cut " + n;
        var disk = new SimulatedDisk(SEED);
        disk.cutAt(n);
        assertThat(isCut(disk)).as(what).isTrue();
        SimulatedDisk killed = disk.afterKill();
        if (FULL || ONLY > 0 || n % 2 == 1) {
            resumed(what + " by kill", killed, n);
        }
        if (FULL || ONLY > 0 || n % 2 == 0) {
            resumed(what + " by power", disk.afterPowerCut(new Random(n)), n);
        }
    }

    private static boolean isCut(SimulatedDisk disk) {
        try {
            play(new SubscriberNode(SCRIPT, disk, 1), new Random(SEED));
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    private static void resumed(String what, SimulatedDisk disk, long seed) {
        try {
            var node = new SubscriberNode(SCRIPT, disk, 1);
            play(node, new Random(seed));
            exact(what, node);
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }
}
