package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.aggregate.Aggregation;
import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.record.Field;
import io.narwhal.record.HeldItem;
import io.narwhal.record.LineEntry;
import io.narwhal.record.LineMapping;
import io.narwhal.record.LineMapping.Column;
import io.narwhal.record.LineTarget;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;
import io.narwhal.session.Holders;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.DecoderLimits;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** R13, R26: lines of files through a lane: good ones are charged, bad ones held, all booked. */
class LineLaneTest {
    private static final long ARRIVAL_MS = 1_795_341_900_000L;
    private static final String HEADER = "user,ip,up,down";

    private static final UsageDefinition BY_USER =
            new UsageDefinition(
                    "by-user",
                    List.of(Field.SUBSCRIBER, Field.DIRECTION),
                    3_600_000,
                    0,
                    false,
                    UsageDefinition.Counts.SESSIONS);

    private static final UsageDefinition BY_CUSTOMER =
            new UsageDefinition(
                    "by-customer",
                    List.of(Field.CUSTOMER),
                    3_600_000,
                    0,
                    false,
                    UsageDefinition.Counts.ALL);

    private static final UsageDefinition BY_SOURCE =
            new UsageDefinition("by-source", List.of(Field.SRC_ADDR), 3_600_000, 0);

    private static final CustomerTable CUSTOMERS =
            ((CustomerTable.Outcome.Loaded)
                            CustomerTable.read(
                                    "c.csv",
                                    "prefix,customer\n192.0.2.0/25,acme\n"
                                            .getBytes(StandardCharsets.UTF_8)))
                    .table();

    private final ByteBuffer out = ByteBuffer.allocate(1 << 16);
    private int entries;
    private int lines;
    private long total;
    private Lane lane = lane(charged("up"), 3, 1_000);

    private static Column column(LineTarget target, String source) {
        return new Column(target, List.of(source), null, 1, null);
    }

    private static LineMapping mapping(Column... columns) {
        return new LineMapping(LineMapping.Format.CSV, ',', '"', true, List.of(columns));
    }

    private static LineMapping charged(String octets) {
        return mapping(
                column(LineTarget.SUBSCRIBER, "user"),
                column(LineTarget.SRC_ADDR, "ip"),
                column(LineTarget.OCTETS, octets),
                column(LineTarget.REVERSE_OCTETS, "down"));
    }

    private static LineMapping flows() {
        return mapping(column(LineTarget.SRC_ADDR, "ip"), column(LineTarget.OCTETS, "up"));
    }

    private static Lane.Work work(LineMapping mapping, int heldMax, long heldBytesMax) {
        return new Lane.Work(
                List.of(BY_USER, BY_CUSTOMER, BY_SOURCE),
                CUSTOMERS,
                DecoderLimits.DEFAULTS,
                AggregationLimits.DEFAULT,
                List.of(),
                SessionLimits.DEFAULTS,
                Holders.none(),
                new LineWork(mapping, heldMax, heldBytesMax));
    }

    private static Lane lane(LineMapping mapping, int heldMax, long heldBytesMax) {
        return new Lane(work(mapping, heldMax, heldBytesMax));
    }

    private LineLaneTest begin() {
        out.clear().position(ReceivedBlock.HEADER_BYTES);
        entries = 0;
        lines = 0;
        return this;
    }

    private LineLaneTest add(LineEntry entry, long file, long line, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        entry.writeHeader(out, bytes.length, file, line);
        out.put(bytes);
        entries++;
        lines += entry.isLine() ? 1 : 0;
        return this;
    }

    private LineLaneTest file(long number, String header, String... text) {
        begin().add(LineEntry.FILE, number, 0, "f" + number + ".csv");
        add(LineEntry.HEADER, number, 1, header);
        for (int i = 0; i < text.length; i++) {
            add(LineEntry.LINE, number, i + 2, text[i]);
        }
        return this;
    }

