package io.narwhal.pki;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.PowerCut;
import io.narwhal.base.SetClock;
import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * R63: an authority's commands, cut at every operation of the disk by a kill and by power cuts, and
 * then typed again, as an administrator would. Replay one with {@code -Dsim.seed=S -Dsim.cut=N}.
 * Kills and power cuts alternate; {@code -Dsim.full=true} does both everywhere.
 */
class AuthorityCutTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final boolean IS_FULL = Boolean.getBoolean("sim.full");
    private static final Path HOME = Path.of("pki");
    private static final Path EDGE = Path.of("edge-1");
    private static final Path CENTRAL = Path.of("central");

    private final List<Integer> finished = new ArrayList<>();
    private final List<String> mended = new ArrayList<>();

    /** One command, as it is typed. */
    private interface Step {
        void run(World world);
    }

    /** A disk, and what was typed so far. */
    private final class World {
        final SimulatedDisk disk;
        final SetClock clock = new SetClock(Instant.parse("2026-11-23T03:00:00Z"));
        final Seeded random;
        int next;

        World(SimulatedDisk disk, long seed, int next) {
            this.disk = disk;
            this.random = new Seeded(seed);
            this.next = next;
        }

        Authority open() {
            return Authority.open(disk, clock, random, HOME);
        }

        void run() {
            while (next < STEPS.size()) {
                STEPS.get(next).run(this);
                next++;
            }
        }

        boolean isCut() {
            try {
                run();
                return false;
            } catch (PowerCut expected) {
                return true;
            }
        }

        void init() {
            if (!disk.exists(HOME.resolve(Authority.CA))) {
                mended.addAll(Authority.init(disk, clock, random, HOME, "test", 10).mended());
            }
        }

        void issue(Order order, Path out) {
            Authority authority = open();
            if (authority.issue(order, out).isFinished()) {
                finished.add(next);
            }
            mended.addAll(authority.mended());
        }

        void revoke(String name) {
            Authority authority = open();
            authority.revoke(name, Revocation.Reason.KEY_COMPROMISE);
            mended.addAll(authority.mended());
        }
    }

    private static final List<Step> STEPS =
            List.of(
                    World::init,
                    world -> world.issue(Order.of("edge-1"), EDGE),
                    world -> world.issue(Order.of("central"), CENTRAL),
                    world -> world.issue(Order.of("edge-1").replacing(), EDGE),
                    world -> world.revoke("central"),
                    world -> world.issue(Order.of("edge-1").forDays(90).replacing(), EDGE));

    @Test
    void whereverACommandIsCutTheNextOneMendsIt() {
        var whole = new World(new SimulatedDisk(SEED), SEED, 0);
        whole.run();
        complete("undisturbed", whole);
        assertThat(mended).isEmpty();
        assertThat(finished).isEmpty();
        assertThat(whole.open().list()).hasSize(4);
        long operations = whole.disk.operations();
        System.out.println("cut points: " + operations + ", seed " + SEED);
        assertThat(operations).isGreaterThan(100);
        for (long n = ONLY > 0 ? ONLY : 1; n <= (ONLY > 0 ? ONLY : operations); n++) {
            cutAt(n);
        }
        if (ONLY == 0) {
            assertThat(Set.copyOf(finished)).as("steps of which one finished").contains(1, 2, 3, 5);
            assertThat(mended)
                    .anyMatch(one -> one.contains("ca-key.pem.unused"))
                    .anyMatch(one -> one.contains("a crash left half written"))
                    .anyMatch(one -> one.contains("revoked.pem anew"));
        }
    }

    private void cutAt(long n) {
        String what = "seed " + SEED + ", cut " + n;
        var world = new World(new SimulatedDisk(SEED), SEED, 0);
        world.disk.cutAt(n);
        assertThat(world.isCut()).as(what).isTrue();
        boolean isEven = n % 2 == 0;
        if (isEven || IS_FULL) {
            proven(what + " by kill", new World(world.disk.afterKill(), n, world.next));
        }
        if (!isEven || IS_FULL) {
            SimulatedDisk after = world.disk.afterPowerCut(new Random(SEED * 1_000_003 + n));
            proven(what + " by power", new World(after, n, world.next));
        }
    }

    private void proven(String what, World world) {
        try {
            nothingUnknown(what, world);
            world.run();
            complete(what, world);
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }

    /** Never a certificate that the index does not know, whatever the name of its file. */
    private static void nothingUnknown(String what, World world) {
        boolean isThere = world.disk.exists(HOME.resolve(Authority.CA));
        Set<X509Certificate> known =
                isThere
                        ? world.open().list().stream()
                                .map(Certified::certificate)
                                .collect(Collectors.toSet())
                        : Set.of();
        for (Path file : world.disk.files()) {
            Pem.CERTIFICATE
                    .der(world.disk.bytes(file))
                    .flatMap(Signer::certificate)
                    .filter(one -> one.getBasicConstraints() < 0)
                    .ifPresent(one -> assertThat(known).as(what + ": " + file).contains(one));
        }
    }

    private static void complete(String what, World world) {
        Authority authority = world.open();
        assertThat(authority.unfinished()).as(what).isEmpty();
        List<Certified> usable =
                authority.list().stream()
                        .filter(one -> one.state(world.clock.now()) == Certified.State.VALID)
                        .toList();
        assertThat(usable).as(what).extracting(Certified::name).containsExactly("edge-1");
        assertThat(authority.list()).as(what).hasSizeBetween(4, 5);
        assertThat(Order.of("edge-1").forDays(90).isMetBy(usable.getFirst())).as(what).isTrue();
        var node = new NodeDirectory(world.disk, EDGE);
        assertThat(node.isOf(usable.getFirst(), new Signer(world.random))).as(what).isTrue();
        assertThat(node.isUnfinished(usable.getFirst(), new Signer(world.random)))
                .as(what)
                .isFalse();
        try {
            TrustedChain.accept(world.disk, EDGE, world.clock.now());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(what, e);
        }
        lineByLine(what, world, authority);
    }

    /** Whoever reads the index with other means finds the same. */
    private static void lineByLine(String what, World world, Authority authority) {
        String index =
                new String(
                        world.disk.bytes(HOME.resolve(AuthorityIndex.NAME)),
                        StandardCharsets.UTF_8);
        assertThat(index.lines().filter(line -> line.contains("\"event\":\"issued\"")))
                .as(what)
                .hasSameSizeAs(authority.list());
        for (Certified one : authority.list()) {
            assertThat(index)
                    .as(what)
                    .contains(Base64.getEncoder().encodeToString(Signer.bytes(one.certificate())));
        }
    }
}
