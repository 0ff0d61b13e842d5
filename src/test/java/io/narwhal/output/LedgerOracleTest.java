package io.narwhal.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/** Every combination of fields, times and frames against sums done in Java with big integers. */
class LedgerOracleTest {
    private static final long BIN_MS = 60_000;
    private static final UsageDefinition USAGE =
            Usages.definition(
                    "oracle",
                    Field.SRC_ADDR,
                    Field.CUSTOMER,
                    Field.DIRECTION,
                    Field.SAMPLING_RATE,
                    Field.SRC_PORT);
    private static final List<String> LABELS =
            List.of("bin_start", "src_addr", "customer", "direction", "sampling_rate", "src_port");

    @TempDir Path directory;

    /** A row and the frame that it is in; frames beyond the bound are pending. */
    private record Known(long frame, long binMs, List<Value> keys, List<BigInteger> counters) {}

    private final List<Known> known = new ArrayList<>();

    private UsageDefinition usage = USAGE;

    @Test
    void everyQuestionIsAnsweredAsTheOracleDoes() {
        ask();
    }

    @Test
    void scaledCountersAddUpToo() {
        usage = new UsageDefinition(USAGE.name(), USAGE.keys(), USAGE.binMs(), 300_000, true);
        ask();
    }

    private void ask() {
        long seed = Long.getLong("sim.seed", System.nanoTime());
        var random = new Random(seed);
        try (var duck = Usages.open(directory)) {
            List<UsageRows> pending = fill(random, duck);
            for (int round = 0; round < 60; round++) {
                long frameMax = random.nextInt(14) - 1;
                LedgerQuestion question = question(random);
                var scope =
                        new LedgerScope(
                                List.of(new LedgerScope.Part(directory, frameMax)), usage, pending);
                var answer = new Answer();
                new LedgerQuery(Disk.system(), duck, scope).run(question, answer);

                assertThat(answer.rows)
                        .as("-Dsim.seed=%d round %d: %s up to %d", seed, round, question, frameMax)
                        .isEqualTo(expected(question, frameMax));
            }
        }
    }

    private List<UsageRows> fill(Random random, DuckDb duck) {
        var writer =
                new LedgerWriter(Disk.system(), directory, new DuckDbEncoder(Disk.system(), duck));
        for (int frame = 0; frame < 12; frame++) {
            writer.commit(frame, rows(random, frame, random.nextInt(80)));
        }
        return List.of(rows(random, -1, 40), rows(random, -1, 0), rows(random, -1, 20));
    }

    private UsageRows rows(Random random, long frame, int count) {
        // Some frames are of the time when the usage was not scaled yet.
        var rows = new UsageRows(frame % 3 == 2 ? USAGE : usage, UsageRows.Kind.CLOSED);
        boolean isScaled = rows.definition().scaled();
        for (int i = 0; i < count; i++) {
            long bin = BIN_MS * (29_000_000 + random.nextInt(5));
            String address = List.of("10.0.0.9", "10.0.0.10", "2001:db8::1").get(random.nextInt(3));
            String customer = List.of("", "acme", "Ünal", "a'b").get(random.nextInt(4));
            int direction = random.nextInt(3);
            long rate = List.of(0L, 9L, 10L, 0xffff_ffffL).get(random.nextInt(4));
            long port = random.nextInt(2) == 0 ? 65_535 : 80;
            long[] counters = {counter(random), counter(random), counter(random)};
            Usages.add(
                    rows,
                    Usages.row(
                            bin,
                            counters[0],
                            counters[1],
                            counters[2],
                            address,
                            customer,
                            direction,
                            rate,
                            port));
            long[] scaled = {0, 0, counters[2]};
            if (isScaled) {
                scaled = new long[] {counter(random), counter(random), counter(random)};
                rows.scale(scaled[0], scaled[1], scaled[2]);
            }
            List<BigInteger> all = unsigned(counters);
            if (usage.scaled()) {
                all.addAll(unsigned(scaled));
            }
            known.add(
                    new Known(
                            frame,
                            bin,
                            List.of(
                                    new Value.Text(Instant.ofEpochMilli(bin).toString()),
                                    new Value.Text(address),
                                    new Value.Text(customer),
                                    new Value.Text(List.of("", "up", "down").get(direction)),
                                    rate == 0 ? new Value.Absent() : new Value.Whole(rate),
                                    new Value.Whole(port)),
                            all));
        }
        return rows;
    }

    private static long counter(Random random) {
        return random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(1500);
    }

    private static List<BigInteger> unsigned(long[] counters) {
        List<BigInteger> values = new ArrayList<>();
        for (long counter : counters) {
            values.add(new BigInteger(Long.toUnsignedString(counter)));
        }
        return values;
    }

    private static LedgerQuestion question(Random random) {
        List<String> by = new ArrayList<>(LABELS);
        Collections.shuffle(by, random);
        return new LedgerQuestion(
                List.copyOf(by.subList(0, random.nextInt(LABELS.size() + 1))),
                bound(random),
                bound(random));
    }

    private static OptionalLong bound(Random random) {
        return random.nextBoolean()
                ? OptionalLong.empty()
                : OptionalLong.of(BIN_MS * (29_000_000 + random.nextInt(6)) + random.nextInt(2));
    }

    private List<List<Value>> expected(LedgerQuestion question, long frameMax) {
        List<String> by = question.by().isEmpty() ? LABELS : question.by();
        Map<List<Value>, List<BigInteger>> sums = new TreeMap<>(LedgerOracleTest::compare);
        for (Known row : known) {
            if (row.frame() <= frameMax || row.frame() < 0) {
                if (row.binMs() >= question.fromMs().orElse(0)
                        && row.binMs() < question.toMs().orElse(Long.MAX_VALUE)) {
                    sums.merge(
                            by.stream()
                                    .map(label -> row.keys().get(LABELS.indexOf(label)))
                                    .toList(),
                            row.counters(),
                            LedgerOracleTest::add);
                }
            }
        }
        List<List<Value>> rows = new ArrayList<>();
        sums.forEach(
                (keys, counters) -> {
                    List<Value> row = new ArrayList<>(keys);
                    counters.forEach(counter -> row.add(Value.of(counter)));
                    rows.add(row);
                });
        return rows;
    }

    private static List<BigInteger> add(List<BigInteger> a, List<BigInteger> b) {
        List<BigInteger> sums = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            sums.add(a.get(i).add(b.get(i)));
        }
        return sums;
    }

    private static int compare(List<Value> a, List<Value> b) {
        Comparator<Value> order =
                Comparator.comparing((Value value) -> value instanceof Value.Whole)
                        .thenComparing(
                                (x, y) ->
                                        x instanceof Value.Whole(var m)
                                                        && y instanceof Value.Whole(var n)
                                                ? Long.compare(m, n)
                                                : x.text().compareTo(y.text()));
        for (int i = 0; i < a.size(); i++) {
            int compared = order.compare(a.get(i), b.get(i));
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }
}
