package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requirements: every record that an agent took and that is not stated as lost is saved exactly
 * once for each reader, whatever network, processes and disks do; nothing is freed, or
 * acknowledged, too early; no data without a pull, and none beyond its credit; every run comes to
 * rest. Replay one seed with {@code -Dsim.seed=…}.
 */
class TransferSimulationTest {
    private static final long SEEDS = Long.getLong("sim.seeds", 10_000);

    @Test
    void everySeedComesToRestWithEveryRecordSavedOnce() throws InterruptedException {
        Long only = Long.getLong("sim.seed");
        if (only != null) {
            play(only, true);
            return;
        }
        AtomicLong next = new AtomicLong();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread thread = Thread.ofPlatform().start(() -> playAll(next, failures));
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private static void playAll(AtomicLong next, List<String> failures) {
        for (long seed = next.getAndIncrement(); seed < SEEDS; seed = next.getAndIncrement()) {
            try {
                play(seed, false);
            } catch (RuntimeException | AssertionError e) {
                failures.add("seed " + seed + ": " + e);
            }
        }
    }

    private static void play(long seed, boolean verbose) {
        SimulatedTransfer world = new SimulatedTransfer(seed, verbose);
        try {
            world.run();
        } finally {
            world.log.forEach(System.out::println);
        }
    }
}
