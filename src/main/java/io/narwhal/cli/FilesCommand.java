package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.FileList;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;

/** {@code narwhal files}. */
@Command(
        name = "files",
        mixinStandardHelpOptions = true,
        description = {
            "List the usage files that collectors with protocol: files have taken, are taking, or"
                    + " cannot take.",
            "",
            "State: taking; taken (all its lines are in the journal); repeated (the same content"
                + " was taken before, so nothing was taken); interrupted (it went away while it was"
                + " taken, and is gone on with when it is there again); changed (it was changed"
                + " while it was taken); refused (it is there and cannot be taken: the note says"
                + " why; it is tried again when it changes). Files that have not settled yet are"
                + " not listed. Held are lines that cannot be read: see narwhal held."
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal files --config narwhal.yaml",
            "  narwhal files --collector cdr --state refused --format json"
        })
final class FilesCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    @Option(
            names = "--collector",
            paramLabel = "NAME",
            description = "Only files of this collector.")
    private @Nullable String collector;

    @Option(names = "--state", paramLabel = "STATE", description = "Only files in this state.")
    private @Nullable String state;

    @Mixin private FormatOption.OfRows printing = new FormatOption.OfRows();

    FilesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        try (var rows =
                RowWriter.to(
                        console.out(),
                        printing.format,
                        Column.text("collector"),
                        Column.number("number"),
                        Column.text("name"),
                        Column.text("state"),
                        Column.number("size"),
                        Column.number("lines"),
                        Column.number("held"),
                        Column.text("began"),
                        Column.text("ended"),
                        Column.text("note"))) {
            for (FileList.Entry one : FileList.of(config, Disk.system())) {
                if ((collector == null || collector.equals(one.collector()))
                        && (state == null || state.equals(one.state()))) {
                    rows.row(
                            one.collector(),
                            one.number() == 0 ? null : one.number(),
                            one.name(),
                            one.state(),
                            one.size(),
                            one.lines(),
                            one.held(),
                            time(one.began()),
                            time(one.ended()),
                            one.note().isEmpty() ? null : one.note());
                }
            }
        }
        return ExitCode.OK;
    }

    private static @Nullable Instant time(long micros) {
        return micros == 0
                ? null
                : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).truncatedTo(ChronoUnit.SECONDS);
    }
}
