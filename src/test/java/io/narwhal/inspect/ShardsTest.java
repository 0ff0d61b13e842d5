package io.narwhal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.component.Crew;
import io.narwhal.component.Lane;
import io.narwhal.component.LaneRecovery;
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
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** However many threads run the shards of a lane, every byte that comes of them is the same. */
class ShardsTest {
    private static final int EXPORTERS = 40;
    private static final long RECORDS = 120_000;

    @TempDir static Path directory;
    private static ReceivedTraffic traffic;
    private static Result alone;

    /** All that a lane gave: a line for each frame of rows, and its state at the end of steps. */
    private record Result(
            List<String> rows, List<String> states, Tally accounted, Tally written, int shards) {}

    @BeforeAll
    static void generate() {
        traffic =
                new ReceivedTraffic(
                        directory,
                        plan ->
                                plan.exporters(EXPORTERS)
                                        .records(RECORDS)
                                        .templatesAfterDatagrams(2)
                                        .withholdEvery(50));
        alone = run(1, 0);
    }

    @Test
    void twoThreadsGiveTheSameBytesAsOne() {
        assertThat(run(2, 0)).isEqualTo(alone);
    }

    @Test
    void sevenThreadsGiveTheSameBytesAsOne() {
        assertThat(run(7, 0)).isEqualTo(alone);
    }

    @Test
    void r20_soDoesAChangeOfTheNumberAtEveryRestart() {
        assertThat(run(1, 5)).isEqualTo(alone);
    }

    @Test
    void manyShardsTookPartAndEveryRecordCountsOnce() {
        assertThat(alone.shards()).isBetween(16, EXPORTERS);
        assertThat(alone.accounted().records()).isEqualTo(traffic.truth.records());
        assertThat(alone.accounted().octets()).isEqualTo(traffic.truth.octets());
        assertThat(alone.written()).isEqualTo(alone.accounted());
        assertThat(alone.rows()).anyMatch(row -> row.startsWith("partial by-pair"));
    }

    /**
     * @param restartEvery steps after which the lane is written, read, and gets a crew of another
     *     size; 0: never
     */
    private static Result run(int threads, int restartEvery) {
        Lane.Work work = work();
        var lane = new Lane(work);
        var crew = new Crew(threads);
        List<String> rows = new ArrayList<>();
        List<String> states = new ArrayList<>();
        var written = new Tally();
        int steps = 0;
        try (var reader = JournalReader.open(traffic.disk, traffic.journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                if (lane.apply(
                        reader.bytes(),
                        reader.payloadOffset(),
                        reader.payloadLength(),
                        crew,
                        frame -> add(frame, rows, written))) {
                    StateWriter state = state(lane);
                    states.add(digest(state));
                    if (restartEvery > 0 && ++steps % restartEvery == 0) {
                        lane = new Lane(work, new StateReader(state.toBytes()));
                        crew.close();
                        crew = new Crew(1 + steps / restartEvery % 7);
                    }
                }
            }
        }
        lane.endStep(crew, frame -> add(frame, rows, written));
        lane.aggregations().forEach(usage -> usage.closeAll(frame -> add(frame, rows, written)));
        states.add(digest(state(lane)));
        crew.close();
        return new Result(rows, states, lane.books().accounted(), written, lane.decoders().size());
    }

    // A limit that is reached, a definition with texts, and one whose keys all exporters share.
    private static Lane.Work work() {
        Lane.Work configured = LaneRecovery.work(traffic.config, traffic.disk);
        return new Lane.Work(
                List.of(
                        new UsageDefinition(
                                "by-pair", List.of(Field.SRC_ADDR, Field.DST_ADDR), 1_000, 1_000),
                        new UsageDefinition(
                                "by-customer", List.of(Field.CUSTOMER, Field.DIRECTION), 1_000, 0),
                        new UsageDefinition(
                                "by-protocol", List.of(Field.PROTOCOL), 500, 500, true)),
                configured.customers(),
                configured.decoder(),
                new AggregationLimits(2_000, 10_000, 1_500),
                configured.sampling(),
                configured.sessions());
    }

    private static void add(UsageRows frame, List<String> rows, Tally written) {
        var bytes = new StateWriter(64);
        frame.write(bytes);
        String name = frame.definition().name();
        rows.add(frame.kind().label() + " " + name + " " + digest(bytes));
        if (name.equals("by-pair")) {
            for (int row = 0; row < frame.size(); row++) {
                written.add(frame.flows(row), frame.packets(row), frame.octets(row));
            }
        }
    }

    private static StateWriter state(Lane lane) {
        var state = new StateWriter(1 << 16);
        lane.snapshot(state);
        return state;
    }

    private static String digest(StateWriter bytes) {
        var crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.size());
        return bytes.size() + ":" + HexFormat.of().toHexDigits(crc.getValue());
    }
}
