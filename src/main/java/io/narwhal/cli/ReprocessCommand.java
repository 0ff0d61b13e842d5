package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.component.CorrectionRun;
import io.narwhal.component.CorrectionRuns;
import io.narwhal.component.Environment;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.Reprocessing;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/** {@code narwhal reprocess}. */
@Command(
        name = "reprocess",
        mixinStandardHelpOptions = true,
        description = {
            "Account a period again from the stored copies of what was received, with the present"
                    + " configuration and tables, and write what differs as corrections.",
            "",
            "Nothing is overwritten: corrections are further rows, which add up with the others and"
                    + " may be negative. All of a run counts, or nothing of it. Given again, it"
                    + " finds nothing more to correct.",
            "",
            "The node may run or not. If it runs, restart it first: it accounts by the tables that"
                    + " it read when it started."
        },
        footer = {
            "",
            "Exit codes: 0 corrected, or nothing to correct; 1 it cannot be computed again (the",
            "message says what is missing), nothing was written; 2 wrong command line.",
            "",
            "Examples:",
            "",
            "  narwhal reprocess --from 2026-11-01 --to 2026-11-22 --dry-run",
            "  narwhal reprocess --from 2026-11-01 --to 2026-11-22 --reason \"10.1.0.0/16 is"
                    + " acme\"",
            "  narwhal reprocess --list"
        })
final class ReprocessCommand implements Callable<Integer> {
    private static final int REASON_CHARS_MAX = 200;

    private final Console console;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption option = new ConfigOption();

    @Mixin private BinsOption bins = new BinsOption();

    @Option(
            names = "--lane",
            paramLabel = "NAME",
            description =
                    "Only what this collector received, or 'import'. May be repeated. Default:"
                            + " all.")
    private List<String> lanes = new ArrayList<>();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Why; it stands in every row of the corrections.")
    private String reason = "";

    @Option(names = "--dry-run", description = "Print what differs, and write nothing.")
    private boolean dryRun;

    @Option(names = "--list", description = "List the runs so far, and end.")
    private boolean wantsList;

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    ReprocessCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Instant from = bins.from;
        Instant to = bins.to;
        check(wantsList || from != null && to != null, "give --from and --to, or --list");
        check(from == null || to == null || from.isBefore(to), "--from must lie before --to");
        check(
                reason.length() <= REASON_CHARS_MAX
                        && reason.chars().noneMatch(Character::isISOControl),
                "--reason is one line of at most " + REASON_CHARS_MAX + " characters");
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        Disk disk = Disk.system();
        if (wantsList) {
            list(CorrectionRuns.load(disk, new NodeLayout(config.data())));
            return ExitCode.OK;
        }
        Processes.system().giveWay(); // collectors go first
        try (var ledger = LedgerAccess.open(config, disk);
                var report = new ReprocessReport(console, printing.format, dryRun)) {
            var environment =
                    new Environment(
                            config,
                            new NodeLayout(config.data()),
                            disk,
                            Net.system(),
                            Processes.system(),
                            Clock.system());
            var work = new Reprocessing(environment, ledger.duck(), order(), report);
            Reprocessing.Outcome outcome = dryRun ? work.look() : work.run();
            return report.end(outcome, isRunning(config, disk));
        }
    }

    private Reprocessing.Order order() {
        return new Reprocessing.Order(
                Objects.requireNonNull(bins.from).toEpochMilli(),
                Objects.requireNonNull(bins.to).toEpochMilli(),
                lanes,
                reason);
    }

    private static boolean isRunning(NodeConfig config, Disk disk) {
        return NodeStatus.of(config, disk, Processes.system()).managerPid() != 0;
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }

    private void list(CorrectionRuns runs) throws IOException {
        if (printing.format == Format.JSON) {
            Json.write(console.out(), runs.runs().stream().map(ReprocessReport::json).toList());
            return;
        }
        if (runs.runs().isEmpty()) {
            console.out().write("Nothing was ever corrected.\n");
            console.out().flush();
            return;
        }
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.number("run"),
                        Column.text("asked"),
                        Column.text("from"),
                        Column.text("to"),
                        Column.text("lane"),
                        Column.text("usage"),
                        Column.number("rows"),
                        Column.number("octets added"),
                        Column.number("taken back"),
                        Column.text("reason"))) {
            for (CorrectionRun run : runs.runs()) {
                for (CorrectionRun.Corrected one : run.corrected()) {
                    rows.row(
                            run.number(),
                            run.asked(),
                            run.from(),
                            run.to(),
                            one.lane(),
                            one.usage(),
                            one.rows(),
                            one.octetsAdded(),
                            one.octetsTakenBack(),
                            run.reason());
                }
            }
        }
    }
}
