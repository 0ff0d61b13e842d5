package io.narwhal.inspect;

import io.narwhal.aggregate.Aggregation;
import io.narwhal.base.Disk;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.component.CorrectionRun;
import io.narwhal.component.Crew;
import io.narwhal.component.HeldList;
import io.narwhal.component.Lane;
import io.narwhal.component.LaneRecovery;
import io.narwhal.component.Losses;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Paths;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.output.DuckDb;
import io.narwhal.output.LedgerScope;
import io.narwhal.output.LedgerSums;
import io.narwhal.record.Books;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.session.ClientReport;
import io.narwhal.wire.CopiesReport;
import io.narwhal.wire.ExporterReport;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The books of a node: that what was received is what was accounted, held, a duplicate, rejected or
 * still in process; and, summed anew from the ledger, that what was charged is what its rows add up
 * to.
 *
 * @param books the counts of accounting: flow records and RADIUS requests
 * @param requests the counts of RADIUS requests alone
 * @param inProcess received and not yet accounted
 * @param intake datagrams on their way to the decoder
 * @param usage by definition: what was charged, and what its rows add up to
 * @param damagedUsageBytes bytes of usage journals that the output could not read: the rows there
 *     are what the sums lack
 * @param exporters what is known of each exporter
 * @param clients what is known of each device that sends RADIUS requests
 * @param waiting what of that in process waits until it is known who held an address, by lane
 * @param agents the journals of agents that are read
 * @param shared exporters that come by several of them
 * @param transfer what was pulled from agents
 */
