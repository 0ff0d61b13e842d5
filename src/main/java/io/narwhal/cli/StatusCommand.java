package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code narwhal status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Show the components of a node: processes, restarts, positions and lag.",
            "",
            "Reads the node's pages and journals, so it answers also while the node manager is"
                    + " down.",
            "LAG is what a component has not yet read, in bytes of its input journals."
        },
        footer = {"", "Example:", "", "  narwhal status --config narwhal.yaml --format json"})
final class StatusCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    StatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        NodeStatus status = NodeStatus.of(config, Disk.system(), Processes.system());
        if (printing.format == Format.JSON) {
            Json.write(console.out(), json(status));
        } else {
            print(status);
        }
        return ExitCode.OK;
    }

    private void print(NodeStatus status) throws IOException {
        console.out()
                .write(
                        "node "
                                + status.node()
                                + ": "
                                + (status.ready() ? "ready" : "not ready")
                                + (status.draining() ? ", draining" : "")
                                + ", manager "
                                + (status.managerPid() == 0
                                        ? "not running"
                                        : "process " + status.managerPid())
                                + "\n\n");
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("component"),
                        Column.text("kind"),
                        Column.number("pid"),
                        Column.text("state"),
                        Column.number("restarts"),
                        Column.number("records"),
                        Column.number("lag"),
                        Column.text("last end"),
                        Column.text("recovery"),
                        Column.text("message"))) {
            for (NodeStatus.Component one : status.components()) {
                rows.row(
                        one.name(),
                        one.kind().label(),
                        one.pid() == 0 ? null : one.pid(),
                        one.state(),
                        one.restarts(),
                        one.records(),
                        lag(status, one.name()),
                        one.lastEnd(),
                        one.recovery() == null ? null : RecoveryText.brief(one.recovery()),
                        one.message());
            }
        }
    }

    private static @Nullable Long lag(NodeStatus status, String reader) {
        return status.processed().stream()
                .filter(one -> one.reader().equals(reader))
                .map(one -> one.lag())
                .reduce(Long::sum)
                .orElse(null);
    }

    private static Map<String, @Nullable Object> json(NodeStatus status) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("node", status.node());
        json.put("ready", status.ready());
        json.put("draining", status.draining());
        Map<String, @Nullable Object> manager = new LinkedHashMap<>();
        manager.put("pid", status.managerPid() == 0 ? null : status.managerPid());
        json.put("manager", manager);
        json.put(
                "components",
                status.components().stream()
                        .map(one -> json(one, lag(status, one.name())))
                        .toList());
        json.put("journals", status.processed().stream().map(StatusCommand::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(
            NodeStatus.Component one, @Nullable Long lag) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", one.name());
        json.put("kind", one.kind().label());
        json.put("pid", one.pid() == 0 ? null : one.pid());
        json.put("state", one.state());
        json.put("restarts", one.restarts());
        json.put("records", one.records());
        json.put("lag", lag);
        json.put("since", one.since());
        json.put("last_end", one.lastEnd());
        json.put("message", one.message());
        json.put("recovery", RecoveryText.json(one.recovery()));
        return json;
    }

    private static Map<String, @Nullable Object> json(Progress one) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("journal", one.journal());
        json.put("reader", one.reader());
        json.put("position", one.position());
        json.put("published", one.published());
        return json;
    }
}
