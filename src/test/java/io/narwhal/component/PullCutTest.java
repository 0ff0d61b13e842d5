package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.DiskFull;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.journal.JournalFull;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.util.Random;

/**
 * R40 (an acknowledgement follows the force) and R45 (what a group may have twice counts once): the
 * saving of a manager, cut at every operation of the disk, by a kill and by a power cut, and cut
 * once more while it recovers. Replay one with {@code -Dsim.cut=N}; {@code -Dsim.step} cuts more
 * rarely.
 */
class PullCutTest {
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final int STEP = Integer.getInteger("sim.step", 7);

    @BeforeAll
    static void quiet() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(null);
    }

    @Test
    void anUndisturbedManagerSavesEverythingOnce() {
        var world = new PullWorld(new SimulatedDisk(1));
        world.run();
        world.proven("undisturbed");
        assertThat(world.disk.operations()).isGreaterThan(300);
    }

    @Test
    void whatWasAcknowledgedIsThereOnceWhereverTheManagerIsCut() {
        var whole = new PullWorld(new SimulatedDisk(1));
        whole.run();
        long operations = whole.disk.operations();
        System.out.println("cut points: " + operations);
        for (long n = ONLY > 0 ? ONLY : 1; n <= (ONLY > 0 ? ONLY : operations); n += STEP) {
            cutAt(n);
        }
    }

    private static void cutAt(long n) {
        for (boolean power : new boolean[] {false, true}) {
            String what = "cut " + n + (power ? " by power" : " by kill");
            guarded(what, () -> cutOnce(what, n, power));
        }
    }

    private static void cutOnce(String what, long n, boolean power) {
        var world = new PullWorld(new SimulatedDisk(1));
        world.disk.cutAt(n);
        assertThat(isCut(world)).as(what).isTrue();
        var chance = new Random(n * 31 + (power ? 1 : 0));
        PullWorld next = world.after(power, chance);
        // Every other time the recovery is cut as well.
        next.disk.cutAt(n % 2 == 0 ? Long.MAX_VALUE : 1 + chance.nextInt(60));
        PullWorld last = isCut(next) ? next.after(chance.nextBoolean(), chance) : next;
        last.disk.cutAt(Long.MAX_VALUE);
        last.run();
        last.proven(what);
    }

    private static boolean isCut(PullWorld world) {
        try {
            world.run();
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    private static void guarded(String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    @Test
    void aFullDiskMakesItWaitAndLosesNothing() {
        for (long n = 40; n < 400; n += 19) {
            var world = new PullWorld(new SimulatedDisk(1));
            world.disk.fullAt(n);
            world.run();
            world.proven("full from operation " + n);
        }
    }

    @Test
    void aFailedForceEndsTheProcessAndNothingAcknowledgedIsLost() {
        for (int n = 1; n < 60; n += 3) {
            var world = new PullWorld(new SimulatedDisk(1));
            world.disk.failForceAt(n);
            try {
                world.run();
            } catch (DiskFull | JournalFull full) {
                throw new AssertionError("force " + n, full);
            } catch (RuntimeException failed) {
                PullWorld next = world.after(true, new Random(n));
                next.run();
                next.proven("force " + n + " failed");
                continue;
            }
            world.proven("force " + n);
        }
    }
}
