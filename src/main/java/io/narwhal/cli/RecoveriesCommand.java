package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.RecoveryFile;
import io.narwhal.config.NodeConfig;
import io.narwhal.recovery.RecoveryNote;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code narwhal recoveries}. */
@Command(
        name = "recoveries",
        mixinStandardHelpOptions = true,
        description = {
            "Show how the components of a node came back each time that they were started: after"
                    + " what, from where, how much was worked on again, what was cut, what was"
                    + " lost.",
            "",
            "AFTER is what ended the process before: first (there was none), orderly, crash (it"
                    + " ended unasked while the machine stayed up), power-cut (the machine went"
                    + " down). PLAN is a row of the table in docs/recovery.md. REPLAYED is what"
                    + " lay in the input between the checkpoint and the end that was there at the"
                    + " start. TOOK is the time until everything was open, CAUGHT UP the time from"
                    + " then until all of that was worked on again; empty: not yet, or the process"
                    + " ended before.",
            "",
            "The oldest are dropped after some hundred starts of a component."
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal recoveries",
            "  narwhal recoveries accounting --last 5 --format json"
        })
final class RecoveriesCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "COMPONENT",
            description = "Only of this component, also when it is no longer configured.")
    private @Nullable String component;

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "20",
            description = "Only the newest N starts of each component; default ${DEFAULT-VALUE}.")
    private int last = 20;

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    RecoveriesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        List<RecoveryNote> notes = notes(config);
        if (printing.format == Format.JSON) {
            Json.write(console.out(), notes.stream().map(RecoveryNote::tree).toList());
        } else {
            print(notes);
        }
        return ExitCode.OK;
    }

    private List<RecoveryNote> notes(NodeConfig config) {
        Map<String, Kind> components = Kind.components(config);
        String only = component;
        var layout = new NodeLayout(config.data());
        List<RecoveryNote> notes = new ArrayList<>();
        for (String name : only == null ? components.keySet() : List.of(only)) {
            List<RecoveryNote> all = new RecoveryFile(Disk.system(), layout, name).read();
            if (all.isEmpty() && !components.containsKey(name)) {
                throw new IllegalArgumentException(
                        "no component is called "
                                + name
                                + ", and no recovery of one is written down in "
                                + layout.recoveries()
                                + "; there are: "
                                + String.join(", ", components.keySet()));
            }
            notes.addAll(all.subList(Math.max(0, all.size() - Math.max(1, last)), all.size()));
        }
        notes.sort(Comparator.comparing(RecoveryNote::at));
        return notes;
    }

    private void print(List<RecoveryNote> notes) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("time"),
                        Column.text("component"),
                        Column.text("lane"),
                        Column.text("after"),
                        Column.text("plan"),
                        Column.text("checkpoint"),
                        Column.number("replayed"),
                        Column.number("records"),
                        Column.number("took"),
                        Column.number("caught up"),
                        Column.number("cut"),
                        Column.text("lost"),
                        Column.text("predecessor"))) {
            for (RecoveryNote note : notes) {
                if (note.lanes().isEmpty()) {
                    row(rows, note, null);
                }
                for (RecoveryNote.Lane lane : note.lanes()) {
                    if (!isIdle(lane)) {
                        row(rows, note, lane);
                    }
                }
            }
        }
    }

    // Of a node that never imported a file there is nothing to say about that.
    private static boolean isIdle(RecoveryNote.Lane lane) {
        return lane.lane().equals(NodeConfig.IMPORT)
                && lane.until() == 0
                && lane.lost().isEmpty()
                && lane.cut().isEmpty();
    }

    private static void row(RowWriter rows, RecoveryNote note, RecoveryNote.@Nullable Lane lane)
            throws IOException {
        RecoveryNote.Checkpoint checkpoint = lane == null ? null : lane.checkpoint();
        Long age = checkpoint == null ? null : checkpoint.ageMs();
        rows.row(
                note.at(),
                note.component(),
                lane == null ? "" : lane.lane(),
                note.after(),
                lane == null ? "refuse" : lane.plan(),
                checkpoint == null
                        ? null
                        : checkpoint.generation()
                                + (age == null ? "" : ", " + RecoveryText.duration(age) + " old"),
                lane == null ? null : RecoveryText.bytes(lane.replayed().bytes()),
                lane == null ? null : lane.replayed().records(),
                RecoveryText.duration(note.tookMs()),
                note.caughtUpMs() == null ? null : RecoveryText.duration(note.caughtUpMs()),
                lane == null || lane.cut().isEmpty()
                        ? null
                        : RecoveryText.bytes(
                                lane.cut().stream().mapToLong(RecoveryNote.Cut::bytes).sum()),
                RecoveryText.lost(note, lane),
                note.predecessor());
    }
}
