package io.narwhal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What an operator may rely on, by example. Times are milliseconds; a bin is 100 long. */
class AggregationTest {
    private static final UsageDefinition TOTAL = new UsageDefinition("total", List.of(), 100, 50);
    private static final UsageDefinition BY_CUSTOMER =
            new UsageDefinition("by-customer", List.of(Field.CUSTOMER, Field.DIRECTION), 100, 50);
    private static final AggregationLimits ROOMY = new AggregationLimits(1000, 100, 10);

    private final Dictionary dictionary = new Dictionary();
    private final RowCollector out = new RowCollector();

    @Test
    void r46_countersAreSpreadEvenlyOverTheBins() {
        Aggregation usage = total();
        add(usage, Flow.at(50, 300, 1000, 10));
        usage.onWatermark(1000, out);
        assertThat(out.lines())
                .containsExactly("closed 0 200 2 1", "closed 100 400 4 0", "closed 200 400 4 0");
    }

    @Test
    void r47_whatDoesNotDivideGoesToLaterBinsAndNothingVanishes() {
        Aggregation usage = total();
        add(usage, Flow.at(0, 300, 100, 2));
        usage.onWatermark(1000, out);
        assertThat(out.lines())
                .containsExactly("closed 0 33 0 1", "closed 100 33 1 0", "closed 200 34 1 0");
    }

    @Test
    void r47_theLargestCounterIsSpreadExactly() {
        Aggregation usage = total();
        add(usage, Flow.at(0, 200, -1L, 1));
        usage.onWatermark(1000, out);
        assertThat(out.lines())
                .containsExactly(
                        "closed 0 9223372036854775807 0 1", "closed 100 9223372036854775808 1 0");
    }

    @Test
    void pitfall16_zeroDurationBelongsToTheBinOfItsStart() {
        Aggregation usage = total();
        add(usage, Flow.at(100, 100, 7, 1));
        usage.onWatermark(1000, out);
        assertThat(out.lines()).containsExactly("closed 100 7 1 1");
    }

    @Test
    void pitfall3_anEndBeforeTheStartIsNoDuration() {
        Aggregation usage = total();
        add(usage, Flow.at(250, 20, 7, 1));
        usage.onWatermark(1000, out);
        assertThat(out.lines()).containsExactly("closed 200 7 1 1");
    }

    @Test
    void pitfall16_aFlowThatEndsAtABoundaryPutsNothingIntoTheNextBin() {
        Aggregation usage = total();
        add(usage, Flow.at(0, 100, 7, 1));
        assertThat(usage.openBins()).isEqualTo(1);
        usage.onWatermark(1000, out);
        assertThat(out.lines()).containsExactly("closed 0 7 1 1");
    }

    @Test
    void aFlowOverMoreBinsThanTheLimitIsChargedToTheBinOfItsEnd() {
        Aggregation usage = total();
        add(usage, Flow.at(0, 1000, 10, 10), Flow.at(0, 1001, 5, 1));
        usage.onWatermark(5000, out);
        assertThat(out.lines())
                .hasSize(11)
                .startsWith("closed 0 1 1 1")
                .endsWith("closed 1000 5 1 1");
    }

    @Test
    void timesThatNobodyCanMeanAreStillAccounted() {
        Aggregation usage = total();
        add(usage, Flow.at(0, 0, 1, 1), Flow.at(-1, -1, 2, 1), Flow.at(Long.MIN_VALUE, 5, 4, 1));
        usage.closeAll(out);
        long lastBin = Aggregation.TIME_MS_MAX / 100 * 100;
        assertThat(out.lines()).containsExactly("partial 0 1 1 1", "partial " + lastBin + " 6 2 2");
        assertThat(usage.charged()).isEqualTo(out.sum);
    }

