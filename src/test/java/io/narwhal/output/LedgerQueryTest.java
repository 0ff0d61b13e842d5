package io.narwhal.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Disk;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

class LedgerQueryTest {
    private static final long BIN = 1_795_341_900_000L; // 2026-11-22T10:05:00Z
    private static final UsageDefinition USAGE =
            Usages.definition("by-customer", Field.CUSTOMER, Field.PROTOCOL);

    @TempDir Path directory;
    private DuckDb duck;
    private Path ledger;
    private LedgerWriter writer;

    @BeforeEach
    void open() {
        duck = Usages.open(directory);
        ledger = directory.resolve("it's a ledger");
        writer = new LedgerWriter(Disk.system(), ledger, new DuckDbEncoder(Disk.system(), duck));
        writer.start();
    }

    @AfterEach
    void close() {
        duck.close();
    }

    @Test
    void aLedgerWithoutFilesAnswersFromPendingRows() {
        var answer =
                ask(
                        scope(USAGE, 10, Usages.rows(USAGE, Usages.row(BIN, 5, 2, 1, "acme", 6))),
                        LedgerQuestion.everything());

        assertThat(answer.columns)
                .containsExactly("bin_start", "customer", "protocol", "octets", "packets", "flows");
        assertThat(answer.lines()).containsExactly("2026-11-22T10:05:00Z,acme,6,5,2,1");
    }

    @Test
    void nothingAtAllIsAHeaderWithoutRows() {
        var answer = ask(scope(USAGE, 10), LedgerQuestion.everything());

        assertThat(answer.columns).hasSize(6);
        assertThat(answer.rows).isEmpty();
        assertThat(LedgerSums.of(Disk.system(), duck, scope(USAGE, 10)))
                .isEqualTo(new LedgerSums(0, 0, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO));
    }

    @Test
    void correctionsAndPendingRowsAddUp() {
        writer.commit(1, Usages.rows(USAGE, Usages.row(BIN, 10, 1, 1, "acme", 6)));
        var late = new UsageRows(USAGE, UsageRows.Kind.LATE);
        Usages.add(late, Usages.row(BIN, 3, 1, 1, "acme", 6));
        writer.commit(2, late);
        var pending = Usages.rows(USAGE, Usages.row(BIN, 100, 1, 1, "acme", 6));

        assertThat(ask(scope(USAGE, 2, pending), LedgerQuestion.everything()).lines())
                .containsExactly("2026-11-22T10:05:00Z,acme,6,113,3,3");
    }

    @Test
    void filesOfALaterStateAreLeftOut() {
        writer.commit(1, Usages.rows(USAGE, Usages.row(BIN, 10, 1, 1, "acme", 6)));
        writer.commit(2, Usages.rows(USAGE, Usages.row(BIN, 20, 1, 1, "acme", 6)));

        assertThat(ask(scope(USAGE, 1), by("customer")).lines()).containsExactly("acme,10,1,1");
        assertThat(ask(scope(USAGE, -1), by("customer")).lines()).isEmpty();
        assertThat(LedgerSums.of(Disk.system(), duck, scope(USAGE, 1)).files()).isEqualTo(1);
    }

    @Test
    void sumsThatNoLongHoldsAreExact() {
        writer.commit(
                1,
                Usages.rows(
                        USAGE,
                        Usages.row(BIN, -1, Long.MIN_VALUE, Long.MAX_VALUE, "acme", 6),
                        Usages.row(BIN, -1, 1, 0, "acme", 6)));
        var pending = Usages.rows(USAGE, Usages.row(BIN, -1, 0, 0, "acme", 6));

        assertThat(ask(scope(USAGE, 1, pending), by("customer")).rows)
                .containsExactly(
                        List.of(
                                new Value.Text("acme"),
                                new Value.Large(new BigInteger("55340232221128654845")),
                                new Value.Large(new BigInteger("9223372036854775809")),
                                new Value.Whole(Long.MAX_VALUE)));
        assertThat(LedgerSums.of(Disk.system(), duck, scope(USAGE, 1, pending)))
                .isEqualTo(
                        new LedgerSums(
                                1,
                                3,
                                new BigInteger("55340232221128654845"),
                                new BigInteger("9223372036854775809"),
                                BigInteger.valueOf(Long.MAX_VALUE)));
    }

    @Test
    void numbersAreOrderedByValueAndAbsentOnesComeFirst() {
        var usage = Usages.definition("s", Field.SAMPLING_RATE);
        writer.commit(
                1,
                Usages.rows(
                        usage,
                        Usages.row(BIN, 1, 1, 1, 1000),
                        Usages.row(BIN, 2, 1, 1, 0),
                        Usages.row(BIN, 3, 1, 1, 20),
                        Usages.row(BIN, 4, 1, 1, 0xffff_ffffL)));

        var answer = ask(scope(usage, 1), by("sampling_rate"));
        assertThat(answer.lines())
                .containsExactly(",2,1,1", "20,3,1,1", "1000,1,1,1", "4294967295,4,1,1");
        assertThat(answer.rows.getFirst().getFirst()).isEqualTo(new Value.Absent());
    }

