package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.DiskFailure;
import io.narwhal.base.PowerCut;
import io.narwhal.config.CollectorConfig;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalVerifier;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * R20, R22, R23 and the promises 1 to 4: the whole way from socket to ledger, cut at every
 * operation of the disk, by a kill and by a power cut, and cut once more while it recovers. Replay
 * one with {@code -Dsim.seed=S -Dsim.cut=N}; {@code -Dsim.rounds=R} plays a longer scenario.
 */
class ChainCutTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final Script SCRIPT = new Script(Integer.getInteger("sim.rounds", 24));
    private static final int POWER_CUTS = 2;
    private static final int STEP = Integer.getInteger("sim.step", 5);

    /** The rows by source of a run that nothing disturbed. */
    private static final SortedMap<String, SortedMap<Long, Tally>> TRUTH = truth();

    /** Thousands of recoveries have more to say than anyone would read. */
    @BeforeAll
    static void quiet() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(null);
    }

    private static SortedMap<String, SortedMap<Long, Tally>> truth() {
        World world = World.begin(SCRIPT, SEED);
        world.run();
        return Ledger.of(world.disk).of(World.BY_SOURCE);
    }

    @Test
    void anUndisturbedRunAccountsWhatTheDatagramsSay() {
        World world = World.begin(SCRIPT, SEED);
        world.run();
        assertThat(world.handed()).hasSize(SCRIPT.ids());
        for (int id = 0; id < SCRIPT.ids(); id++) {
            var said = new Tally();
            for (int i = 0; i < Script.RECORDS; i++) {
                said.add(1, Script.packets(id, i), Script.octets(id, i));
            }
            var bins = TRUTH.getOrDefault(source(id), new TreeMap<>());
            assertThat(Ledger.total(List.of(bins))).as("datagram %d", id).isEqualTo(said);
        }
        exact("undisturbed", world);
        for (CollectorConfig collector : World.CONFIG.collectors()) {
            String name = collector.name();
            assertThat(oldest(world, World.LAYOUT.received(name))).as(name).isGreaterThan(64);
        }
        assertThat(oldest(world, World.LAYOUT.usage("edge"))).isGreaterThan(64);
    }

    private static long oldest(World world, Path journal) {
        try (var reader = JournalReader.open(world.disk, journal, 0)) {
            return reader.position();
        }
    }

    /** Promise 2: immortal, whatever is cut where. */
    @Test
    void nothingIsLostOrDoubledWhereverTheNodeIsCut() {
        World whole = World.begin(SCRIPT, SEED);
        whole.run();
        long operations = whole.disk.operations();
        System.out.println("cut points: " + operations + ", seed " + SEED);
        assertThat(operations).isGreaterThan(500);
        for (long n = ONLY > 0 ? ONLY : 1; n <= (ONLY > 0 ? ONLY : operations); n++) {
            cutAt(n);
        }
    }

    private static void cutAt(long n) {
        String what = "seed " + SEED + ", cut " + n;
        World world = World.begin(SCRIPT, SEED);
        world.disk.cutAt(n);
        assertThat(isCut(world)).as(what).isTrue();
        var flights = world.flights();
        World killed = world.afterKill(flights, n);
        proven(what + " by kill", killed);
        for (long power = 0; power < POWER_CUTS; power++) {
            World next = world.afterPowerCut(flights, n * 31 + power);
            proven(what + " by power, chance " + power, next);
        }
        again(what, world, flights, new Random(SEED * 1_000_003 + n));
    }

    /** The recovery itself is cut, and the recovery from that is not. */
    private static void again(String what, World world, List<Object> flights, Random random) {
        boolean firstByPower = random.nextBoolean();
        boolean thenByPower = random.nextBoolean();
        long seed = random.nextLong();
        int second = 1 + random.nextInt(random.nextBoolean() ? 30 : 150);
        World next =
                firstByPower ? world.afterPowerCut(flights, seed) : world.afterKill(flights, seed);
        next.disk.cutAt(second);
        String how =
                what
                        + (firstByPower ? " by power" : " by kill")
                        + ", again at "
                        + second
                        + (thenByPower ? " by power" : " by kill");
        if (guarded(how, () -> isCut(next))) {
            var flightsNext = next.flights();
            World last =
                    thenByPower
                            ? next.afterPowerCut(flightsNext, seed + 1)
                            : next.afterKill(flightsNext, seed + 1);
            proven(how, last);
        }
    }

    private static boolean isCut(World world) {
        try {
            world.run();
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    private static void proven(String what, World world) {
        guarded(
                what,
                () -> {
                    world.run();
                    exact(what, world);
                    return true;
                });
    }

    private static boolean guarded(String what, BooleanSupplier step) {
        try {
            return step.getAsBoolean();
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    /** Everything that the kernel handed over is in the ledger once, and all books agree. */
    private static void exact(String what, World world) {
        Ledger ledger = Ledger.of(world.disk);
        var bySource = ledger.of(World.BY_SOURCE);
        SortedMap<String, SortedMap<Long, Tally>> expected = new TreeMap<>();
        for (int id : world.handed()) {
            boolean mayMiss = world.optional().contains(id) && !bySource.containsKey(source(id));
            if (!mayMiss) {
                expected.put(source(id), TRUTH.get(source(id)));
            }
        }
        for (String source : expected.keySet()) {
            assertThat(bySource.get(source))
                    .as("%s, %s", what, source)
                    .isEqualTo(expected.get(source));
        }
        assertThat(bySource.keySet()).as(what).isEqualTo(expected.keySet());
        charged(what, world, ledger, World.BY_SOURCE);
        charged(what, world, ledger, World.BY_CUSTOMER);
        books(what, world);
        for (CollectorConfig collector : World.CONFIG.collectors()) {
            sound(what, world, World.LAYOUT.received(collector.name()));
            sound(what, world, World.LAYOUT.usage(collector.name()));
        }
    }

    private static void charged(
            String what, World world, Ledger ledger, UsageDefinition definition) {
        var charged = new Tally();
        for (AccountingLane each : world.accounting().lanes()) {
            Lane lane = each.lane();
            lane.aggregations().stream()
                    .filter(one -> one.definition().equals(definition))
                    .forEach(one -> charged.add(one.charged()));
            if (!definition.isTwoSided()) {
                assertThat(lane.books().accounted()).as(what).isEqualTo(lane.expected(definition));
            }
        }
        assertThat(Ledger.total(ledger.of(definition).values())).as(what).isEqualTo(charged);
    }

    private static void books(String what, World world) {
        long dropped = 0;
        for (AccountingLane each : world.accounting().lanes()) {
            Lane lane = each.lane();
            assertThat(lane.books().difference()).as(what).isEqualTo(new Tally());
            assertThat(lane.books().rejected()).as(what).isEqualTo(new Tally());
            assertThat(lane.losses().datagrams())
                    .as(what)
                    .isEqualTo(lane.losses().datagramsJournalled());
            assertThat(lane.losses().damagedBytes()).as(what).isZero();
            dropped += lane.losses().kernelDropped();
        }
        if (world.optional().isEmpty()) {
            assertThat(dropped).as(what).isGreaterThanOrEqualTo(world.drops()).isLessThan(1_000);
        }
    }

    private static void sound(String what, World world, Path journal) {
        var verified = JournalVerifier.verify(world.disk, journal);
        assertThat(verified.findings()).as(what).isEmpty();
        assertThat(verified.tornBytes()).as(what).isZero();
    }

    private static String source(int id) {
        return "10.1." + id / 256 + "." + id % 256;
    }

    /**
     * A full disk is a state, not an end: whatever it is that finds no room first, everything goes
     * on by itself once there is some. A fifth of all writes each time; all: -Dsim.step=1.
     */
    @Test
    void aFullDiskAtAnyWriteMakesEveryoneWaitAndNobodyLose() {
        World whole = World.begin(SCRIPT, SEED);
        whole.run();
        List<String> log = whole.disk.log();
        int waited = 0;
        int points = 0;
        int writes = 0;
        for (int n = 1; n <= log.size(); n++) {
            if (!log.get(n - 1).matches("(write|create|extend) .*") || writes++ % STEP != 0) {
                continue;
            }
            World world = World.begin(SCRIPT, SEED);
            world.fillAt(n, 1 + n % 7);
            proven("seed " + SEED + ", disk full at " + n + ": " + log.get(n - 1), world);
            waited += world.waits();
            points++;
        }
        assertThat(points * STEP).isGreaterThan(250);
        assertThat(waited).isGreaterThan(points);
    }

    /** After a failed force the component stops, and its successor recovers. */
    @Test
    void aFailedForceStopsTheNodeAndItsSuccessorIsExact() {
        int failed = 0;
        for (int n = 1; n <= 200; n += 3) {
            String what = "seed " + SEED + ", force " + n + " fails";
            World world = World.begin(SCRIPT, SEED);
            world.disk.failForceAt(n);
            try {
                world.run();
            } catch (DiskFailure | JournalFailed stopped) {
                failed++;
                proven(what, world.afterKill(world.flights(), n));
            }
        }
        assertThat(failed).isGreaterThan(25);
    }
}