    @Test
    void r48_recordsMayComeInAnyOrderUntilTheBinCloses() {
        Aggregation usage = total();
        add(usage, Flow.at(210, 220, 1, 1));
        usage.onWatermark(140, out);
        add(usage, Flow.at(10, 20, 2, 1));
        usage.onWatermark(149, out);
        assertThat(out.frames).isEmpty();
        usage.onWatermark(150, out);
        assertThat(out.lines()).containsExactly("closed 0 2 1 1");
        assertThat(usage.openBins()).isEqualTo(1);
    }

    @Test
    void anEarlierWatermarkOpensNothingAgain() {
        Aggregation usage = total();
        usage.onWatermark(150, out);
        usage.onWatermark(10, out);
        add(usage, Flow.at(10, 20, 2, 1));
        usage.onWatermark(250, out);
        assertThat(out.lines()).containsExactly("late 0 2 1 1");
    }

    @Test
    void r49_lateRecordsBecomeCorrectionsGatheredForTheLengthOfABin() {
        Aggregation usage = total();
        add(usage, Flow.at(10, 20, 1, 1));
        usage.onWatermark(500, out);
        add(usage, Flow.at(150, 160, 2, 1), Flow.at(10, 20, 4, 1));
        usage.onWatermark(540, out);
        add(usage, Flow.at(30, 40, 8, 1));
        usage.onWatermark(599, out);
        assertThat(out.lines()).containsExactly("closed 0 1 1 1");
        usage.onWatermark(600, out);
        assertThat(out.lines())
                .containsExactly("closed 0 1 1 1", "late 0 12 2 2", "late 100 2 1 1");
        assertThat(out.frames).hasSize(2);
        assertThat(usage.charged()).isEqualTo(out.sum);
    }

    @Test
    void r49_aClosedBinStaysClosedOverARestart() {
        Aggregation usage = total();
        add(usage, Flow.at(10, 20, 1, 1));
        usage.onWatermark(150, out);
        usage = restarted(usage);
        add(usage, Flow.at(10, 20, 2, 1), Flow.at(100, 110, 4, 1));
        usage.onWatermark(249, out);
        assertThat(out.lines()).containsExactly("closed 0 1 1 1");
        usage.onWatermark(250, out);
        assertThat(out.lines())
                .containsExactly("closed 0 1 1 1", "late 0 2 1 1", "closed 100 4 1 1");
    }

    @Test
    void r51_aFlowCountsWhereItStarts() {
        Aggregation usage = total();
        add(usage, Flow.at(99, 200, 101, 101), Flow.at(100, 200, 0, 0));
        usage.onWatermark(1000, out);
        assertThat(out.lines()).containsExactly("closed 0 1 1 1", "closed 100 100 100 1");
    }

    @Test
    void r51_keysAreTheDeclaredFieldsAlone() {
        var definition =
                new UsageDefinition("ports", List.of(Field.PROTOCOL, Field.DST_ADDR), 100, 50);
        var usage = new Aggregation(definition, ROOMY);
        assertThat(Aggregation.columns(definition))
                .isEqualTo(
                        Set.of(
                                Field.PROTOCOL,
                                Field.DST_ADDR,
                                Field.OCTETS,
                                Field.PACKETS,
                                Field.START,
                                Field.END));
        add(
                usage,
                flow(1).with(Field.PROTOCOL, 6).with(Field.DST_ADDR, "192.0.2.1"),
                flow(2).with(Field.PROTOCOL, 6).with(Field.DST_ADDR, "2001:db8::1"),
                flow(4).with(Field.PROTOCOL, 6).with(Field.DST_ADDR, "192.0.2.1"),
                flow(8).with(Field.PROTOCOL, 17).with(Field.DST_ADDR, "192.0.2.1"));
        usage.onWatermark(150, out);
        assertThat(out.lines())
                .containsExactly(
                        "closed 0 6 192.0.2.1 5 2 2",
                        "closed 0 6 2001:db8::1 2 1 1",
                        "closed 0 17 192.0.2.1 8 1 1");
    }

