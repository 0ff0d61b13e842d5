package io.narwhal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RowSink;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Random records and watermarks, tiny limits, restarts anywhere: the rows add up to what a naive
 * program finds, and a restart or another cut into blocks changes no byte.
 */
class AggregationOracleTest {
    private static final long SEED = Long.getLong("sim.seed", 20_260_102L);
    private static final int RUNS = 150;
    private static final int EVENTS = 60;
    private static final int SHARDS = 3;

    /** Either records that come together, or an arrival time. */
    private sealed interface Event {
        record Records(List<Flow> flows) implements Event {}

        record Watermark(long arrivalMs) implements Event {}
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "src_addr dst_addr",
                "customer",
                "customer direction src_addr",
                "protocol subscriber src_port dst_as src_addr",
                "customer nas direction",
                "src_customer dst_customer exporter"
            })
    void r47_r48_r49_rowsAddUpAndRestartsChangeNoByte(String keys) {
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            try {
                simulate(keys, new Random(seed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("replay with -Dsim.seed=" + seed, e);
            }
        }
        System.out.println("AggregationOracleTest [" + keys + "] sim.seed=" + SEED);
    }

    private static void simulate(String keys, Random random) {
        List<Field> fields =
                keys.isEmpty()
                        ? List.of()
                        : List.of(keys.split(" ")).stream()
                                .map(label -> Field.of(label).orElseThrow())
                                .toList();
        long binMs = 1 + random.nextInt(100);
        var definition =
                new UsageDefinition(
                        "sim", fields, binMs, random.nextInt(200), random.nextInt(3) == 0);
        var limits =
                new AggregationLimits(
                        1 + random.nextInt(40), 1 + random.nextInt(20), 1 + random.nextInt(12));
        List<Event> events = events(random, definition);

        var calm = new RowCollector();
        Aggregation uninterrupted = run(definition, limits, events, calm, new Random(0), 0);
        var disturbed = new RowCollector();
        Aggregation restarted = run(definition, limits, events, disturbed, random, 0.3);

        assertThat(disturbed.hex()).isEqualTo(calm.hex());
        assertThat(restarted.charged()).isEqualTo(uninterrupted.charged());
        assertAddsUp(definition, limits, events, uninterrupted, calm);
    }

    private static void assertAddsUp(
            UsageDefinition definition,
            AggregationLimits limits,
            List<Event> events,
            Aggregation usage,
            RowCollector written) {
        var oracle = new NaiveUsage(definition, limits.spanBinsMax());
        for (Event event : events) {
            switch (event) {
                case Event.Records(var flows) -> flows.forEach(oracle::add);
                case Event.Watermark _ -> {}
            }
        }
        usage.openRows(written);
        assertThat(NaiveUsage.sums(written.rows())).isEqualTo(oracle.sums());
        assertThat(NaiveUsage.scaled(written.rows())).isEqualTo(oracle.scaled());
        assertThat(usage.scaledOverflows()).isZero();
        assertThat(usage.charged()).isEqualTo(written.sum);
        assertThat(usage.charged()).isEqualTo(oracle.charged());
    }

    private static List<Event> events(Random random, UsageDefinition definition) {
        long binMs = definition.binMs();
        List<Event> events = new ArrayList<>();
        long nowMs = random.nextInt(10_000);
        for (int i = 0; i < EVENTS; i++) {
            nowMs += random.nextLong(2 * binMs);
            if (random.nextInt(3) == 0) {
                events.add(new Event.Watermark(nowMs - random.nextLong(binMs)));
            } else {
                events.add(new Event.Records(flows(random, nowMs, definition)));
            }
        }
        return events;
    }

    private static List<Flow> flows(Random random, long nowMs, UsageDefinition definition) {
        List<Flow> flows = new ArrayList<>();
        for (int left = 1 + random.nextInt(12); left > 0; left--) {
            flows.add(flow(random, nowMs, definition));
        }
        return flows;
    }

    private static Flow flow(Random random, long nowMs, UsageDefinition definition) {
        long binMs = definition.binMs();
        long start = Math.max(0, nowMs - random.nextLong(6 * binMs));
        long end =
                switch (random.nextInt(8)) {
                    case 0 -> start;
                    case 1 -> Math.max(0, start - random.nextLong(3 * binMs));
                    case 2 -> (start / binMs + 1) * binMs;
                    case 3 -> start + random.nextLong(20 * binMs);
                    default -> start + random.nextLong(3 * binMs);
                };
        // Scaled ones stay within 64 bits.
        int less = definition.scaled() ? 30 : 0;
        long octets = random.nextLong() >>> less + random.nextInt(64 - less);
        var flow = Flow.at(start, end, octets, random.nextInt(5));
        if (random.nextInt(6) == 0) {
            flow.reverse();
        }
        flow.with(Field.PROTOCOL, random.nextInt(3)).with(Field.SRC_PORT, random.nextInt(2));
        flow.with(Field.DST_AS, random.nextInt(2) * 0xffff_ffffL);
        flow.with(Field.SAMPLING_RATE, random.nextInt(3) * random.nextInt(2000));
        flow.with(Field.SRC_ADDR, address(random)).with(Field.DST_ADDR, address(random));
        flow.with(Field.EXPORTER, address(random));
        flow.with(Field.SRC_CUSTOMER, name(random)).with(Field.DST_CUSTOMER, name(random));
        flow.with(Field.SRC_SUBSCRIBER, name(random)).with(Field.DST_SUBSCRIBER, name(random));
        return flow.with(Field.SRC_NAS, name(random)).with(Field.DST_NAS, name(random));
    }

    private static String address(Random random) {
        return (random.nextBoolean() ? "192.0.2." : "2001:db8::") + random.nextInt(3);
    }

    private static String name(Random random) {
        return List.of("", "", "ann", "bob", "cyd").get(random.nextInt(5));
    }

    private static Aggregation run(
            UsageDefinition definition,
            AggregationLimits limits,
            List<Event> events,
            RowSink out,
            Random random,
            double restarts) {
        List<Dictionary> dictionaries =
                Stream.generate(Dictionary::new).limit(SHARDS).collect(Collectors.toList());
        var usage = new Aggregation(definition, limits);

        for (Event event : events) {
            if (random.nextDouble() < restarts) {
                var state = new StateWriter(64);
                dictionaries.forEach(dictionary -> dictionary.snapshot(state));
                usage.snapshot(state);
                var in = new StateReader(state.toBytes());
                dictionaries.replaceAll(_ -> Dictionary.restore(in));
                usage = Aggregation.restore(in, dictionaries::get, limits);
                in.expectEnd();
                assertSame(state, dictionaries, usage);
            }
            switch (event) {
                case Event.Watermark(long arrivalMs) ->
                        usage.onWatermark(
                                arrivalMs, kinds(definition, out, usage.watermarkMs(), arrivalMs));
                case Event.Records(var flows) -> {
                    int cut = restarts == 0 ? flows.size() : random.nextInt(flows.size() + 1);
                    RowSink sink = kinds(definition, out, usage.watermarkMs(), Long.MIN_VALUE);
                    feed(usage, flows.subList(0, cut), dictionaries);
                    feed(usage, flows.subList(cut, flows.size()), dictionaries);
                    usage.onWatermark(Long.MIN_VALUE, sink);
                }
            }
            assertThat(usage.openKeys()).isLessThanOrEqualTo(limits.openKeysMax());
            assertThat(usage.openBins()).isLessThanOrEqualTo(SHARDS * limits.openBinsMax());
        }
        return usage;
    }

    private static void assertSame(
            StateWriter state, List<Dictionary> dictionaries, Aggregation usage) {
        var again = new StateWriter(64);
        dictionaries.forEach(dictionary -> dictionary.snapshot(again));
        usage.snapshot(again);
        assertThat(again.toBytes()).isEqualTo(state.toBytes());
    }

    // In any order of the shards: nothing depends on it.
    private static void feed(Aggregation usage, List<Flow> flows, List<Dictionary> dictionaries) {
        Set<Field> columns = Aggregation.columns(usage.definition());
        for (int shard = SHARDS - 1; shard >= 0; shard--) {
            int number = shard;
            List<Flow> mine = flows.stream().filter(flow -> shardOf(flow) == number).toList();
            if (!mine.isEmpty()) {
                Dictionary dictionary = dictionaries.get(shard);
                usage.shard(shard, dictionary).onBlock(Flow.block(columns, mine, dictionary));
            }
        }
    }

    private static int shardOf(Flow flow) {
        return (int) ((flow.number(Field.OCTETS) & Long.MAX_VALUE) % SHARDS);
    }

    /** Closed rows only at the watermark that closes their bin, late ones after, partial before. */
    private static RowSink kinds(
            UsageDefinition definition, RowSink out, long beforeMs, long arrivalMs) {
        return rows -> {
            long waitMs = definition.binMs() + definition.closeAfterMs();
            for (int row = 0; row < rows.size(); row++) {
                long closesMs = rows.binStartMs(row) + waitMs;
                switch (rows.kind()) {
                    case CLOSED ->
                            assertThat(closesMs)
                                    .isGreaterThan(beforeMs)
                                    .isLessThanOrEqualTo(arrivalMs);
                    case LATE -> assertThat(closesMs).isLessThanOrEqualTo(beforeMs);
                    case PARTIAL -> assertThat(closesMs).isGreaterThan(beforeMs);
                }
                assertThat(row == 0 || rows.binStartMs(row) >= rows.binStartMs(row - 1)).isTrue();
            }
            assertThat(rows.kind() == UsageRows.Kind.PARTIAL && arrivalMs != Long.MIN_VALUE)
                    .as("a watermark writes no partial rows")
                    .isFalse();
            out.onRows(rows);
        };
    }
}
