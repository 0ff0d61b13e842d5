package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.ReceivedRecords;
import io.narwhal.output.RecordFilter;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code narwhal records}. */
@Command(
        name = "records",
        mixinStandardHelpOptions = true,
        description = {
            "Print the received records, decoded, in the order received: one row for each flow"
                + " record or RADIUS request. json has every field that was sent, by its registered"
                + " name.",
            "",
            "They are read from the received journals, one collector after the other, as far as"
                + " those go back (journals.received.retention). A cell is empty where the exporter"
                + " did not send the field. A table comes in pages and leaves out fields without"
                + " any value; csv and json always have every field. A record that had to wait for"
                + " its template counts as arrived with it."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, also when nothing matches",
            "1:it failed",
            "2:the condition, an option or the configuration is wrong"
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal records --kind options --format json",
            "  narwhal records --from 2026-11-22T10:00:00Z --format csv",
            "  narwhal records --where \"dst_port = 443 AND octets > 1000\" --limit 20"
        })
final class RecordsCommand implements Callable<Integer> {
    private final Console console;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption option = new ConfigOption();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Records that arrived at or after this time (ISO-8601).")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Records that arrived before this time (ISO-8601).")
    private @Nullable Instant to;

    @Option(
            names = "--where",
            paramLabel = "SQL",
            description = "Records for which this condition over the columns holds (DuckDB's SQL).")
    private @Nullable String where;

    @Option(names = "--limit", paramLabel = "N", description = "Stop after this many records.")
    private long limit = Long.MAX_VALUE;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            defaultValue = "flows",
            converter = RecordKind.Choices.class,
            completionCandidates = RecordKind.Choices.class,
            description =
                    "Records to print: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}. Others"
                            + " than flows need --format json.")
    private RecordKind kind = RecordKind.FLOWS;

    @Mixin private FormatOption.OfRows printing = new FormatOption.OfRows();

    RecordsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (limit < 0) {
            throw misused("--limit is " + limit + "; it can be 0 or more");
        }
        if (kind != RecordKind.FLOWS && printing.format != Format.JSON) {
            throw misused(
                    "--kind "
                            + kind.label()
                            + " needs --format json, as its records have no columns");
        }
        if (kind != RecordKind.FLOWS && where != null) {
            throw misused(
                    "--where is about the columns of flows; leave out --kind " + kind.label());
        }
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        Disk disk = Disk.system();
        var records = new ReceivedRecords(config, disk);
        if (where == null) {
            print(records, RecordsCommand::all);
            return ExitCode.OK;
        }
        try (var ledger = LedgerAccess.open(config, disk);
                var filter = new RecordFilter(ledger.duck(), records.dictionary(), where)) {
            print(records, filter::matches);
        } catch (RecordFilter.BadCondition e) {
            throw misused("--where: " + e.getMessage());
        }
        return ExitCode.OK;
    }

    /** Which records of a block to print. */
    private interface Choice {
        BitSet of(RecordBlock block);
    }

    private static BitSet all(RecordBlock block) {
        var all = new BitSet(block.size());
        all.set(0, block.size());
        return all;
    }

    private void print(ReceivedRecords records, Choice choice) throws IOException {
        if (printing.format == Format.JSON) {
            printWhole(records, choice);
        } else {
            printColumns(records, choice);
        }
        console.out().flush();
    }

    private void printWhole(ReceivedRecords records, Choice choice) throws IOException {
        try (var rows = new WholeRecordRows(console.out(), records.dictionary())) {
            if (limit > 0) {
                records.readWhole(
                        arrival(), kind.kinds(), new Whole(records, choice, rows), this::note);
            }
        }
    }

    /** Prints whole records. */
    private final class Whole implements ReceivedRecords.WholeSink {
        private final ReceivedRecords records;
        private final Choice choice;
        private final WholeRecordRows rows;

        Whole(ReceivedRecords records, Choice choice, WholeRecordRows rows) {
            this.records = records;
            this.choice = choice;
            this.rows = rows;
        }

        @Override
        public boolean onBlock(RecordBlock block, List<Map<String, Object>> fields) {
            BitSet chosen = choice.of(block);
            try {
                for (int row = chosen.nextSetBit(0);
                        row >= 0 && rows.printed() < limit;
                        row = chosen.nextSetBit(row + 1)) {
                    if (!block.isReverse(row)) {
                        rows.print(block, row, fields.get(row), records.via());
                    }
                }
                return rows.printed() < limit;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean onOther(Map<String, Object> record) {
            try {
                if (records.via().isEmpty()) {
                    rows.print(record);
                } else {
                    Map<String, Object> all = new LinkedHashMap<>(record);
                    all.put(RecordRows.VIA, records.via());
                    rows.print(all);
                }
                return rows.printed() < limit;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private ReceivedRecords.Arrival arrival() {
        return new ReceivedRecords.Arrival(
                micros(from, Long.MIN_VALUE), micros(to, Long.MAX_VALUE));
    }

    private void note(String note) {
        console.err().println("narwhal: " + note);
    }

    private void printColumns(ReceivedRecords records, Choice choice) throws IOException {
        try (var rows =
                new RecordRows(
                        console.out(),
                        printing.format,
                        records.dictionary(),
                        records.hasPaths() ? records::via : null)) {
            if (limit > 0) {
                records.read(arrival(), block -> print(block, choice.of(block), rows), this::note);
            }
            if (printing.format == Format.TABLE && rows.printed() == 0) {
                console.out().write("no records\n");
            }
        }
    }

    private boolean print(RecordBlock block, BitSet chosen, RecordRows rows) {
        try {
            for (int row = chosen.nextSetBit(0);
                    row >= 0 && rows.printed() < limit;
                    row = chosen.nextSetBit(row + 1)) {
                if (!block.isReverse(row)) { // the other direction of a record printed already
                    rows.print(block, row);
                }
            }
            return rows.printed() < limit;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long micros(@Nullable Instant time, long otherwise) {
        return time == null
                ? otherwise
                : Math.addExact(
                        Math.multiplyExact(time.getEpochSecond(), 1_000_000L),
                        time.getNano() / 1_000);
    }

    private ParameterException misused(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