    @Test
    void aUsageWhoseKeysChangedIsReadAcrossTheChange() {
        var before = Usages.definition("by-customer", Field.CUSTOMER, Field.SRC_PORT);
        writer.commit(1, Usages.rows(before, Usages.row(BIN, 7, 1, 1, "acme", 443)));
        writer.commit(2, Usages.rows(USAGE, Usages.row(BIN, 8, 1, 1, "acme", 6)));

        assertThat(ask(scope(USAGE, 2), LedgerQuestion.everything()).lines())
                .containsExactly(
                        "2026-11-22T10:05:00Z,acme,,7,1,1", "2026-11-22T10:05:00Z,acme,6,8,1,1");
        assertThat(ask(scope(USAGE, 2), by("src_port")).lines())
                .containsExactly(",8,1,1", "443,7,1,1");
        assertThat(ask(scope(USAGE, 2), by("customer")).lines()).containsExactly("acme,15,2,2");
        var after = Usages.definition("by-customer", Field.NAS);
        assertThat(ask(scope(after, 2), LedgerQuestion.everything()).lines())
                .containsExactly("2026-11-22T10:05:00Z,,15,2,2");
    }

    @Test
    void binsOutsideTheAskedTimeAreLeftOut() {
        for (int minute = 0; minute < 4; minute++) {
            writer.commit(
                    minute,
                    Usages.rows(USAGE, Usages.row(BIN + minute * 60_000L, 1, 1, 1, "acme", 6)));
        }
        var pending = Usages.rows(USAGE, Usages.row(BIN + 120_000, 5, 1, 1, "acme", 6));
        var question =
                new LedgerQuestion(
                        List.of("bin_start"),
                        OptionalLong.of(BIN + 60_000),
                        OptionalLong.of(BIN + 180_000));

        assertThat(ask(scope(USAGE, 9, pending), question).lines())
                .containsExactly("2026-11-22T10:06:00Z,1,1,1", "2026-11-22T10:07:00Z,6,2,2");
        var open =
                new LedgerQuestion(
                        List.of("customer"),
                        OptionalLong.of(Long.MIN_VALUE),
                        OptionalLong.of(Long.MAX_VALUE));
        assertThat(ask(scope(USAGE, 9, pending), open).lines()).containsExactly("acme,9,5,5");
    }

    @Test
    void anUnknownFieldIsAnsweredWithTheValidOnes() {
        assertThatThrownBy(() -> ask(scope(USAGE, 1), by("customr")))
                .isInstanceOf(LedgerFailure.UnknownField.class)
                .hasMessage(
                        "usage by-customer has no field 'customr' to sum by;"
                                + " it has bin_start, protocol, customer");
    }

    @Test
    void aDamagedFileIsNamed() throws Exception {
        commitThree();
        Path file = file(2);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));

        assertThatThrownBy(() -> ask(scope(USAGE, 9), by("customer")))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageStartingWith(file + ": not a whole file of the ledger: ")
                .hasMessageEndingWith("then the rows of frame 2 are missing");
        assertThatThrownBy(() -> LedgerSums.of(Disk.system(), duck, scope(USAGE, 9)))
                .hasMessageStartingWith(file + ": ");
        assertThat(ask(scope(USAGE, 1), by("customer")).lines()).hasSize(1);
    }

    @Test
    void damageInsideTheDataIsNamedToo() throws Exception {
        commitThree();
        Path file = file(2);
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4, 120, (byte) 0x5a);
        Files.write(file, bytes);

        assertThatThrownBy(() -> ask(scope(USAGE, 9), LedgerQuestion.everything()))
                .isInstanceOf(LedgerFailure.class)
                .hasMessageStartingWith(file + ": ");
    }

    @Test
    void anEmptyFileIsNotAnEmptyFrame() throws Exception {
        commitThree();
        Files.write(file(3), new byte[0]);

        assertThatThrownBy(() -> ask(scope(USAGE, 9), by("customer")))
                .hasMessageStartingWith(file(3) + ": ");
    }

    @Test
    void aFileUnderAnotherNameIsNotCountedTwice() throws Exception {
        commitThree();
        Files.copy(file(2), file(4));
        assertThatThrownBy(() -> ask(scope(USAGE, 9), by("customer")))
                .hasMessageStartingWith(file(4) + ": ")
                .hasMessageContaining("its labels name another usage, frame or format version");

        Files.move(file(4), file(4).resolveSibling("copy.parquet"));
        assertThatThrownBy(() -> ask(scope(USAGE, 9), by("customer")))
                .hasMessageStartingWith(file(4).resolveSibling("copy.parquet") + ": not a file");
    }

    @Test
    void aForeignParquetFileIsNamed() throws Exception {
        commitThree();
        duck.execute(
                "COPY (SELECT 1 AS octets) TO "
                        + DuckDb.literal(file(4).toString())
                        + " (FORMAT parquet)");

        assertThatThrownBy(() -> ask(scope(USAGE, 9), by("customer")))
                .hasMessageStartingWith(
                        file(4)
                                + ": not a whole file of the ledger: its column octets is INT32"
                                + " INT_32 and should be UBIGINT");
    }

    private void commitThree() {
        for (long frame = 1; frame <= 3; frame++) {
            writer.commit(frame, Usages.rows(USAGE, Usages.row(BIN, frame, 1, 1, "acme", 6)));
        }
    }

    private Path file(long frame) {
        return ledger.resolve("by-customer").resolve(LedgerFiles.name(frame) + ".parquet");
    }

    private LedgerScope scope(UsageDefinition definition, long frameMax, UsageRows... pending) {
        return new LedgerScope(
                List.of(new LedgerScope.Part(ledger, frameMax)), definition, List.of(pending));
    }

    private static LedgerQuestion by(String... fields) {
        return new LedgerQuestion(
                new ArrayList<>(List.of(fields)), OptionalLong.empty(), OptionalLong.empty());
    }

    private Answer ask(LedgerScope scope, LedgerQuestion question) {
        var answer = new Answer();
        new LedgerQuery(Disk.system(), duck, scope).run(question, answer);
        return answer;
    }
}
