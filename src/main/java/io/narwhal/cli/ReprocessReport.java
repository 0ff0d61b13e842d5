package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.component.CorrectionRun;
import io.narwhal.inspect.Reprocessing;
import io.narwhal.record.UsageRows;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code narwhal reprocess} prints: its progress, what differs, and what became of it. */
final class ReprocessReport implements Reprocessing.Watcher, AutoCloseable {
    private static final long EVERY_NANOS = 1_000_000_000;
    private static final long PATIENCE_NANOS = 3_000_000_000L;
    private static final double MIB = 1 << 20;

    /** A table must know its widest row, so it waits for all of them. */
    private static final int TABLE_ROWS_MAX = 1_000;

    private final Console console;
    private final Format format;
    private final boolean wantsRows;
    private final long begunNanos = Clock.system().monotonicNanos();
    private long toldNanos = begunNanos + PATIENCE_NANOS - EVERY_NANOS;
    private @Nullable RowWriter rows;
    private long shown;
    private long found;

    /**
     * Prints nothing yet.
     *
     * @param wantsRows whether to print each difference
     */
    ReprocessReport(Console console, Format format, boolean wantsRows) {
        this.console = console;
        this.format = format;
        this.wantsRows = wantsRows;
    }

    @Override
    public void at(String lane, long position, long end) {
        long now = Clock.system().monotonicNanos();
        if (now - toldNanos > EVERY_NANOS) {
            toldNanos = now;
            console.err()
                    .println(
                            String.format(
                                    Locale.ROOT,
                                    "%s: read up to %.0f of %.0f MiB",
                                    lane,
                                    position / MIB,
                                    end / MIB));
        }
    }

    @Override
    public void onRows(UsageRows more) {
        if (!wantsRows) {
            return;
        }
        try {
            for (int row = 0; row < more.size(); row++) {
                found++;
                if (format == Format.JSON || shown < TABLE_ROWS_MAX) {
                    shown++;
                    print(more, row);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RowWriter rows() throws IOException {
        if (rows == null) {
            rows =
                    RowWriter.to(
                            console.out(),
                            format,
                            Column.text("lane"),
                            Column.text("usage"),
                            Column.text("bin_start"),
                            Column.text("keys"),
                            Column.number("octets"),
                            Column.number("packets"),
                            Column.number("flows"));
        }
        return rows;
    }

    private void print(UsageRows more, int row) throws IOException {
        Map<String, String> keys = new LinkedHashMap<>();
        for (int key = 0; key < more.definition().keys().size(); key++) {
            keys.put(more.definition().keys().get(key).label(), more.text(row, key));
        }
        rows().row(
                        more.correction().orElseThrow().lane(),
                        more.definition().name(),
                        Instant.ofEpochMilli(more.binStartMs(row)),
                        format == Format.JSON ? keys : String.join(" ", keys.values()),
                        more.octets(row),
                        more.packets(row),
                        more.flows(row));
    }

    /**
     * Tells what became of it.
     *
     * @param running whether the node runs
     * @return the exit code
     */
    int end(Reprocessing.Outcome outcome, boolean running) throws IOException {
        int code =
                switch (outcome) {
                    case Reprocessing.Outcome.Nothing _ -> nothing();
                    case Reprocessing.Outcome.Found(var corrected) -> found(corrected);
                    case Reprocessing.Outcome.Corrected(var run) -> corrected(run, running);
                    case Reprocessing.Outcome.Refused(var message) -> {
                        console.err().println("narwhal: " + message);
                        yield ExitCode.FAILURE;
                    }
                };
        console.out().flush();
        return code;
    }

    private int nothing() throws IOException {
        if (format == Format.TABLE) {
            console.out().write("nothing to correct\n");
        } else if (wantsRows) {
            rows();
        } else {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("run", null);
            json.put("corrected", List.of());
            Json.write(console.out(), json);
        }
        return ExitCode.OK;
    }

    private int found(List<CorrectionRun.Corrected> corrected) throws IOException {
        close();
        if (format == Format.TABLE) {
            if (found > shown) {
                console.out()
                        .write("and " + (found - shown) + " more; see all with --format json\n");
            }
            console.out().write("\n");
            summary(corrected);
            console.out().write("nothing was written (--dry-run)\n");
        }
        return ExitCode.OK;
    }

    private int corrected(CorrectionRun run, boolean running) throws IOException {
        if (format == Format.JSON) {
            Json.write(console.out(), json(run));
            return ExitCode.OK;
        }
        summary(run.corrected());
        console.out().write("run " + run.number() + ": these corrections count from now on\n");
        console.out()
                .write(
                        running
                                ? "the node delivers them\n"
                                : "they are delivered when the node is next started\n");
        return ExitCode.OK;
    }

    private void summary(List<CorrectionRun.Corrected> corrected) throws IOException {
        try (var table =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("lane"),
                        Column.text("usage"),
                        Column.number("rows"),
                        Column.number("octets added"),
                        Column.number("taken back"),
                        Column.number("packets"),
                        Column.number("flows"))) {
            for (CorrectionRun.Corrected one : corrected) {
                table.row(
                        one.lane(),
                        one.usage(),
                        one.rows(),
                        one.octetsAdded(),
                        one.octetsTakenBack(),
                        one.packets(),
                        one.flows());
            }
        }
    }

    /** A run, for programs. */
    static Map<String, @Nullable Object> json(CorrectionRun run) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("run", run.number());
        json.put("asked", run.asked());
        json.put("from", run.from());
        json.put("to", run.to());
        json.put("reason", run.reason());
        json.put(
                "sources",
                run.sources().stream()
                        .map(one -> Map.of("file", one.file(), "sha256", one.sha256()))
                        .toList());
        json.put("lanes", run.lanes().stream().map(ReprocessReport::json).toList());
        json.put("corrected", run.corrected().stream().map(ReprocessReport::json).toList());
        json.put("first_frame", run.firstFrame());
        json.put("last_frame", run.lastFrame());
        return json;
    }

    private static Map<String, @Nullable Object> json(CorrectionRun.Read read) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("lane", read.lane());
        json.put("journal", String.format("%016x", read.journal()));
        json.put("begin", read.begin());
        json.put("end", read.end());
        json.put("frames", read.frames());
        return json;
    }

    private static Map<String, @Nullable Object> json(CorrectionRun.Corrected one) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("lane", one.lane());
        json.put("usage", one.usage());
        json.put("rows", one.rows());
        json.put("octets", one.octets());
        json.put("packets", one.packets());
        json.put("flows", one.flows());
        json.put("octets_added", one.octetsAdded());
        json.put("octets_taken_back", one.octetsTakenBack());
        return json;
    }

    /** Ends the rows. */
    @Override
    public void close() throws IOException {
        RowWriter open = rows;
        rows = null;
        if (open != null) {
            open.close();
        }
    }
}
