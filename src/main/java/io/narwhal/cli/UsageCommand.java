package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.inspect.NodeView;
import io.narwhal.output.LedgerFailure;
import io.narwhal.output.LedgerQuery;
import io.narwhal.output.LedgerQuestion;
import io.narwhal.output.ResultSink;
import io.narwhal.output.Value;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code narwhal usage}. */
@Command(
        name = "usage",
        mixinStandardHelpOptions = true,
        description = {
            "Print usage: one row per bin and key, or summed by some of the keys.",
            "",
            "Closed bins come from the ledger, open ones from the newest checkpoint (at most a"
                    + " second or so behind). Nothing is counted twice while the node moves on."
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal usage by-customer --from 2026-11-01T00:00:00Z --by customer",
            "  narwhal usage by-pair --by bin_start --format csv"
        })
final class UsageCommand implements Callable<Integer> {
    private final Console console;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption option = new ConfigOption();

    @Parameters(paramLabel = "NAME", description = "A usage of the configuration.")
    private String name = "";

    @Mixin private BinsOption bins = new BinsOption();

    @Option(
            names = "--by",
            paramLabel = "FIELD",
            split = ",",
            description = "Sum by these keys (and bin_start, if named) over everything else.")
    private List<String> by = List.of();

    @Mixin private FormatOption.OfRows printing = new FormatOption.OfRows();

    UsageCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        UsageDefinition definition = definition(config);
        Disk disk = Disk.system();
        var question = new LedgerQuestion(by, millis(bins.from), millis(bins.to));
        try (var ledger = LedgerAccess.open(config, disk)) {
            var scope = NodeView.read(config, disk).scope(definition);
            var rows = new Rows();
            new LedgerQuery(disk, ledger.duck(), scope).run(question, rows);
            rows.close();
        } catch (LedgerFailure.UnknownField e) {
            throw misused("--by: " + e.getMessage());
        }
        return ExitCode.OK;
    }

    private UsageDefinition definition(NodeConfig config) {
        if (!config.hasAccounting() || config.outputs().isEmpty()) {
            throw misused(
                    "node "
                            + config.node()
                            + (config.hasAccounting()
                                    ? " delivers no usage itself, but leaves it to its managers"
                                    : " accounts nothing: its managers account what they pull")
                            + "; ask there: "
                            + config.servedReaders().stream()
                                    .map(
                                            reader ->
                                                    reader.substring(
                                                            ServeConfig.READER_PREFIX.length()))
                                    .collect(Collectors.joining(", ")));
        }
        return config.usage().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                misused(
                                        "no usage is called '"
                                                + name
                                                + "'; the configuration has: "
                                                + config.usage().stream()
                                                        .map(UsageDefinition::name)
                                                        .collect(Collectors.joining(", "))));
    }

    private ParameterException misused(String message) {
        return new ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), message);
    }

    private static OptionalLong millis(@Nullable Instant time) {
        return time == null ? OptionalLong.empty() : OptionalLong.of(time.toEpochMilli());
    }

    /** Prints what the query answers. */
    private final class Rows implements ResultSink {
        private @Nullable RowWriter writer;

        @Override
        public void columns(List<String> names) {
            Column[] columns =
                    names.stream()
                            .map(column -> new Column(column, isCounter(column)))
                            .toArray(Column[]::new);
            try {
                writer = RowWriter.to(console.out(), printing.format, columns);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean isCounter(String column) {
            return List.of(
                            "octets",
                            "packets",
                            "flows",
                            "octets_scaled",
                            "packets_scaled",
                            "flows_unscaled")
                    .contains(column);
        }

        @Override
        public void row(List<Value> values) {
            List<@Nullable Object> cells = new ArrayList<>();
            for (Value value : values) {
                cells.add(
                        switch (value) {
                            case Value.Text(var text) -> text;
                            case Value.Whole(var number) -> number;
                            case Value.Large(var number) -> number;
                            case Value.Absent() -> null;
                        });
            }
            try {
                Objects.requireNonNull(writer).row(cells.toArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void close() {
            try {
                if (writer != null) {
                    writer.close();
                }
                console.out().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
