package io.narwhal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageDefinition.Counts;

import org.junit.jupiter.api.Test;

import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Rows that say themselves which way their octets went, and texts that come and go. */
final class SessionRowsTest {
    private static final AggregationLimits ROOMY = new AggregationLimits(100, 100, 10);
    private static final Set<Field> SESSION_COLUMNS =
            Set.of(
                    Field.SESSION_ID,
                    Field.CUSTOMER,
                    Field.DIRECTION,
                    Field.OCTETS,
                    Field.PACKETS,
                    Field.START,
                    Field.END);

    private final Dictionary dictionary = new Dictionary();
    private final RowCollector rows = new RowCollector();

    private static Flow up(String session, long octets) {
        return Flow.at(0, 50, octets, 1)
                .with(Field.SESSION_ID, session)
                .with(Field.CUSTOMER, "ann")
                .with(Field.DIRECTION, Field.UP);
    }

    private static Flow down(String session, long octets) {
        return up(session, octets).with(Field.DIRECTION, Field.DOWN).reverse();
    }

    private void add(Aggregation usage, Flow... flows) {
        usage.shard(0, dictionary).onBlock(Flow.block(SESSION_COLUMNS, List.of(flows), dictionary));
    }

    private List<String> lines(Aggregation usage) {
        rows.frames.clear();
        usage.openRows(rows);
        return rows.lines();
    }

    @Test
    void aSessionIsChargedOnceEachWayAndCountsAsOneFlow() {
        var usage =
                new Aggregation(
                        new UsageDefinition(
                                "by-session",
                                List.of(Field.SESSION_ID, Field.DIRECTION),
                                100,
                                50,
                                false,
                                Counts.SESSIONS),
                        ROOMY);
        add(usage, up("s1", 8), down("s1", 100), up("s2", 1));
        assertThat(usage.definition().isTwoSided()).isFalse();
        assertThat(lines(usage))
                .containsExactly(
                        "partial 0 s1 up 8 1 1",
                        "partial 0 s1 down 100 1 0",
                        "partial 0 s2 up 1 1 1");
    }

    @Test
    void usageOfBothKindsTakesTheDirectionOfASessionFromItsRow() {
        var usage =
                new Aggregation(
                        new UsageDefinition(
                                "by-customer",
                                List.of(Field.CUSTOMER, Field.DIRECTION, Field.PROTOCOL),
                                100,
                                50,
                                true,
                                Counts.ALL),
                        ROOMY);
        var flowColumns =
                Set.of(
                        Field.SRC_CUSTOMER,
                        Field.DST_CUSTOMER,
                        Field.PROTOCOL,
                        Field.SAMPLING_RATE,
                        Field.OCTETS,
                        Field.PACKETS,
                        Field.START,
                        Field.END);
        Flow flow =
                Flow.at(0, 50, 7, 1)
                        .with(Field.SRC_CUSTOMER, "ann")
                        .with(Field.DST_CUSTOMER, "bob")
                        .with(Field.PROTOCOL, 17);
        usage.shard(0, dictionary).onBlock(Flow.block(flowColumns, List.of(flow), dictionary));
        add(usage, up("s1", 8), down("s1", 100));
        assertThat(lines(usage))
                .containsExactly(
                        "partial 0 ann up 17 7 1 1",
                        "partial 0 bob down 17 7 1 1",
                        "partial 0 ann up 0 8 1 1",
                        "partial 0 ann down 0 100 1 0");
        assertThat(rows.rows().getFirst().octetsScaled(2))
                .as("a session is not sampled")
                .isEqualTo(8);
    }

    @Test
    void sumsGoOnUnderNewNumbersOfTheirTexts() {
        var usage =
                new Aggregation(
                        new UsageDefinition(
                                "by-session",
                                List.of(Field.SESSION_ID),
                                100,
                                50,
                                false,
                                Counts.SESSIONS),
                        ROOMY);
        dictionary.number("a name of yesterday");
        add(usage, up("s1", 8), up("s2", 1));
        Sums sums = usage.shard(0, dictionary);
        var used = new BitSet();
        sums.markTexts(used);
        assertThat(used.cardinality()).isEqualTo(2);
        sums.renumber(dictionary.tidy(used));

        assertThat(dictionary.size()).isEqualTo(3);
        assertThat(lines(usage)).containsExactly("partial 0 s1 8 1 1", "partial 0 s2 1 1 1");
        add(usage, up("s2", 10), up("s3", 5));
        assertThat(lines(usage))
                .containsExactly("partial 0 s1 8 1 1", "partial 0 s2 11 2 2", "partial 0 s3 5 1 1");
    }
}
