package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateWriter;
import io.narwhal.inspect.Reprocessing.Outcome;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalVerifier;
import io.narwhal.output.DuckDb;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;

/**
 * R14, R77, R20 and R22: a run of corrections, cut at every operation of the disk, by a kill and by
 * a power cut, counts all or not at all, and given again comes to the same. Replay one with {@code
 * -Dsim.cut=N}; {@code -Dsim.full=true} cuts each operation of the first run both ways.
 */
class ReprocessCutTest {
    private static final long ONLY = Long.getLong("sim.cut", 0);
    private static final boolean FULL = Boolean.getBoolean("sim.full");
    private static final long MINUTE = 60_000;
    private static final String YAML =
            """
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:2055" }
              acct:
                protocol: radius
                listen: "127.0.0.1:1813"
                clients: [ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]
            enhance: { customers: { table: ./customers.csv } }
            usage:
              by-customer: { keys: [customer], bin: 1m, close-after: 0s, records: all }
              by-host: { keys: [src_addr, customer], bin: 1m, records: flows }
              by-direction: { keys: [customer, direction], bin: 5m, records: all }
              by-minute: { keys: [src_customer], bin: 1m, scaled: true, records: flows }
            """;
    private static final List<String> TABLES =
            List.of("10.0.0.0/29,alpha\n", "10.0.0.0/30,alpha\n", "10.0.0.0/31,beta\n");

    @TempDir static Path directory;
    private static DuckDb duck;

    /** The first run of a node, and a later one. */
    private static Scene first;

    private static Scene later;

    /**
     * A run, not begun yet, and what comes of it.
     *
     * @param begun the disk before it
     * @param table the customers by which it corrects
     * @param runs those that there are behind it
     */
    private record Scene(
            SimulatedDisk begun,
            String table,
            SortedMap<String, String> before,
            SortedMap<String, String> after,
            List<String> framesBefore,
            List<String> frames,
            List<Long> runs,
            long operations) {
        static Scene of(SimulatedDisk disk, String table, List<Long> runs) {
            var node = node(disk, table);
            var before = node.usage();
            List<String> framesBefore = bytes(node);
            SimulatedDisk begun = disk.afterKill();
            long already = disk.operations();
            assertThat(run(node)).isInstanceOf(Outcome.Corrected.class);
            long operations = disk.operations() - already;
            assertThat(run(node)).isEqualTo(new Outcome.Nothing());
            assertThat(node.usage()).isNotEqualTo(before);
            return new Scene(
                    begun,
                    table,
                    before,
                    node.usage(),
                    framesBefore,
                    bytes(node),
                    runs,
                    operations);
        }
    }

