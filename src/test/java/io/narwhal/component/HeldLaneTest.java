package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.inspect.ReceivedTraffic;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Field;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Promise 5: what is passed over and recycled gives the same rows however the work is shared. */
class HeldLaneTest {
    private static final int EVERY = 9;
    private static final int RECYCLED_AT = 300;

    @TempDir private static Path directory;
    private static ReceivedTraffic traffic;
    private static Map<Long, BitSet> aside;
    private static List<HeldDatagram> items;

    @BeforeAll
    static void receive() {
        traffic =
                new ReceivedTraffic(
                        directory,
                        plan -> plan.exporters(12).records(20_000).templateRefreshDatagrams(10));
        aside = new HashMap<>();
        items = new ArrayList<>();
        int frames = 0;
        try (var reader = JournalReader.open(traffic.disk, traffic.journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                if (++frames % EVERY == 0) {
                    var place = new HeldPlace(reader.framePosition(), 0);
                    aside.computeIfAbsent(place.position(), _ -> new BitSet()).set(0);
                    HeldDatagram.read(traffic.disk, traffic.journal, place, List.of(), 1)
                            .ifPresent(items::add);
                }
            }
        }
        assertThat(frames).isGreaterThan(2 * RECYCLED_AT);
        assertThat(items).hasSize(frames / EVERY);
    }

    private record Result(List<String> rows, List<String> states, Tally accounted, Tally held) {}

    private static Result run(int threads, boolean alone, int restartEvery) {
        Lane.Work configured = LaneRecovery.work(traffic.config, traffic.disk);
        var work =
                new Lane.Work(
                        List.of(
                                new UsageDefinition(
                                        "by-pair",
                                        List.of(Field.SRC_ADDR, Field.DST_ADDR),
                                        100,
                                        100),
                                new UsageDefinition(
                                        "by-customer",
                                        List.of(Field.CUSTOMER, Field.DIRECTION),
                                        100,
                                        0)),
                        configured.customers(),
                        configured.decoder(),
                        new AggregationLimits(2_000, 10_000, 1_500),
                        configured.sampling(),
                        configured.sessions());
        var lane = new Lane(work);
        lane.setAside(aside);
        List<String> rows = new ArrayList<>();
        List<String> states = new ArrayList<>();
        int frames = 0;
        int steps = 0;
        try (var crew = new Crew(threads);
                var reader = JournalReader.open(traffic.disk, traffic.journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                frames++;
                if (lane.take(
                        reader.bytes(),
                        reader.payloadOffset(),
                        reader.payloadLength(),
                        reader.framePosition())) {
                    lane.endStep(crew, alone, frame -> rows.add(hex(frame)));
                    if (lane.recycled() == 0 && frames > RECYCLED_AT) {
                        recycle(lane, frames, rows);
                    }
                    states.add(state(lane));
                    if (restartEvery > 0 && ++steps % restartEvery == 0) {
                        lane =
                                new Lane(
                                        work,
                                        new StateReader(HexFormat.of().parseHex(states.getLast())));
                        lane.setAside(aside);
                    }
                }
            }
            lane.endStep(crew, alone, frame -> rows.add(hex(frame)));
        }
        states.add(state(lane));
        return new Result(rows, states, lane.books().accounted(), lane.books().held());
    }

    // All that have been passed over by then.
    private static void recycle(Lane lane, int frames, List<String> rows) {
        lane.recycle(
                1,
                items.subList(0, frames / EVERY),
                Set.of(),
                Crew.ALONE,
                frame -> rows.add(hex(frame)));
    }

    private static String state(Lane lane) {
        var out = new StateWriter(1 << 16);
        lane.snapshot(out);
        return HexFormat.of().formatHex(out.toBytes());
    }

    private static String hex(UsageRows rows) {
        var out = new StateWriter(1 << 10);
        rows.write(out);
        return HexFormat.of().formatHex(out.toBytes());
    }

    @Test
    void anyNumberOfThreadsAndOneDatagramAtATimeGiveTheSame() {
        Result one = run(1, false, 0);
        assertThat(one.rows()).isNotEmpty();
        assertThat(one.held().records()).isPositive();
        for (Result other :
                List.of(run(3, false, 0), run(7, false, 3), run(1, true, 0), run(3, true, 2))) {
            assertThat(other.rows()).isEqualTo(one.rows());
            assertThat(other.states()).isEqualTo(one.states());
        }
    }

    /** Those of the second half are still held. */
    @Test
    void whatIsHeldAndWhatIsAccountedIsAllThatWasReceived() {
        Result result = run(1, false, 0);
        assertThat(result.accounted().records())
                .isLessThan(traffic.truth.records())
                .isGreaterThan(traffic.truth.records() * (EVERY - 1) / EVERY - 500);
        var lane =
                new Lane(
                        LaneRecovery.work(traffic.config, traffic.disk),
                        new StateReader(HexFormat.of().parseHex(result.states().getLast())));
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        lane.recycle(2, items.subList(firstHeld(), items.size()), Set.of(), Crew.ALONE, _ -> {});
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        assertThat(lane.books().held()).isEqualTo(new Tally());
        assertThat(lane.books().duplicate()).isEqualTo(new Tally());
        assertThat(lane.books().accounted().records()).isEqualTo(traffic.truth.records());
        assertThat(lane.books().accounted().octets()).isEqualTo(traffic.truth.octets());
    }

    private static int firstHeld() {
        return framesWhenRecycled() / EVERY;
    }

    private static int framesWhenRecycled() {
        var lane = new Lane(LaneRecovery.work(traffic.config, traffic.disk));
        int frames = 0;
        try (var reader = JournalReader.open(traffic.disk, traffic.journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                frames++;
                if (lane.apply(
                                reader.bytes(),
                                reader.payloadOffset(),
                                reader.payloadLength(),
                                Crew.ALONE,
                                _ -> {})
                        && frames > RECYCLED_AT) {
                    return frames;
                }
            }
        }
        throw new AssertionError("the journal is longer");
    }
}
