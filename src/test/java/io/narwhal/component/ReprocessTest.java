package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.inspect.Audit;
import io.narwhal.inspect.Reprocessing.Outcome;
import io.narwhal.output.DuckDb;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * R14, R77 and promise 5: what a node says after a period was computed again is what a node says
 * that had the present configuration from the beginning, bin by bin and key by key.
 */
class ReprocessTest {
    private static final long SEED = Long.getLong("sim.seed", 11);
    private static final long MINUTE = 60_000;
    // The epoch of the script lies 20 s into a minute, and 13 minutes and 20 s into an hour.
    private static final long BEGIN = -20_000;
    private static final long END = 10 * MINUTE;
    private static final long EVER = 1_000 * MINUTE;

    private static final String BEFORE =
            """
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:2055" }
              acct:
                protocol: radius
                listen: "127.0.0.1:1813"
                clients: [ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]
            enhance:
              customers: { table: ./customers.csv }
            sampling: { core: { exporter: 192.0.2.1, rate: 100 } }
            usage:
              by-customer: { keys: [customer, direction], bin: 1m, close-after: 0s, records: all }
              by-host: { keys: [src_addr], bin: 1m, close-after: 1m, scaled: true, records: flows }
              by-subscriber: { keys: [subscriber], bin: 2m, close-after: 0s, records: flows }
              left-alone: { keys: [dst_addr], bin: 1m, records: flows }
            """;

    /** Another rate, other keys and bins, a usage that is new, and one that is no more. */
    private static final String AFTER =
            BEFORE.replace("rate: 100", "rate: 250")
                    .replace(
                            "left-alone: { keys: [dst_addr], bin: 1m, records: flows }",
                            "added: { keys: [src_addr, customer, sampling_rate], bin: 3m }");

    private static final String OTHER_KEYS =
            AFTER.replace(
                    "by-host: { keys: [src_addr], bin: 1m",
                    "by-host: { keys: [dst_addr, src_addr], bin: 4m");

    private static final String CUSTOMERS = "10.0.0.0/30,alpha\n10.0.0.4/30,beta\n";
    private static final String CORRECTED =
            "10.0.0.0/31,alpha\n10.0.0.2/31,gamma\n10.0.0.4/30,beta\n";

    @TempDir Path directory;
    private DuckDb duck;

    @BeforeEach
    void open() {
        duck =
                DuckDb.open(
                        Disk.system(),
                        new DuckDb.Settings(
                                Path.of("target/native"), directory.resolve("work"), 1, 256));
    }