public record Audit(
        Books books,
        Books requests,
        Tally inProcess,
        Intake intake,
        List<Usage> usage,
        long damagedUsageBytes,
        List<Exporter> exporters,
        List<Client> clients,
        List<WaitingFlows> waiting,
        List<Agent> agents,
        List<Shared> shared,
        TransferBooks transfer) {
    /**
     * Datagrams before the decoder.
     *
     * @param journalled datagrams that the collectors say they journalled, up to the checkpoints
     * @param decoded datagrams that accounting took out, up to the checkpoints
     * @param inProcess datagrams journalled since
     * @param kernelDropped datagrams that the kernel dropped because its queue was full
     * @param firstDropMicros when that was first noticed, µs since 1970; 0: never
     * @param lastDropMicros when that was last noticed, µs since 1970; 0: never
     * @param damagedBytes bytes of received journals that cannot be read
     */
    public record Intake(
            long journalled,
            long decoded,
            long inProcess,
            long kernelDropped,
            long firstDropMicros,
            long lastDropMicros,
            long damagedBytes) {
        /** Datagrams that were journalled and cannot be read any more. */
        public long damaged() {
            return journalled - decoded;
        }

        /**
         * Whether every datagram journalled was decoded, or stood in a stretch known to be damaged.
         */
        public boolean isBalanced() {
            return damaged() == 0 || damaged() > 0 && damagedBytes > 0;
        }
    }

    /**
     * One usage definition.
     *
     * @param charged what went into it, as records (flows), packets and octets
     * @param expected what was accounted since it began; not compared when a record is charged at
     *     both its ends
     * @param scaledOverflows scaled counters that did not fit 64 bits, since the definition began
     * @param rows what ledger, undelivered frames and open bins add up to, without corrections
     * @param corrections what was corrected afterwards; charged is what it was
     */
    public record Usage(
            String name,
            boolean twoSided,
            Tally charged,
            Tally expected,
            LedgerSums rows,
            long scaledOverflows,
            Corrections corrections) {
        /** One that was never corrected. */
        Usage(
                String name,
                boolean twoSided,
                Tally charged,
                Tally expected,
                LedgerSums rows,
                long scaledOverflows) {
            this(name, twoSided, charged, expected, rows, scaledOverflows, Corrections.NONE);
        }

        /**
         * Whether the rows add up to what was charged, and corrections to what their runs booked.
         */
        public boolean isBalanced() {
            return addsUp() && corrections.isBalanced();
        }

        /** Whether the rows, without corrections, add up to what was charged. */
        public boolean addsUp() {
            return (twoSided || charged.equals(expected))
                    && equal(charged.records(), rows.flows())
                    && equal(charged.packets(), rows.packets())
                    && equal(charged.octets(), rows.octets());
        }

        /**
         * Counters have 64 bits, so what was charged wraps when devices tell absurd numbers; a sum
         * over rows does not. Both agree modulo 2^64, as every row and every share does.
         */
        private static boolean equal(long charged, BigInteger summed) {
            return summed.longValue() == charged;
        }
    }

    /**
     * Corrections of a usage.
     *
     * @param rows what their rows add up to, in the ledger and on the way there
     * @param booked what the list of runs says
     */
    public record Corrections(LedgerSums rows, LedgerSums booked) {
        static final Corrections NONE = new Corrections(nothing(), nothing());

        private static LedgerSums nothing() {
            return new LedgerSums(0, 0, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO);
        }

        static Corrections of(NodeView view, UsageDefinition usage, LedgerSums rows) {
            List<String> lanes = view.lanes().stream().map(LaneView::collector).toList();
            LedgerSums sum = nothing();
            for (CorrectionRun run : view.corrections().runs().runs()) {
                for (CorrectionRun.Corrected one : run.corrected()) {
                    if (one.usage().equals(usage.name()) && lanes.contains(one.lane())) {
                        sum =
                                new LedgerSums(
                                        0,
                                        sum.rows() + one.rows(),
                                        sum.octets().add(one.octets()),
                                        sum.packets().add(one.packets()),
                                        sum.flows().add(one.flows()));
                    }
                }
            }
            return new Corrections(rows, sum);
        }

        /** Whether there are any. */
        public boolean isThere() {
            return rows.rows() > 0 || booked.rows() > 0;
        }

        /** Whether every row that was booked is there, and none besides. */
        public boolean isBalanced() {
            return rows.rows() == booked.rows()
                    && rows.octets().equals(booked.octets())
                    && rows.packets().equals(booked.packets())
                    && rows.flows().equals(booked.flows());
        }
    }

    /**
     * An exporter, and the collector that it sends to.
     *
     * @param via link and journal of the agent that it came by; empty when it came by none
     */
    public record Exporter(String collector, ExporterReport report, String via) {}

    /**
     * A journal of an agent that a lane reads.
     *
     * @param via link and name of the journal
     * @param losses what of it never reached the decoder
     */
    public record Agent(String collector, String via, Losses losses) {}

    /**
     * An exporter that comes by several agents.
     *
     * @param via the journals that it came by
     */
    public record Shared(String collector, CopiesReport report, List<String> via) {}

    /** A device, and the collector that its requests come to. */
    public record Client(String collector, ClientReport report) {}

    /** Whether all accounts agree. */
    public boolean isBalanced() {
        return books.difference().equals(new Tally())
                && intake.isBalanced()
                && transfer.isBalanced()
                && usage.stream().allMatch(Usage::isBalanced);
    }

    /** Draws the books of the node, running or not. */
    public static Audit of(NodeConfig config, Disk disk, DuckDb duck) {
        NodeView view = NodeView.read(config, disk);
        List<Usage> usage = new ArrayList<>();
        // Without an output the rows are with the managers, and cannot be added up here.
        List<UsageDefinition> definitions = config.outputs().isEmpty() ? List.of() : config.usage();
        for (UsageDefinition definition : definitions) {
            LedgerScope scope = view.accounted(definition);
            var corrections =
                    Corrections.of(view, definition, LedgerSums.ofCorrections(disk, duck, scope));
            usage.add(usage(view, definition, LedgerSums.of(disk, duck, scope), corrections));
        }
        var books = new Books();
        var requests = new Books();
        List<Client> clients = new ArrayList<>();
        var inProcess = new Tally();
        List<Exporter> exporters = new ArrayList<>();
        List<Agent> agents = new ArrayList<>();
        List<Shared> shared = new ArrayList<>();
        List<Losses> losses = new ArrayList<>();
        long datagramsInProcess = 0;
        for (LaneView lane : view.lanes()) {
            books.add(lane.lane().books());
            requests.add(lane.lane().requests());
            lane.lane().clients().stream()
                    .sorted(ClientReport.ORDER)
                    .forEach(report -> clients.add(new Client(lane.collector(), report)));
            losses.add(lane.lane().losses());
            lane.lane().decoders().stream()
                    .flatMap(decoder -> decoder.exporters().stream())
                    .sorted(ExporterReport.ORDER)
                    .forEach(
                            report ->
                                    exporters.add(
                                            new Exporter(
                                                    lane.collector(),
                                                    report,
                                                    lane.lane().paths().name(report.path()))));
            paths(lane, agents, shared);
            datagramsInProcess += process(config, disk, lane, inProcess);
        }
        return new Audit(
                books,
                requests,
                inProcess,
                intake(losses, datagramsInProcess),
                usage,
                view.damagedBytes(),
                exporters,
                clients,
                WaitingFlows.of(config, disk, view.lanes()),
                agents,
                shared,
                TransferBooks.of(config, disk));
    }

    private static void paths(LaneView view, List<Agent> agents, List<Shared> shared) {
        Paths paths = view.lane().paths();
        for (int path = 1; path <= paths.count(); path++) {
            agents.add(new Agent(view.collector(), paths.name(path), paths.losses(path)));
        }
        view.lane().decoders().stream()
                .flatMap(decoder -> decoder.copies().stream())
                .sorted(
                        Comparator.comparing(CopiesReport::exporter)
                                .thenComparing(CopiesReport::protocol)
                                .thenComparingLong(CopiesReport::domain))
                .forEach(
                        report ->
                                shared.add(
                                        new Shared(
                                                view.collector(),
                                                report,
                                                report.paths().stream()
                                                        .map(paths::name)
                                                        .toList())));
    }

    private static Usage usage(
            NodeView view, UsageDefinition definition, LedgerSums rows, Corrections corrections) {
        var charged = new Tally();
        var expected = new Tally();
        long overflows = 0;
        for (LaneView lane : view.lanes()) {
            lane.lane().aggregations().stream()
                    .filter(one -> one.definition().name().equals(definition.name()))
                    .forEach(one -> charged.add(one.charged()));
            overflows +=
                    lane.lane().aggregations().stream()
                            .filter(one -> one.definition().name().equals(definition.name()))
                            .mapToLong(Aggregation::scaledOverflows)
                            .sum();
            charged.add(lane.lane().losses().retired(definition.name()));
            expected.add(lane.lane().expected(definition));
        }
        return new Usage(
                definition.name(),
                definition.isTwoSided(),
                charged,
                expected,
                rows,
                overflows,
                corrections);
    }

    private static Intake intake(List<Losses> losses, long inProcess) {
        return new Intake(
                losses.stream().mapToLong(Losses::datagramsJournalled).sum(),
                losses.stream().mapToLong(Losses::datagrams).sum(),
                inProcess,
                losses.stream().mapToLong(Losses::kernelDropped).sum(),
                losses.stream()
                        .mapToLong(Losses::firstDropMicros)
                        .filter(at -> at > 0)
                        .min()
                        .orElse(0),
                losses.stream().mapToLong(Losses::lastDropMicros).max().orElse(0),
                losses.stream().mapToLong(Losses::damagedBytes).sum());
    }

    // What the journal holds behind the checkpoint is decoded on a copy of the context, to count
    // it.
    private static long process(NodeConfig config, Disk disk, LaneView view, Tally inProcess) {
        var snapshot = new StateWriter(1 << 16);
        view.lane().snapshot(snapshot);
        Lane.Work work = LaneRecovery.work(config, disk, view.collector());
        var copy = new Lane(work, new StateReader(snapshot.toBytes()));
        var layout = new NodeLayout(config.data());
        copy.setAside(HeldList.load(disk, layout, view.collector()).aside());
        var directory = layout.received(view.collector());
        try (var reader = JournalReader.open(disk, directory, view.head().input().position())) {
            JournalReader.Step step;
            while ((step = reader.next()) != JournalReader.Step.END) {
                if (step == JournalReader.Step.FRAME) {
                    copy.apply(
                            reader.bytes(),
                            reader.payloadOffset(),
                            reader.payloadLength(),
                            reader.framePosition(),
                            Crew.ALONE,
                            ignored -> {});
                }
            }
        }
        copy.endStep(Crew.ALONE, ignored -> {});
        inProcess.add(copy.books().received());
        inProcess.subtract(view.lane().books().received());
        return copy.losses().datagrams() - view.lane().losses().datagrams();
    }
}
