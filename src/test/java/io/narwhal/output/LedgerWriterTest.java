package io.narwhal.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.DiskFull;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Promise 2: a cut at any step loses no frame and writes none twice. */
class LedgerWriterTest {
    private static final Path LEDGER = Path.of("/data/ledger");
    private static final UsageDefinition USAGE = Usages.definition("by-pair");
    private static final Path FILE_3 = LEDGER.resolve("by-pair/00000000000000000003.parquet");
    private static final Path FILE_4 = LEDGER.resolve("by-pair/00000000000000000004.parquet");

    private int encoded;

    private final ParquetEncoder encoder =
            (frame, rows) -> {
                encoded++;
                return content(frame).getBytes(StandardCharsets.UTF_8);
            };

    private static String content(long frame) {
        return "the content of frame " + frame;
    }

    private static UsageRows rows() {
        return Usages.rows(USAGE, Usages.row(0, 1, 1, 1));
    }

    private void commitBoth(CutDisk disk) {
        var writer = new LedgerWriter(disk, LEDGER, encoder);
        writer.start();
        writer.commit(3, rows());
        writer.commit(4, rows());
    }

    @Test
    void aFileIsNamedByUsageAndFrame() {
        var disk = new CutDisk();
        commitBoth(disk);

        assertThat(disk.files()).containsExactly(FILE_3, FILE_4);
        assertThat(disk.bytes(FILE_3)).asString().isEqualTo(content(3));
    }

    @Test
    void committingAgainChangesNothing() {
        var disk = new CutDisk();
        commitBoth(disk);
        commitBoth(disk);

        assertThat(disk.files()).containsExactly(FILE_3, FILE_4);
        assertThat(encoded).isEqualTo(2);
    }

    @Test
    void aKillAtAnyStepLeavesWholeFilesAndTheNextRunCompletesThem() {
        for (int cut = 0; cut < stepsOfBoth(); cut++) {
            var disk = new CutDisk();
            cutAt(disk, cut);
            disk.restartProcess();
            assertNoneIsHalf(disk, cut);

            commitBoth(disk);
            assertThat(disk.files()).as("cut at %d", cut).containsExactly(FILE_3, FILE_4);

            disk.losePower();
            assertBothWhole(disk, cut);
        }
    }

    @Test
    void aPowerCutAtAnyStepLosesNoFrameWhoseCommitReturned() {
        for (int cut = 0; cut < stepsOfBoth(); cut++) {
            var disk = new CutDisk();
            long returned = cutAt(disk, cut);
            disk.losePower();
            assertNoneIsHalf(disk, cut);
            if (returned >= 3) {
                assertThat(disk.files()).as("cut at %d", cut).contains(FILE_3);
            }
            commitBoth(disk);
            disk.losePower();
            assertBothWhole(disk, cut);
        }
    }

    @Test
    void aFullDiskIsPassedOnAndLeavesNothing() {
        var disk = new CutDisk();
        var writer = new LedgerWriter(disk, LEDGER, encoder);
        writer.start();
        disk.fill(true);
        assertThatThrownBy(() -> writer.commit(3, rows())).isInstanceOf(DiskFull.class);
        assertThat(disk.files()).isEmpty();

        disk.fill(false);
        writer.commit(3, rows());
        assertThat(disk.bytes(FILE_3)).asString().isEqualTo(content(3));
    }

    private int stepsOfBoth() {
        var disk = new CutDisk();
        commitBoth(disk);
        assertThat(disk.changes()).isGreaterThan(12);
        return disk.changes();
    }

    /** The last frame whose commit returned. */
    private long cutAt(CutDisk disk, int cut) {
        disk.cutAfter(cut);
        var writer = new LedgerWriter(disk, LEDGER, encoder);
        long returned = -1;
        try {
            writer.start();
            for (long frame : List.of(3L, 4L)) {
                writer.commit(frame, rows());
                returned = frame;
            }
        } catch (CutDisk.Cut _) {
            return returned;
        }
        throw new AssertionError("the disk did not cut at " + cut);
    }

    private static void assertNoneIsHalf(CutDisk disk, int cut) {
        for (Path file : disk.files()) {
            if (file.toString().endsWith(".parquet")) {
                assertThat(disk.bytes(file))
                        .as("%s after a cut at %d", file, cut)
                        .asString()
                        .isEqualTo(content(file.equals(FILE_3) ? 3 : 4));
            } else {
                assertThat(file.getFileName().toString()).startsWith(".").endsWith(".tmp");
            }
        }
    }

    private static void assertBothWhole(CutDisk disk, int cut) {
        assertThat(disk.files()).as("cut at %d", cut).containsExactly(FILE_3, FILE_4);
        assertNoneIsHalf(disk, cut);
    }
}