    @BeforeAll
    static void quiet() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(null);
    }

    @AfterEach
    void close() {
        duck.close();
    }

    private static SubscriberScript script() {
        var script = new SubscriberScript();
        var random = new Random(SEED);
        int sessions = 0;
        for (long at = 1_000; at < END; at += 5_000) {
            int host = random.nextInt(8);
            if (random.nextInt(4) == 0) {
                script.start(
                        at, "u" + sessions++ % 9, host, Math.max(0, at - random.nextInt(9_000)));
            } else if (random.nextInt(4) == 0) {
                script.stop(at, "u" + random.nextInt(9), host, at, random.nextInt(300));
            }
            long startMs = Math.max(0, at - random.nextInt(200_000));
            script.flow(
                    at,
                    random.nextInt(3),
                    random.nextInt(9),
                    startMs,
                    at,
                    1 + random.nextInt(9_999));
            if (random.nextInt(4) == 0) {
                script.tick(at + 500);
            }
        }
        return script.tick(END + 31_000);
    }

    /** One that had this configuration from the beginning. */
    private SortedMap<String, String> truth(String yaml, String customers, long untilMs) {
        var node = simulated(yaml, customers);
        node.receive(untilMs);
        node.account();
        return node.usage();
    }

    private ReprocessNode simulated(String yaml, String customers) {
        return new ReprocessNode(
                new SimulatedDisk(1), Path.of("/node"), duck, script(), yaml, customers);
    }

    /** Part in the ledger, part in the journal, part in open bins; all by the old configuration. */
    private ReprocessNode delivered() {
        var node = new ReprocessNode(Disk.system(), directory, duck, script(), BEFORE, CUSTOMERS);
        node.receive(3 * MINUTE);
        node.account();
        node.deliver();
        node.receive(8 * MINUTE);
        node.account();
        return node;
    }

    /** The same, and the ledger has nothing yet. */
    private ReprocessNode accounted() {
        var node = simulated(BEFORE, CUSTOMERS);
        node.receive(8 * MINUTE);
        node.account();
        return node;
    }

    @Test
    void whatWasAccountedByAWrongTableRateOrDefinitionBecomesWhatTheRightOnesSay() {
        var node = delivered();
        for (String after : new String[] {AFTER, OTHER_KEYS}) {
            node.configure(after, CORRECTED);
            var wrong = node.usage();
            var truth = truth(after, CORRECTED, 8 * MINUTE);
            assertThat(wrong).isNotEqualTo(truth);
            assertThat(node.reprocess(-EVER, EVER)).isInstanceOf(Outcome.Corrected.class);
            assertThat(node.usage()).isEqualTo(truth);
            balanced(node);
        }
    }

    @Test
    void aSecondRunFindsNothingWhetherTheFirstIsDeliveredOrNot() {
        var node = delivered();
        node.configure(AFTER, CORRECTED);
        assertThat(node.reprocess(-EVER, EVER)).isInstanceOf(Outcome.Corrected.class);
        int frames = node.corrections().size();
        var usage = node.usage();
        assertThat(node.reprocess(-EVER, EVER)).isEqualTo(new Outcome.Nothing());
        node.account();
        node.deliver();
        assertThat(node.usage()).isEqualTo(usage);
        assertThat(node.reprocess(-EVER, EVER)).isEqualTo(new Outcome.Nothing());
        assertThat(node.corrections()).hasSize(frames);
        balanced(node);
    }

    /** What accounting adds later to bins that were open adds to what was corrected. */
    @Test
    void laterRowsOfOpenBinsAddUpWithCorrections() {
        var node = accounted();
        node.configure(AFTER, CORRECTED);
        assertThat(node.reprocess(-EVER, EVER)).isInstanceOf(Outcome.Corrected.class);
        node.account();
        node.receive(EVER);
        node.account();
        assertThat(node.usage()).isEqualTo(truth(AFTER, CORRECTED, EVER));
        assertThat(node.reprocess(-EVER, EVER)).isEqualTo(new Outcome.Nothing());
        balanced(node);
    }

    @Test
    void onlyBinsOfThePeriodAreCorrected() {
        var node = accounted();
        node.configure(AFTER, CORRECTED);
        var before = node.usage();
        long from = BEGIN + 3 * MINUTE;
        long to = BEGIN + 6 * MINUTE;
        assertThat(node.reprocess(from, to)).isInstanceOf(Outcome.Corrected.class);
        var truth = truth(AFTER, CORRECTED, 8 * MINUTE);
        SortedMap<String, String> expected = new TreeMap<>(before);
        expected.keySet().removeIf(row -> within(row, from, to));
        truth.forEach(
                (row, counters) -> {
                    if (within(row, from, to)) {
                        expected.put(row, counters);
                    }
                });
        assertThat(node.usage()).isEqualTo(expected).isNotEqualTo(truth);
    }

    private static boolean within(String row, long fromMs, long toMs) {
        int at = row.indexOf('[') + 1;
        long binMs =
                Instant.parse(row.substring(at, row.indexOf(',', at))).toEpochMilli()
                        - SubscriberScript.EPOCH_MS;
        return binMs >= fromMs && binMs < toMs;
    }

    @Test
    void correctionsOfOneLaneLeaveTheOthersAlone() {
        var node = accounted();
        node.configure(AFTER, CORRECTED);
        assertThat(node.reprocess(-EVER, EVER, "acct")).isInstanceOf(Outcome.Corrected.class);
        assertThat(node.corrections())
                .isNotEmpty()
                .allMatch(rows -> rows.correction().orElseThrow().lane().equals("acct"));
        assertThat(node.reprocess(-EVER, EVER, "flows")).isInstanceOf(Outcome.Corrected.class);
        assertThat(node.usage()).isEqualTo(truth(AFTER, CORRECTED, 8 * MINUTE));
        assertThat(node.reprocess(-EVER, EVER, "nobody"))
                .isEqualTo(
                        new Outcome.Refused(
                                "no lane is called 'nobody'; there are: flows, acct, import"));
    }

    @Test
    void goingBackToTheOldTableTakesTheCorrectionsBack() {
        var node = accounted();
        var before = node.usage();
        node.configure(BEFORE, CORRECTED);
        assertThat(node.reprocess(-EVER, EVER)).isInstanceOf(Outcome.Corrected.class);
        node.configure(BEFORE, CUSTOMERS);
        assertThat(node.reprocess(-EVER, EVER)).isInstanceOf(Outcome.Corrected.class);
        assertThat(node.usage()).isEqualTo(before);
        assertThat(
                        CorrectionRuns.load(node.environment().disk(), node.environment().layout())
                                .runs())
                .extracting(CorrectionRun::number)
                .containsExactly(1L, 2L);
        balanced(node);
    }

    @Test
    void eachRowSaysItsRunItsLaneAndTheReason() {
        var node = accounted();
        node.configure(BEFORE, CORRECTED);
        var outcome = (Outcome.Corrected) node.reprocess(-EVER, EVER);
        assertThat(node.corrections())
                .hasSize((int) outcome.run().lastFrame())
                .allSatisfy(
                        rows -> {
                            assertThat(rows.kind()).isEqualTo(UsageRows.Kind.CORRECTION);
                            var correction = rows.correction().orElseThrow();
                            assertThat(correction.run()).isEqualTo(1);
                            assertThat(correction.reason()).isEqualTo("the table was wrong");
                        });
        assertThat(outcome.run().sources())
                .extracting(source -> Path.of(source.file()).getFileName().toString())
                .containsExactly("node.yaml", "customers.csv");
        assertThat(outcome.run().corrected())
                .allSatisfy(
                        one -> {
                            assertThat(one.octets()).isZero(); // from one customer to another
                            assertThat(one.octetsAdded()).isPositive();
                        });
    }

    @Test
    void lookingWritesNothing() {
        var node = accounted();
        node.configure(AFTER, CORRECTED);
        var before = node.usage();
        assertThat(node.look(-EVER, EVER)).isInstanceOf(Outcome.Found.class);
        assertThat(node.usage()).isEqualTo(before);
        assertThat(node.corrections()).isEmpty();
    }

    /** Where a side would have what the other has not, in bins of a minute or of four. */
    @Test
    void aPeriodThatCutsBinsOfAnotherLengthIsRefused() {
        var node = accounted();
        node.configure(OTHER_KEYS, CORRECTED);
        var before = node.usage();
        long[] four = {BEGIN - MINUTE, BEGIN + 3 * MINUTE, BEGIN + 7 * MINUTE};
        for (long[] cut :
                new long[][] {
                    {four[0] + 2 * MINUTE, four[2]}, // within a new bin
                    {four[0], four[2] - 3 * MINUTE},
                    {four[0] + 30_000 + MINUTE, four[2]}, // within an old one
                    {four[0], four[2] - 30_000}
                }) {
            assertThat(node.reprocess(cut[0], cut[1]))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused ->
                                    assertThat(refused.message())
                                            .contains("by-host had bins of 60 s")
                                            .contains("has bins of 240 s now")
                                            .contains(
                                                    "2023-11-14T22:12:00Z, 2023-11-14T22:20:00Z"));
        }
        assertThat(node.usage()).isEqualTo(before);
        assertThat(node.corrections()).isEmpty();
        assertThat(node.reprocess(four[0], four[2])).isInstanceOf(Outcome.Corrected.class);
    }

    private static void balanced(ReprocessNode node) {
        Audit audit = node.audit();
        assertThat(audit.usage()).allMatch(Audit.Usage::isBalanced);
        assertThat(audit.books().difference()).isEqualTo(new Tally());
        assertThat(audit.usage()).anyMatch(usage -> usage.corrections().isThere());
    }
}