    @Test
    void aCustomerIsChargedAtEachEndThatIsKnown() {
        var usage = new Aggregation(BY_CUSTOMER, ROOMY);
        add(
                usage,
                flow(1).with(Field.SRC_CUSTOMER, "ann"),
                flow(2).with(Field.DST_CUSTOMER, "ann"),
                flow(4).with(Field.SRC_CUSTOMER, "ann").with(Field.DST_CUSTOMER, "bob"),
                flow(8).with(Field.SRC_CUSTOMER, "bob").with(Field.DST_CUSTOMER, "bob"),
                flow(16));
        usage.onWatermark(150, out);
        assertThat(out.lines())
                .containsExactly(
                        "closed 0 ann up 5 2 2",
                        "closed 0 ann down 2 1 1",
                        "closed 0 bob down 12 2 2",
                        "closed 0 bob up 8 1 1",
                        "closed 0   16 1 1");
        assertThat(usage.charged()).isEqualTo(out.sum);
        assertThat(usage.charged().records()).isEqualTo(7);
    }

    @Test
    void aCustomerAtBothEndsIsChargedTwiceWhereDirectionIsNoKey() {
        var definition = new UsageDefinition("c", List.of(Field.CUSTOMER), 100, 50);
        var usage = new Aggregation(definition, ROOMY);
        add(usage, flow(8).with(Field.SRC_CUSTOMER, "bob").with(Field.DST_CUSTOMER, "bob"));
        usage.onWatermark(150, out);
        assertThat(out.lines()).containsExactly("closed 0 bob 16 2 2");
    }

    @Test
    void anEndIsChargedWhenItsCustomerOrItsSubscriberIsKnown() {
        var definition =
                new UsageDefinition(
                        "s",
                        List.of(Field.CUSTOMER, Field.SUBSCRIBER, Field.NAS, Field.DIRECTION),
                        100,
                        50);
        var usage = new Aggregation(definition, ROOMY);
        add(
                usage,
                flow(1).with(Field.SRC_SUBSCRIBER, "ann").with(Field.SRC_NAS, "n1"),
                flow(2).with(Field.SRC_CUSTOMER, "acme").with(Field.DST_NAS, "n2"),
                flow(4).with(Field.DST_CUSTOMER, "acme").with(Field.DST_SUBSCRIBER, "bob"),
                flow(8));
        usage.onWatermark(150, out);
        assertThat(out.lines())
                .containsExactlyInAnyOrder(
                        "closed 0  ann n1 up 1 1 1",
                        "closed 0 acme   up 2 1 1",
                        "closed 0   n2 down 2 1 1",
                        "closed 0 acme bob  down 4 1 1",
                        "closed 0     8 1 1");
        assertThat(usage.charged().records()).isEqualTo(5);
    }

    @Test
    void aDirectionIsAsSeenFromTheSubscriberWhereThatIsTheKey() {
        var definition =
                new UsageDefinition("s", List.of(Field.SUBSCRIBER, Field.DIRECTION), 100, 50);
        var usage = new Aggregation(definition, ROOMY);
        add(usage, flow(8).with(Field.DST_SUBSCRIBER, "bob").with(Field.SRC_CUSTOMER, "acme"));
        usage.onWatermark(150, out);
        assertThat(out.lines()).containsExactly("closed 0 bob down 8 1 1");
    }

    @Test
    void theEndsOfAFlowAreOneChargeWhereTheyAreTheKeys() {
        var definition =
                new UsageDefinition(
                        "ends", List.of(Field.SRC_CUSTOMER, Field.DST_CUSTOMER), 100, 50);
        var usage = new Aggregation(definition, ROOMY);
        add(usage, flow(8).with(Field.SRC_CUSTOMER, "ann").with(Field.DST_CUSTOMER, "bob"));
        usage.onWatermark(150, out);
        assertThat(out.lines()).containsExactly("closed 0 ann bob 8 1 1");
    }