    @BeforeAll
    static void begin() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(Level.OFF);
        duck =
                DuckDb.open(
                        Disk.system(),
                        new DuckDb.Settings(
                                Path.of("target/native"), directory.resolve("work"), 1, 256));
        var disk = new SimulatedDisk(1);
        var node = node(disk, TABLES.get(0));
        node.receive(2 * MINUTE);
        node.account();
        first = Scene.of(disk, TABLES.get(1), List.of(1L));
        later = Scene.of(disk, TABLES.get(2), List.of(1L, 2L));
    }

    @AfterAll
    static void end() {
        duck.close();
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(null);
    }

    private static SubscriberScript script() {
        var script = new SubscriberScript();
        for (int i = 0; i < 24; i++) {
            long at = 1_000 + 4_000L * i;
            script.flow(at, i % 3, i % 8, Math.max(0, at - 30_000), at, 1_000 + 7 * i);
        }
        script.start(5_000, "alice", 1, 5_000).stop(50_000, "alice", 1, 50_000, 45);
        return script.tick(2 * MINUTE - 1);
    }

    private static ReprocessNode node(SimulatedDisk disk, String customers) {
        return new ReprocessNode(disk, Path.of("/node"), duck, script(), YAML, customers);
    }

    private static Outcome run(ReprocessNode node) {
        return node.reprocess(-MINUTE, 10 * MINUTE);
    }

    private static List<String> bytes(ReprocessNode node) {
        return node.corrections().stream().map(ReprocessCutTest::bytes).toList();
    }

    private static String bytes(UsageRows rows) {
        var out = new StateWriter(1 << 10);
        rows.write(out);
        return HexFormat.of().formatHex(out.toBytes());
    }

    @Test
    void whereverARunIsCutItCountsAllOrNotAtAll() {
        for (Scene scene : List.of(first, later)) {
            System.out.println("cut points: " + scene.operations);
            assertThat(scene.operations).isGreaterThan(15);
            int counted = 0;
            for (long n = ONLY > 0 ? ONLY : 1; n <= (ONLY > 0 ? ONLY : scene.operations); n++) {
                SimulatedDisk disk = scene.begun.afterKill();
                var node = node(disk, scene.table);
                disk.cutAt(disk.operations() + n);
                assertThat(isCut(node)).as("cut %d", n).isTrue();
                boolean both = FULL || ONLY > 0 || scene == later;
                if (both || n % 2 == 0) {
                    counted += resumed("cut " + n + " by kill", scene, disk.afterKill());
                }
                if (both || n % 2 == 1) {
                    resumed("cut " + n + " by power", scene, disk.afterPowerCut(new Random(n)));
                }
            }
            assertThat(ONLY > 0 ? 1 : counted).isPositive();
        }
    }

    private static boolean isCut(ReprocessNode node) {
        try {
            run(node);
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    /** Looks what is there, and gives the command again. */
    private static int resumed(String what, Scene scene, SimulatedDisk disk) {
        var node = node(disk, scene.table);
        SortedMap<String, String> left = node.usage();
        assertThat(left).as(what).isIn(scene.before, scene.after);
        boolean counts = left.equals(scene.after);
        // After a power cut less may be published than before, until somebody opens the journal.
        assertThat(bytes(node)).as(what).isIn(List.of(), scene.framesBefore, scene.frames);
        CorrectionJournal.heal(node.environment()); // as accounting does when it starts
        assertThat(bytes(node)).as(what).isEqualTo(counts ? scene.frames : scene.framesBefore);

        Outcome again = run(node);
        if (counts) {
            assertThat(again).as(what).isEqualTo(new Outcome.Nothing());
        } else {
            assertThat(again).as(what).isInstanceOf(Outcome.Corrected.class);
        }
        assertThat(node.usage()).as(what).isEqualTo(scene.after);
        assertThat(bytes(node)).as(what).isEqualTo(scene.frames);
        var layout = node.environment().layout();
        assertThat(CorrectionRuns.load(disk, layout).runs())
                .as(what)
                .extracting(CorrectionRun::number)
                .isEqualTo(scene.runs);
        var journal = JournalVerifier.verify(disk, layout.usage("reprocess"));
        assertThat(journal.findings()).as(what).isEmpty();
        assertThat(journal.tornBytes()).as(what).isZero();
        return counts ? 1 : 0;
    }

    /** Nothing of the run stays, and the room that it took is free again. */
    @Test
    void whenThereIsNoRoomNothingIsWrittenAndNothingIsLost() {
        SimulatedDisk disk = later.begun.afterKill();
        var node = node(disk, TABLES.get(2));
        long used = disk.files().stream().mapToLong(file -> disk.bytes(file).length).sum();
        disk.capacity(used + 100);
        assertThat(run(node))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.message()).contains("none was written"));
        assertThat(node.usage()).isEqualTo(later.before);
        disk.capacity(Long.MAX_VALUE);
        assertThat(run(node)).isInstanceOf(Outcome.Corrected.class);
        assertThat(node.usage()).isEqualTo(later.after);
        assertThat(bytes(node)).isEqualTo(later.frames);
    }

    @Test
    void afterAFailedForceTheNextRunComesToTheSame() {
        int failed = 0;
        for (int n = 1; n <= 12; n++) {
            SimulatedDisk disk = later.begun.afterKill();
            disk.failForceAt(n);
            try {
                run(node(disk, TABLES.get(2)));
            } catch (DiskFailure | JournalFailed stopped) {
                failed++;
                resumed("force " + n + " fails", later, disk.afterKill());
            }
        }
        assertThat(failed).isGreaterThan(4);
    }

    /** Without its list nobody knows what the corrections correct. */
    @Test
    void aListThatIsGoneOrOlderThanTheJournalIsRefused() {
        SimulatedDisk disk = later.begun.afterKill();
        var node = node(disk, TABLES.get(2));
        disk.delete(node.environment().layout().reprocess().resolve(CorrectionRuns.FILE));
        assertThatThrownBy(() -> run(node))
                .isInstanceOf(CorrectionJournal.Inconsistent.class)
                .hasMessageContaining("restore the data directory as a whole");
    }
}
