package io.narwhal.cli;

import io.narwhal.component.Kind;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.config.Problem;
import io.narwhal.config.Quantity;
import io.narwhal.config.ServeConfig;
import io.narwhal.record.Field;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code narwhal check}. */
@Command(
        name = "check",
        description = {
            "Validate a configuration without starting anything.",
            "",
            "Every problem is printed as FILE:LINE:COLUMN: message, and the exit code is 2. Without"
                    + " problems, what a node would run is printed. Without FILE, narwhal.yaml in"
                    + " the working directory is checked, or the built-in configuration."
        },
        footer = {"", "Example:", "", "  narwhal check narwhal.yaml"})
final class CheckCommand implements Callable<Integer> {
    private final Console console;
    private final List<Validation> validations;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private HelpOption help = new HelpOption();
    @Mixin private ConfigOption config = new ConfigOption();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The same as --config FILE.")
    private @Nullable Path file;

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    CheckCommand(Console console, List<Validation> validations) {
        this.console = console;
        this.validations = validations;
    }

    @Override
    public Integer call() throws IOException {
        if (file != null && config.file != null && spec != null) {
            throw new ParameterException(
                    spec.commandLine(), "name one file, as FILE or with --config, not two");
        }
        config.file = file != null ? file : config.file;
        return switch (config.load(console, ConfigOption.Fallback.WORKING_DIRECTORY, validations)) {
            case Loaded.Invalid(var problems) -> rejected(problems);
            case Loaded.Valid valid -> accepted(valid);
        };
    }

    private int rejected(List<Problem> problems) throws IOException {
        problems.forEach(console.err()::println);
        if (printing.format == Format.JSON) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("valid", false);
            json.put("problems", problems.stream().map(CheckCommand::json).toList());
            Json.write(console.out(), json);
        }
        return ExitCode.USAGE;
    }

    private int accepted(Loaded.Valid valid) throws IOException {
        valid.warnings().forEach(w -> console.err().println(ConfigOption.asWarning(w)));
        if (printing.format == Format.JSON) {
            Json.write(console.out(), json(valid));
        } else {
            print(valid.config());
        }
        return ExitCode.OK;
    }

    private void print(NodeConfig node) throws IOException {
        var out = console.out();
        out.write(node.source().file() + " is valid: node " + node.node());
        out.write(" with its data in " + node.data() + "\n\n");
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        column("component"),
                        column("kind"),
                        column("what it does"))) {
            for (var component : components(node)) {
                rows.row(component.name(), component.kind(), component.task());
            }
        }
        CheckTransfer.print(node, out);
        if (!node.hasAccounting()) {
            out.write("\nNothing is accounted here; the managers account what they pull.\n");
            return;
        }
        out.write("\n");
        try (var rows =
                RowWriter.to(
                        out,
                        Format.TABLE,
                        column("usage"),
                        column("keys"),
                        Column.number("bin"),
                        Column.number("closes after"))) {
            for (UsageDefinition usage : node.usage()) {
                rows.row(
                        usage.name(),
                        String.join(", ", labels(usage)),
                        Quantity.durationText(usage.binMs()),
                        Quantity.durationText(usage.closeAfterMs()));
            }
        }
    }

    private static Column column(String name) {
        return Column.text(name);
    }

    private static Map<String, Object> json(Loaded.Valid valid) {
        NodeConfig node = valid.config();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("valid", true);
        json.put("file", node.source().file().toString());
        json.put("node", node.node());
        json.put("data", node.data().toString());
        json.put("components", components(node).stream().map(Component::json).toList());
        json.put("usage", node.usage().stream().map(CheckCommand::json).toList());
        CheckTransfer.json(node, json);
        json.put("warnings", valid.warnings().stream().map(CheckCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(Problem problem) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", problem.file());
        json.put("line", problem.line());
        json.put("column", problem.column());
        json.put("message", problem.message());
        return json;
    }

    private static Map<String, Object> json(UsageDefinition usage) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", usage.name());
        json.put("keys", labels(usage));
        json.put("bin_ms", usage.binMs());
        json.put("close_after_ms", usage.closeAfterMs());
        return json;
    }

    private static List<String> labels(UsageDefinition usage) {
        return usage.keys().stream().map(Field::label).toList();
    }

    /** A process that the node would run. */
    record Component(String name, String kind, String task, List<String> listen) {
        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.put("kind", kind);
            json.put("listen", listen);
            return json;
        }
    }

    private static List<Component> components(NodeConfig node) {
        List<Component> components = new ArrayList<>();
        for (CollectorConfig collector : node.collectors()) {
            components.add(component(collector));
        }
        if (!node.pull().isEmpty()) {
            components.add(CheckTransfer.pull(node.pull()));
        }
        if (node.hasAccounting()) {
            components.add(
                    new Component(
                            NodeConfig.ACCOUNTING,
                            Kind.ACCOUNTING.label(),
                            "sums "
                                    + node.usage().size()
                                    + (node.usage().size() == 1 ? " usage" : " usages"),
                            List.of()));
        }
        for (OutputConfig output : node.outputs()) {
            components.add(
                    new Component(
                            output.name(),
                            "output",
                            "writes " + output.type().name().toLowerCase(Locale.ROOT),
                            List.of()));
        }
        ServeConfig serve = node.serve();
        if (serve != null) {
            components.add(CheckTransfer.serve(serve));
        }
        return components;
    }

    private static Component component(CollectorConfig collector) {
        FilesConfig files = collector.files();
        if (files != null) {
            return new Component(
                    collector.name(),
                    "collector",
                    "takes " + files.files() + " in " + files.directory(),
                    List.of());
        }
        String way = collector.transport().label() + " ";
        List<String> listen = collector.listen().stream().map(l -> way + l).toList();
        return new Component(
                collector.name(),
                "collector",
                collector.protocol().name().toLowerCase(Locale.ROOT)
                        + listen.stream().collect(Collectors.joining(", ", " on ", "")),
                listen);
    }
}