    @Test
    void aTextThatARecordCannotHaveIsEmpty() {
        var definition =
                new UsageDefinition("s", List.of(Field.SRC_CUSTOMER, Field.PROTOCOL), 100, 50);
        var usage = new Aggregation(definition, ROOMY);
        var columns = Set.of(Field.PROTOCOL, Field.OCTETS, Field.PACKETS, Field.START, Field.END);
        usage.shard(0, dictionary)
                .onBlock(
                        Flow.block(columns, List.of(flow(3).with(Field.PROTOCOL, 17)), dictionary));
        usage.onWatermark(150, out);
        assertThat(out.lines()).containsExactly("closed 0  17 3 1 1");
    }

    @Test
    void r54_rowsAreWrittenEarlyAsPartialWhenKeysReachTheirLimit() {
        var definition = new UsageDefinition("p", List.of(Field.PROTOCOL), 100, 50);
        var usage = new Aggregation(definition, new AggregationLimits(2, 100, 10));
        usage.onWatermark(150, out);
        add(
                usage,
                flow(1).with(Field.PROTOCOL, 1),
                Flow.at(110, 120, 2, 1).with(Field.PROTOCOL, 1),
                Flow.at(110, 120, 4, 1).with(Field.PROTOCOL, 1));
        assertThat(usage.openKeys()).isEqualTo(2);
        assertThat(out.frames).isEmpty();
        add(usage, Flow.at(110, 120, 8, 1).with(Field.PROTOCOL, 2));
        assertThat(out.lines()).containsExactly("late 0 1 1 1 1", "partial 100 1 6 2 2");
        assertThat(usage.pressureFlushes()).isEqualTo(1);
        usage.onWatermark(250, out);
        assertThat(out.lines()).endsWith("closed 100 2 8 1 1").hasSize(3);
        assertThat(usage.charged()).isEqualTo(out.sum);
    }

    @Test
    void rowsAreWrittenEarlyWhenBinsReachTheirLimit() {
        var usage = new Aggregation(TOTAL, new AggregationLimits(1000, 2, 10));
        add(usage, flow(1), Flow.at(500, 500, 2, 1), Flow.at(300, 300, 4, 1));
        assertThat(out.lines()).containsExactly("partial 0 1 1 1", "partial 500 2 1 1");
        assertThat(usage.openBins()).isEqualTo(1);
        assertThat(usage.pressureFlushes()).isEqualTo(1);
    }

    @Test
    void theSameKeyOfSeveralShardsIsOneRowWhateverItsNumberThere() {
        var usage = new Aggregation(BY_CUSTOMER, ROOMY);
        var other = new Dictionary();
        other.number("cyd"); // so that ann's number differs from that in the other shard
        Set<Field> columns = Aggregation.columns(BY_CUSTOMER);
        List<Flow> first = List.of(flow(1).with(Field.SRC_CUSTOMER, "ann"), flow(2));
        List<Flow> second =
                List.of(
                        flow(4).with(Field.SRC_CUSTOMER, "bob"),
                        flow(8).with(Field.SRC_CUSTOMER, "ann"));
        usage.shard(5, other).onBlock(Flow.block(columns, second, other));
        usage.shard(2, dictionary).onBlock(Flow.block(columns, first, dictionary));
        usage.onWatermark(150, out);
        assertThat(out.lines())
                .containsExactly(
                        "closed 0 ann up 9 2 2", "closed 0   2 1 1", "closed 0 bob up 4 1 1");
        assertThat(usage.charged()).isEqualTo(out.sum);
    }