    private void apply() {
        int end = out.position();
        total += lines;
        out.position(0);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.LINES,
                        0,
                        0,
                        Transport.FILE,
                        entries,
                        ARRIVAL_MS * 1_000,
                        1,
                        0,
                        0,
                        total,
                        0)
                .write(out);
        byte[] frame = Arrays.copyOf(out.array(), end);
        lane.apply(frame, 0, frame.length, Crew.ALONE, _ -> {});
        lane.endStep(Crew.ALONE, _ -> {});
    }

    private void restart(LineMapping mapping) {
        var state = new StateWriter(1 << 12);
        lane.snapshot(state);
        lane = new Lane(work(mapping, 3, 1_000), new StateReader(state.toBytes()));
        lane.settle(_ -> {});
        var again = new StateWriter(1 << 12);
        lane.snapshot(again);
        assertThat(again.toBytes())
                .as("a context is what was written of it")
                .isEqualTo(state.toBytes());
    }

    private static Tally tally(long records, long packets, long octets) {
        var tally = new Tally();
        tally.add(records, packets, octets);
        return tally;
    }

    private void isBalanced() {
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        for (Aggregation one : lane.aggregations()) {
            if (!one.definition().isTwoSided()) {
                assertThat(one.charged())
                        .as(one.definition().name())
                        .isEqualTo(lane.expected(one.definition()));
            }
        }
        assertThat(lane.losses().datagrams()).isEqualTo(lane.losses().datagramsJournalled());
    }

    private Set<String> rows(UsageDefinition definition) {
        List<UsageRows> frames = new ArrayList<>();
        lane.aggregations().stream()
                .filter(one -> one.definition().equals(definition))
                .forEach(one -> one.openRows(frames::add));
        Set<String> rows = new TreeSet<>();
        for (UsageRows frame : frames) {
            for (int row = 0; row < frame.size(); row++) {
                List<String> keys = new ArrayList<>();
                for (int key = 0; key < definition.keys().size(); key++) {
                    keys.add(frame.text(row, key));
                }
                rows.add(
                        String.join(" ", keys)
                                + ": "
                                + frame.octets(row)
                                + ", "
                                + frame.flows(row));
            }
        }
        return rows;
    }

    @Test
    void linesThatSayWhomTheyAreChargedToCountAsSessions() {
        file(1, HEADER, "alice,192.0.2.7,10,100", "bob,192.0.2.200,1,2").apply();

        assertThat(lane.books().accounted()).isEqualTo(tally(2, 0, 113));
        assertThat(rows(BY_USER))
                .containsExactly(
                        "alice down: 100, 0", "alice up: 10, 1", "bob down: 2, 0", "bob up: 1, 1");
        assertThat(rows(BY_CUSTOMER)).containsExactly(": 3, 1", "acme: 110, 1");
        assertThat(rows(BY_SOURCE)).isEmpty();
        isBalanced();
    }

    @Test
    void otherLinesCountAsFlows() {
        lane = lane(flows(), 3, 1_000);
        file(1, HEADER, "alice,192.0.2.7,10,100", "bob,192.0.2.7,1,2").apply();

        assertThat(rows(BY_USER)).isEmpty();
        assertThat(rows(BY_CUSTOMER)).containsExactly("acme: 11, 2");
        assertThat(rows(BY_SOURCE)).containsExactly("192.0.2.7: 11, 2");
        isBalanced();
    }

    @Test
    void aLineThatCannotBeReadIsHeldWithFileAndLineAndTheOthersAreCharged() {
        file(7, HEADER, "alice,192.0.2.7,10,100", "bob,nowhere,1,2", "carol,192.0.2.9,5,5").apply();
        begin().add(LineEntry.END, 7, 0, "").apply();

        assertThat(lane.books().received().records()).isEqualTo(3);
        assertThat(lane.books().held()).isEqualTo(tally(1, 0, 0));
        assertThat(lane.books().accounted()).isEqualTo(tally(2, 0, 120));
        assertThat(lane.held("cdr"))
                .containsExactly(
                        new HeldItem(
                                "cdr-line-7-3",
                                "cdr",
                                "line of f7.csv",
                                "f7.csv:3",
                                ARRIVAL_MS * 1_000,
                                "src_addr 'nowhere' in the column ip is no address",
                                "bob,nowhere,1,2".getBytes(StandardCharsets.UTF_8)));
        isBalanced();
        restart(charged("up"));
        assertThat(lane.held("cdr")).hasSize(1);
        isBalanced();
    }

    @Test
    void whatIsHeldIsReadAgainByAMappingThatWasMended() {
        lane = lane(charged("volume"), 3, 1_000);
        file(1, HEADER, "alice,192.0.2.7,10,100", "bob,nowhere,1,2").apply();
        begin().add(LineEntry.END, 1, 0, "").apply();
        assertThat(lane.held("cdr"))
                .extracting(HeldItem::reason)
                .containsOnly("the header has no column 'volume'; it has user, ip, up, down");

        restart(charged("up"));
        lane.recycle(Set.of("cdr-line-1-2", "cdr-line-1-3", "cdr-line-9-9"), Crew.ALONE, _ -> {});

        assertThat(lane.held("cdr")).extracting(HeldItem::place).containsExactly("f1.csv:3");
        assertThat(rows(BY_USER)).containsExactly("alice down: 100, 0", "alice up: 10, 1");
        assertThat(lane.books().received()).isEqualTo(tally(2, 0, 110));
        isBalanced();
    }

    @Test
    void whatIsHeldStaysSoWhenThePeriodIsComputedAgain() {
        lane = lane(charged("volume"), 3, 1_000);
        file(1, HEADER, "alice,192.0.2.7,10,100").apply();

        lane = new Lane(work(charged("up"), 3, 1_000).withLinesWaiting(lane.linesHeld()));
        total = 0;
        file(1, HEADER, "alice,192.0.2.7,10,100", "bob,192.0.2.8,1,2").apply();

        assertThat(rows(BY_USER)).containsExactly("bob down: 2, 0", "bob up: 1, 1");
        assertThat(lane.books().held().records()).isOne();
        lane.recycle(Set.of("cdr-line-1-2"), Crew.ALONE, _ -> {});
        assertThat(rows(BY_USER)).contains("alice down: 100, 0", "alice up: 10, 1");
        isBalanced();
    }

    @Test
    void noMoreIsHeldThanTheLimitAllows() {
        file(1, HEADER, "a", "b", "c", "d", "e").apply();
        assertThat(lane.books().held().records()).isEqualTo(3);
        assertThat(lane.books().rejected(Reason.BAD_LINE).records()).isEqualTo(2);
        file(2, HEADER, "f").apply();
        assertThat(lane.books().rejected(Reason.BAD_LINE).records()).isEqualTo(3);
        isBalanced();

        lane = lane(charged("up"), 100, 10);
        total = 0;
        file(1, HEADER, "1234567", "123", "1234").apply();
        assertThat(lane.books().held().records()).isEqualTo(2);
        assertThat(lane.books().rejected(Reason.BAD_LINE).records()).isEqualTo(1);
        isBalanced();
    }

    @Test
    void aLineThatIsTooLongIsRejected() {
        begin().add(LineEntry.FILE, 1, 0, "x").add(LineEntry.LONG_LINE, 1, 2, "xxx").apply();
        assertThat(lane.books().rejected(Reason.LONG_LINE)).isEqualTo(tally(1, 0, 0));
        isBalanced();
    }

    @Test
    void whoTurnsToFlowsGoesOnCountingBoth() {
        file(1, HEADER, "alice,192.0.2.7,10,100").apply();
        restart(flows());
        file(1, HEADER, "alice,192.0.2.7,10,100").apply();

        assertThat(rows(BY_USER)).containsExactly("alice down: 100, 0", "alice up: 10, 1");
        assertThat(rows(BY_SOURCE)).containsExactly("192.0.2.7: 10, 1");
        isBalanced();
    }

    @Test
    void withoutAMappingLinesAreHeld() {
        lane = new Lane(work(flows(), 3, 1_000));
        file(1, HEADER).apply();
        var state = new StateWriter(1 << 12);
        lane.snapshot(state);
        lane =
                new Lane(
                        new Lane.Work(
                                List.of(BY_USER),
                                CUSTOMERS,
                                DecoderLimits.DEFAULTS,
                                AggregationLimits.DEFAULT,
                                List.of(),
                                SessionLimits.DEFAULTS),
                        new StateReader(state.toBytes()));
        file(1, HEADER, "alice,192.0.2.7,10,100").apply();
        assertThat(lane.held("cdr"))
                .singleElement()
                .satisfies(one -> assertThat(one.reason()).contains("no 'fields'"));
    }
}
