package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;
import io.narwhal.base.Clock;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.output.LedgerWriter;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** R6, R24: what an output cannot read is booked, and the rest delivered. */
class OutputLaneTest {
    private static final Path JOURNAL = Path.of("/data/journal/usage/flows");
    private static final Path LEDGER = Path.of("/data/ledger/flows");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    private Duty duty() {
        disk.createDirectories(Path.of("/data/run"));
        return new Duty(ComponentPage.open(disk, Path.of("/data/run/ledger.page")), Clock.system());
    }

    /** Three frames; where the second begins and ends. */
    private long[] journal() {
        var out = new StateWriter(256);
        new UsageRows(World.BY_SOURCE, UsageRows.Kind.CLOSED).write(out);
        var settings = new JournalSettings(JOURNAL, JournalLimits.DEFAULT, List.of());
        try (var writer = JournalWriter.open(disk, Clock.system(), settings, () -> 5)) {
            long first = writer.append(out.array(), 0, out.size(), 1);
            long second = writer.append(out.array(), 0, out.size(), 1);
            writer.append(out.array(), 0, out.size(), 1);
            writer.publish(writer.force());
            return new long[] {first, second};
        }
    }

    private OutputLane lane() {
        var ledger = new LedgerWriter(disk, LEDGER, (frame, rows) -> new byte[] {(byte) frame});
        ledger.start();
        return new OutputLane("flows", JournalReader.open(disk, JOURNAL, 0), ledger, null);
    }

    @Test
    void aFrameThatCannotBeReadIsBookedAndTheOthersAreDelivered() {
        disk.createDirectories(LEDGER);
        long[] second = journal();
        Path segment = JOURNAL.resolve("00000000000000000000.seg");
        disk.flip(segment, second[0] + 40);

        try (var lane = lane()) {
            Duty duty = duty();
            duty.become(Phase.RUNNING, "");
            assertThat(lane.work(10, duty)).isEqualTo(3);
            assertThat(lane.mark().damagedBytes()).isEqualTo(second[1] - second[0]);
        }
        assertThat(disk.list(LEDGER.resolve("by-source")))
                .containsExactly("00000000000000000001.parquet", "00000000000000000003.parquet");
    }

    @Test
    void aLaneGoesOnCountingWhereItsMarkStands() {
        disk.createDirectories(LEDGER);
        journal();
        var mark = new OutputHead.Mark("flows", new JournalPosition(5, 0), 70, 80);
        var ledger = new LedgerWriter(disk, LEDGER, (_, _) -> new byte[0]);
        try (var lane =
                new OutputLane("flows", JournalReader.open(disk, JOURNAL, 0), ledger, mark)) {
            assertThat(lane.mark().rows()).isEqualTo(70);
            assertThat(lane.mark().damagedBytes()).isEqualTo(80);
        }
    }

    @Test
    void theCheckpointOfAnOutputIsAsItsPageSays() throws IOException {
        var head =
                new OutputHead(
                        List.of(
                                new OutputHead.Mark(
                                        "flows", new JournalPosition(0x1122, 4_096), 9, 0)));
        var out = new StateWriter(64);
        head.write(out);
        byte[] example = HexExample.of("checkpoint.md", "An output's context").bytes(out.size());
        assertThat(out.toBytes()).isEqualTo(example);
        assertThat(OutputHead.read(new StateReader(example))).isEqualTo(head);
    }
}