    @Test
    void r54_inAStepAllShardsTogetherOpenNoMoreThanTheirSharesOfTheLimit() {
        var definition = new UsageDefinition("p", List.of(Field.SRC_PORT), 100, 50);
        var limits = new AggregationLimits(40_000, 3_000, 1_500);
        var usage = new Aggregation(definition, limits);
        Set<Field> columns = Aggregation.columns(definition);
        for (int shard = 0; shard < 32; shard++) {
            Sums sums = usage.shard(shard, dictionary);
            usage.share(shard, 1.0 / 32);
            for (int port = 1; port <= 10; port++) { // each over 1,500 bins, so 15,000 keys
                Flow flow = Flow.at(0, 150_000, 1_500, 1_500).with(Field.SRC_PORT, port);
                sums.onBlock(Flow.block(columns, List.of(flow), dictionary));
            }
            assertThat(sums.openKeys()).isLessThanOrEqualTo(2_048);
            assertThat(sums.bins().size()).isLessThanOrEqualTo(1_500);
        }
        usage.onWatermark(1, out);
        assertThat(usage.openKeys()).isLessThanOrEqualTo(40_000);
        usage.closeAll(out);
        assertThat(usage.charged()).isEqualTo(out.sum);
        assertThat(out.sum.octets()).isEqualTo(32 * 10 * 1_500);
    }

    @Test
    void theBinsThatAreOpenAfterAStepAreLimitedOverAllShards() {
        var usage = new Aggregation(TOTAL, new AggregationLimits(1_000, 6, 2));
        Set<Field> columns = Aggregation.columns(TOTAL);
        for (int shard = 0; shard < 4; shard++) {
            Sums sums = usage.shard(shard, dictionary);
            for (int at = 0; at < 3; at++) {
                Flow flow = Flow.at(100 * at, 100 * at, 1, 1);
                sums.onBlock(Flow.block(columns, List.of(flow), dictionary));
            }
        }
        usage.onWatermark(1, out);
        assertThat(usage.openBins()).isZero();
        assertThat(usage.pressureFlushes()).isEqualTo(1);
        assertThat(usage.charged()).isEqualTo(out.sum);
    }

    @Test
    void theLimitOfKeysIsThatOfAllShardsTogether() {
        var definition = new UsageDefinition("p", List.of(Field.PROTOCOL), 100, 50);
        var usage = new Aggregation(definition, new AggregationLimits(2, 100, 10));
        for (int shard = 0; shard < 3; shard++) {
            List<Flow> one = List.of(flow(1).with(Field.PROTOCOL, shard));
            usage.shard(shard, dictionary)
                    .onBlock(Flow.block(Aggregation.columns(definition), one, dictionary));
        }
        usage.onWatermark(Long.MIN_VALUE, out);
        assertThat(out.lines())
                .containsExactly("partial 0 0 1 1 1", "partial 0 1 1 1 1", "partial 0 2 1 1 1");
        assertThat(usage.openKeys()).isZero();
        assertThat(usage.pressureFlushes()).isEqualTo(1);
    }

    @Test
    void aDrainSaysWhichBinsAreOver() {
        Aggregation usage = total();
        usage.onWatermark(200, out);
        add(usage, Flow.at(10, 20, 1, 1), Flow.at(110, 120, 2, 1), Flow.at(210, 220, 4, 1));
        usage.closeAll(out);
        assertThat(out.lines())
                .containsExactly("late 0 1 1 1", "closed 100 2 1 1", "partial 200 4 1 1");
        assertThat(usage.openBins()).isZero();
        add(usage, Flow.at(210, 220, 8, 1));
        usage.onWatermark(350, out);
        assertThat(out.lines()).endsWith("closed 200 8 1 1");
    }

    @Test
    void openRowsShowWhatIsOpenAndKeepIt() {
        Aggregation usage = total();
        usage.onWatermark(150, out);
        add(usage, Flow.at(10, 20, 1, 1), Flow.at(110, 120, 2, 1));
        var open = new RowCollector();
        usage.openRows(open);
        assertThat(open.lines()).containsExactly("partial 0 1 1 1", "partial 100 2 1 1");
        assertThat(usage.charged()).isEqualTo(open.sum);
        usage.onWatermark(250, out);
        assertThat(out.lines()).containsExactly("late 0 1 1 1", "closed 100 2 1 1");
    }

