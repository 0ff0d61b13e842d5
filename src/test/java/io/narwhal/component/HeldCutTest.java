package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.PowerCut;
import io.narwhal.record.HeldItem;
import io.narwhal.record.Tally;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * R58 and the pitfall of the poison record: datagrams that kill accounting are set aside,
 * everything else is accounted, and once the decoder is mended they are accounted, too; wherever
 * the node is cut meanwhile. Replay one with {@code -Dsim.seed=S -Dsim.cut=N}.
 */
class HeldCutTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final Script SCRIPT = new Script(7);

    /** One of NetFlow v9, one of IPFIX. */
    private static final Set<Integer> POISONED = Set.of(6, 9);

    private static final boolean BOTH = ONLY > 0 || Boolean.getBoolean("sim.full");
    private static final long MEND_AT = 60;
    private static final int EVERY = Integer.getInteger("sim.every", 16);
    private static final SortedMap<String, SortedMap<Long, Tally>> TRUTH = truth();

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

    private static Poison poison(Set<Integer> ids) {
        return new Poison(
                SCRIPT.datagrams().stream()
                        .filter(one -> ids.contains(one.id()))
                        .map(one -> ByteBuffer.wrap(one.bytes()))
                        .collect(Collectors.toSet()));
    }

    @Test
    void r58WhatKillsTwiceIsSetAsideAndTheRestIsAccounted() {
        World world = World.begin(SCRIPT, SEED).poisoned(poison(POISONED));
        world.run();

        assertThat(world.deaths()).isEqualTo(2 * POISONED.size());
        assertThat(sources(world.held())).isEqualTo(POISONED);
        exact("undisturbed", world, POISONED);
        assertThat(world.held())
                .allSatisfy(
                        item -> {
                            assertThat(item.reason()).contains("2 deaths").contains("poisoned");
                            assertThat(item.what()).contains("10.0.0.1 port");
                            assertThat(item.sinceMicros()).isPositive();
                        });
    }

    @Test
    void r58WhatIsHeldIsAccountedOnceAfterTheFix() {
        var poison = poison(POISONED);
        World world = World.begin(SCRIPT, SEED).poisoned(poison);
        world.run();
        poison.mend();
        world.recycle();

        assertThat(world.held()).isEmpty();
        exact("recycled", world, Set.of());
    }

    @Test
    void r58WhatIsRecycledBeforeItIsMendedIsHeldAgain() {
        World world = World.begin(SCRIPT, SEED).poisoned(poison(POISONED));
        world.run();
        world.recycle();

        assertThat(world.deaths()).isEqualTo(4 * POISONED.size());
        assertThat(sources(world.held())).isEqualTo(POISONED);
        exact("held again", world, POISONED);
    }

    /** Data waits for the template that is held, and comes free with it. */
    @Test
    void r58TemplatesThatAreHeldAreRecycledToo() {
        var poison = poison(Set.of(Script.TEMPLATES));
        World world = World.begin(SCRIPT, SEED).poisoned(poison);
        world.run();
        assertThat(world.held()).hasSize(2);
        poison.mend();
        world.recycle();

        assertThat(world.held()).isEmpty();
        exact("recycled", world, Set.of());
    }

    /** The newest checkpoint has it, the one before has not, and the rows are published. */
    @Test
    void aReplayFromThePreviousCheckpointRecyclesAtTheSamePlace() {
        int replayed = 0;
        for (long step = 60; step < 140; step += 8) {
            String what = "mended at step " + step;
            World world = World.begin(SCRIPT, SEED).keeping().poisoned(poison(POISONED));
            world.runToMended(step);
            for (String lane : List.of("edge", "core")) {
                replayed += (int) HeldList.load(world.disk, World.LAYOUT, lane).recycled();
                Path newest = newestCheckpoint(world, lane);
                world.disk.flip(newest, world.disk.bytes(newest).length / 2);
            }
            World next = world.afterKill(world.flights(), SEED);
            next.run();
            next.recycle();
            assertThat(next.held()).as(what).isEmpty();
            exact(what, next, Set.of());
        }
        assertThat(replayed).isGreaterThan(4);
    }

    private static Path newestCheckpoint(World world, String lane) {
        return world.disk.files().stream()
                .filter(
                        file ->
                                file.getFileName()
                                        .toString()
                                        .startsWith(LaneRecovery.checkpointName(lane) + "."))
                .max((one, other) -> Long.compare(generation(one), generation(other)))
                .orElseThrow();
    }

    private static long generation(Path file) {
        return Long.parseLong(file.getFileName().toString().split("\\.")[1]);
    }

    @Test
    void nothingElseIsLostOrDoubledWhereverTheNodeIsCut() {
        World whole = World.begin(SCRIPT, SEED).poisoned(poison(POISONED));
        play(whole);
        List<String> operations = whole.disk.log();
        int cuts = 0;
        for (int n = 1; n <= operations.size(); n++) {
            if (ONLY == n || ONLY == 0 && isOfInterest(operations.get(n - 1), n)) {
                cutAt(n);
                cuts++;
            }
        }
        System.out.println("cut points: " + cuts + " of " + operations.size() + ", seed " + SEED);
        assertThat(cuts).isGreaterThan(ONLY == 0 ? 80 : 0);
    }

    // ChainCutTest cuts at every one of the others.
    private static boolean isOfInterest(String operation, int n) {
        return operation.contains("/held") || n % EVERY == 0;
    }

    /** The life of a node with poison: odd cuts are of one that is mended on the way. */
    private static void play(World world) {
        world.run();
        if (!world.isMended()) {
            assertThat(sources(world.held())).isEqualTo(POISONED);
            world.mend();
        }
        world.recycle();
    }

    private static void cutAt(long n) {
        String what = "seed " + SEED + ", cut " + n;
        World world =
                World.begin(SCRIPT, SEED)
                        .poisoned(poison(POISONED))
                        .mendAt(n % 2 == 0 ? -1 : MEND_AT);
        world.disk.cutAt(n);
        try {
            play(world);
            return; // mended on the way, it has fewer operations
        } catch (PowerCut expected) {
            var flights = world.flights();
            if (BOTH || n / 2 % 2 == 0) {
                proven(what + " by kill", world, world.afterKill(flights, n));
            }
            if (BOTH || n / 2 % 2 == 1) {
                proven(what + " by power", world, world.afterPowerCut(flights, n * 31));
            }
        }
    }

    private static void proven(String what, World before, World world) {
        var poison = poison(POISONED);
        world.poisoned(poison);
        if (before.isMended()) {
            poison.mend();
        }
        try {
            world.run();
            world.mend();
            world.recycle();
            assertThat(world.held()).as(what).isEmpty();
            exact(what, world, Set.of());
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    private static void exact(String what, World world, Set<Integer> held) {
        var bySource = Ledger.of(world.disk).of(World.BY_SOURCE);
        SortedMap<String, SortedMap<Long, Tally>> expected = new TreeMap<>();
        for (int id : world.handed()) {
            boolean mayMiss = world.optional().contains(id) && !bySource.containsKey(source(id));
            if (!mayMiss && !held.contains(id)) {
                expected.put(source(id), TRUTH.get(source(id)));
            }
        }
        assertThat(bySource).as(what).isEqualTo(expected);
        for (AccountingLane each : world.accounting().lanes()) {
            Lane lane = each.lane();
            assertThat(lane.books().difference()).as(what).isEqualTo(new Tally());
            assertThat(lane.books().rejected()).as(what).isEqualTo(new Tally());
            assertThat(lane.losses().datagrams())
                    .as(what)
                    .isEqualTo(lane.losses().datagramsJournalled());
            if (held.isEmpty()) {
                assertThat(lane.books().held()).as(what).isEqualTo(new Tally());
            }
        }
    }

    private static SortedSet<Integer> sources(List<HeldItem> items) {
        SortedSet<Integer> ids = new TreeSet<>();
        for (HeldItem item : items) {
            SCRIPT.datagrams().stream()
                    .filter(
                            one ->
                                    ByteBuffer.wrap(one.bytes())
                                            .equals(ByteBuffer.wrap(item.bytes())))
                    .forEach(one -> ids.add(one.id()));
        }
        return ids;
    }

    private static String source(int id) {
        return "10.1." + id / 256 + "." + id % 256;
    }
}
