package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFull;
import io.narwhal.capture.FileDigest;
import io.narwhal.component.CorrectionJournal;
import io.narwhal.component.CorrectionRun;
import io.narwhal.component.Coverage;
import io.narwhal.component.Crew;
import io.narwhal.component.Environment;
import io.narwhal.component.Lane;
import io.narwhal.component.Recomputation;
import io.narwhal.config.CustomersConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.output.Differing;
import io.narwhal.output.DuckDb;
import io.narwhal.output.LedgerDifference;
import io.narwhal.record.Correction;
import io.narwhal.record.RowSink;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes a period again from the stored copies, with the present configuration, and writes what
 * differs as corrections. Both sides are taken at one place, the newest checkpoint of a lane: what
 * accounting adds later, to whatever bin, adds to both.
 */
public final class Reprocessing {
    private final Environment environment;
    private final DuckDb duck;
    private final Order order;
    private final Watcher watcher;

    /**
     * What to do.
     *
     * @param fromMs bins that begin at or after it, ms since 1970
     * @param toMs bins that begin before it
     * @param lanes all when there is none
     * @param reason why, for whoever reads the ledger
     */
    public record Order(long fromMs, long toMs, List<String> lanes, String reason) {
        public Order {
            lanes = List.copyOf(lanes);
        }
    }

    /** Who waits, and sees the corrections as they are found. */
    public interface Watcher extends RowSink {
        /** Reading a lane stands at this byte of its journal, and ends at that one. */
        void at(String lane, long position, long end);
    }

    /** What became of it. */
    public sealed interface Outcome {
        /** What is computed is what is there. */
        record Nothing() implements Outcome {}

        /** So much differs; nothing was written, as nobody wanted it. */
        record Found(List<CorrectionRun.Corrected> corrected) implements Outcome {}

        /** Corrections were written, and count from now on. */
        record Corrected(CorrectionRun run) implements Outcome {}

        /** Nothing was written. The message says why, and what next. */
        record Refused(String message) implements Outcome {}
    }

    /** Does nothing yet. */
    public Reprocessing(Environment environment, DuckDb duck, Order order, Watcher watcher) {
        this.environment = environment;
        this.duck = duck;
        this.order = order;
        this.watcher = watcher;
    }

    /** Looks what differs, and writes nothing. */
    public Outcome look() {
        List<CorrectionRun.Corrected> corrected = new ArrayList<>();
        try {
            compute(1, watcher, new ArrayList<>(), corrected);
        } catch (Stopped e) {
            return new Outcome.Refused(String.valueOf(e.getMessage()));
        }
        return corrected.isEmpty() ? new Outcome.Nothing() : new Outcome.Found(corrected);
    }

    /** Corrects: all of what differs, or, whenever this ends, nothing. */
    public Outcome run() {
        Optional<CorrectionJournal> opened = CorrectionJournal.open(environment);
        if (opened.isEmpty()) {
            return new Outcome.Refused(
                    "another 'narwhal reprocess' works on "
                            + environment.config().data()
                            + "; give this command again when it is done");
        }
        try (var journal = opened.get()) {
            return run(journal);
        }
    }

    private Outcome run(CorrectionJournal journal) {
        List<CorrectionRun.Read> read = new ArrayList<>();
        List<CorrectionRun.Corrected> corrected = new ArrayList<>();
        long number = journal.nextNumber();
        List<CorrectionRun.Source> sources = sources();
        String asked = Instant.ofEpochMilli(environment.clock().wallMicros() / 1_000).toString();
        RowSink sink =
                rows -> {
                    watcher.onRows(rows);
                    journal.append(rows);
                };
        try {
            compute(number, sink, read, corrected);
            if (corrected.isEmpty()) {
                return new Outcome.Nothing();
            }
            return new Outcome.Corrected(
                    journal.commit(
                            frames ->
                                    new CorrectionRun(
                                            number,
                                            asked,
                                            Instant.ofEpochMilli(order.fromMs()).toString(),
                                            Instant.ofEpochMilli(order.toMs()).toString(),
                                            order.reason(),
                                            sources,
                                            read,
                                            corrected,
                                            frames.first(),
                                            frames.last())));
        } catch (Stopped e) {
            journal.abandon();
            return new Outcome.Refused(String.valueOf(e.getMessage()));
        } catch (DiskFull | JournalFull e) {
            journal.abandon();
            return new Outcome.Refused(
                    "there is no room for the corrections, and none was written: "
                            + e.getMessage());
        }
    }

    /** It does not go on. */
    private static final class Stopped extends RuntimeException {
        Stopped(String message) {
            super(message);
        }
    }