    @Test
    void framesAreCutAtTheirLimit() {
        var definition = new UsageDefinition("p", List.of(Field.DST_AS), 100, 50);
        var usage = new Aggregation(definition, AggregationLimits.DEFAULT);
        for (long as = 0; as <= UsageRows.ROWS_MAX; as++) {
            add(usage, flow(1).with(Field.DST_AS, as));
        }
        add(usage, Flow.at(100, 110, 1, 1));
        usage.onWatermark(1000, out);
        assertThat(out.rows()).extracting(UsageRows::size).containsExactly(UsageRows.ROWS_MAX, 2);
    }

    @Test
    void aSnapshotOfAnotherVersionIsRefused() {
        var bytes = new StateWriter(64);
        total().snapshot(bytes);
        byte[] other = bytes.toBytes();
        other[0] = 9;
        assertThatThrownBy(
                        () -> Aggregation.restore(new StateReader(other), _ -> dictionary, ROOMY))
                .isInstanceOf(StateReader.Malformed.class)
                .hasMessageContaining("aggregation of version 9; this release reads 4");
    }

    @Test
    void aSnapshotThatEndsEarlyIsMalformedAndNothingWorse() {
        var usage = new Aggregation(BY_CUSTOMER, ROOMY);
        add(usage, flow(1).with(Field.SRC_CUSTOMER, "ann"));
        var bytes = new StateWriter(64);
        usage.snapshot(bytes);
        for (int length = 0; length < bytes.size(); length++) {
            var in = new StateReader(bytes.array(), 0, length);
            assertThatThrownBy(() -> Aggregation.restore(in, _ -> dictionary, ROOMY))
                    .isInstanceOf(StateReader.Malformed.class);
        }
    }

    private Aggregation total() {
        return new Aggregation(TOTAL, ROOMY);
    }

    private static Flow flow(long octets) {
        return Flow.at(10, 20, octets, 1);
    }

    private void add(Aggregation usage, Flow... flows) {
        Set<Field> columns = Aggregation.columns(usage.definition());
        usage.shard(0, dictionary).onBlock(Flow.block(columns, Arrays.asList(flows), dictionary));
        usage.onWatermark(Long.MIN_VALUE, out);
    }

    private Aggregation restarted(Aggregation usage) {
        var bytes = new StateWriter(64);
        usage.snapshot(bytes);
        var in = new StateReader(bytes.toBytes());
        Aggregation restored = Aggregation.restore(in, _ -> dictionary, ROOMY);
        in.expectEnd();
        return restored;
    }

    @Test
    void scaledCountersStopAtTheLargestValueAndThatIsCounted() {
        var usage =
                new Aggregation(
                        new UsageDefinition("u", List.of(), 100, 0, true),
                        AggregationLimits.DEFAULT);
        List<UsageRows> rows = new ArrayList<>();
        long half = Long.MIN_VALUE; // 2^63, unsigned
        add(
                usage,
                Flow.at(0, 10, half, 5).with(Field.SAMPLING_RATE, 1),
                Flow.at(0, 10, half - 1, 5).with(Field.SAMPLING_RATE, 1),
                Flow.at(0, 10, 7, 7).reverse());
        usage.openRows(rows::add);
        assertThat(rows.getLast().octetsScaled(0)).isEqualTo(-1L);
        assertThat(usage.scaledOverflows()).isZero();
        add(
                usage,
                Flow.at(0, 10, 1, 1).with(Field.SAMPLING_RATE, 2),
                Flow.at(0, 10, half, 1).with(Field.SAMPLING_RATE, 2),
                Flow.at(0, 10, 9, 9));
        usage.openRows(rows::add);
        assertThat(rows.getLast().octetsScaled(0)).isEqualTo(-1L);
        assertThat(rows.getLast().packetsScaled(0)).isEqualTo(14);
        assertThat(rows.getLast().flowsUnscaled(0)).isEqualTo(1);
        assertThat(usage.scaledOverflows()).isEqualTo(2);
    }
}