    private void compute(
            long number,
            RowSink sink,
            List<CorrectionRun.Read> read,
            List<CorrectionRun.Corrected> corrected) {
        NodeView view = NodeView.read(environment.config(), environment.disk());
        requireKnown(view);
        Map<String, Lane> lanes = new LinkedHashMap<>();
        view.lanes().forEach(lane -> lanes.put(lane.collector(), lane.lane()));
        try (var crew = new Crew(threads())) {
            for (LaneView lane : view.lanes()) {
                boolean wanted =
                        order.lanes().isEmpty() || order.lanes().contains(lane.collector());
                if (wanted && lane.head().input().position() > JournalPosition.FIRST_FRAME) {
                    try (var one = new OneLane(view, lane, lanes, crew)) {
                        read.add(one.compute());
                        one.write(number, sink, corrected);
                    }
                }
            }
        } catch (Recomputation.Impossible | LedgerDifference.BinsCut e) {
            throw new Stopped(String.valueOf(e.getMessage()));
        } catch (JournalTrimmed e) {
            throw new Stopped(
                    "the collector trimmed its journal meanwhile; give the command again: "
                            + e.getMessage());
        }
    }

    private static int threads() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }

    private void requireKnown(NodeView view) {
        List<String> names = view.lanes().stream().map(LaneView::collector).toList();
        for (String lane : order.lanes()) {
            if (!names.contains(lane)) {
                throw new Stopped(
                        "no lane is called '" + lane + "'; there are: " + String.join(", ", names));
            }
        }
    }

    /** A lane, its usage computed again. */
    private final class OneLane implements AutoCloseable {
        private final NodeView view;
        private final LaneView lane;
        private final Map<String, Lane> lanes;
        private final Crew crew;
        private final Map<UsageDefinition, LedgerDifference> differences = new LinkedHashMap<>();

        OneLane(NodeView view, LaneView lane, Map<String, Lane> lanes, Crew crew) {
            this.view = view;
            this.lane = lane;
            this.lanes = lanes;
            this.crew = crew;
            for (UsageDefinition usage : environment.config().usage()) {
                int number = differences.size();
                differences.put(
                        usage,
                        new LedgerDifference(duck, number, usage, order.fromMs(), order.toMs()));
            }
        }

        CorrectionRun.Read compute() {
            String name = lane.collector();
            JournalPosition end = lane.head().input();
            Recomputation replay =
                    Recomputation.of(
                            environment,
                            name,
                            lane.lane(),
                            end,
                            crew,
                            this::take,
                            (position, last) -> watcher.at(name, position, last));
            judge(Coverage.of(environment, name, lane.lane(), replay, lanes));
            return new CorrectionRun.Read(
                    name, end.journalId(), replay.begin(), end.position(), replay.frames());
        }

        private void take(UsageRows rows) {
            differences.forEach(
                    (usage, difference) -> {
                        if (usage.name().equals(rows.definition().name())) {
                            difference.computed(rows);
                        }
                    });
        }

        private void judge(Coverage coverage) {
            switch (coverage) {
                case Coverage.Whole _ -> {}
                case Coverage.Never(var why) -> throw new Stopped(lane.collector() + ": " + why);
                case Coverage.From(var fromMs, var why) -> {
                    if (order.fromMs() < fromMs) {
                        throw new Stopped(
                                lane.collector()
                                        + ": "
                                        + why
                                        + ": --from "
                                        + Instant.ofEpochMilli(fromMs));
                    }
                }
            }
        }

        void write(long number, RowSink sink, List<CorrectionRun.Corrected> corrected) {
            var correction = new Correction(number, lane.collector(), order.reason());
            differences.forEach(
                    (usage, difference) -> {
                        Differing differing =
                                difference.write(
                                        environment.disk(),
                                        view.scope(lane, usage),
                                        correction,
                                        sink);
                        if (differing.rows() > 0) {
                            corrected.add(booked(usage, differing));
                        }
                    });
        }

        private CorrectionRun.Corrected booked(UsageDefinition usage, Differing differing) {
            return new CorrectionRun.Corrected(
                    lane.collector(),
                    usage.name(),
                    differing.rows(),
                    differing.octets(),
                    differing.packets(),
                    differing.flows(),
                    differing.octetsAdded(),
                    differing.octetsTakenBack());
        }

        @Override
        public void close() {
            differences.values().forEach(LedgerDifference::close);
        }
    }

    // The very text of the configuration, which may have been edited since it was read.
    private List<CorrectionRun.Source> sources() {
        NodeConfig config = environment.config();
        Disk disk = environment.disk();
        List<CorrectionRun.Source> sources = new ArrayList<>();
        byte[] text = config.source().text().getBytes(StandardCharsets.UTF_8);
        sources.add(new CorrectionRun.Source(config.source().file().toString(), sha256(text)));
        List<Path> files = new ArrayList<>(config.elements());
        CustomersConfig customers = config.enhance().customers();
        if (customers != null) {
            files.addFirst(customers.table());
        }
        for (Path file : files) {
            String digest = FileDigest.of(disk, file, List.of(), _ -> {}).sha256();
            sources.add(new CorrectionRun.Source(file.toString(), digest));
        }
        return sources;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
