package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.HeldItems;
import io.narwhal.node.Alarm;
import io.narwhal.node.Wish;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code narwhal status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Show the components of a node: what is wanted of them, processes, restarts, lag; and"
                    + " alarms: what to see to before it becomes a loss.",
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
        long held = HeldItems.datagrams(config, Disk.system());
        if (printing.format == Format.JSON) {
            Map<String, @Nullable Object> json = json(status);
            json.put("held", held);
            Json.write(console.out(), json);
        } else {
            print(status);
            tellHeld(held);
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
        printComponents(status);
        if (!status.alarms().isEmpty()) {
            console.out().write("\n");
            for (Alarm one : status.alarms()) {
                console.out().write(Table.printable(text(one)) + "\n");
            }
            console.out().flush();
        }
    }

    private static String text(Alarm one) {
        return "alarm "
                + one.what()
                + ": "
                + one.about()
                + ": "
                + one.detail()
                + (one.since() == null ? "" : " (since " + one.since() + ")")
                + ". What next: "
                + one.next();
    }

    private void printComponents(NodeStatus status) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("component"),
                        Column.text("kind"),
                        Column.number("pid"),
                        Column.text("desired"),
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
                        one.desired(),
                        one.state(),
                        one.restarts(),
                        one.records(),
                        lag(status, one.name()),
                        one.lastEnd(),
                        one.recovery() == null ? null : RecoveryText.brief(one.recovery()),
                        message(one));
            }
        }
    }

    private static String message(NodeStatus.Component one) {
        List<String> parts = new ArrayList<>();
        switch (one.wish()) {
            case Wish.Run _ -> {}
            case Wish.Stopped stopped -> parts.add(stopped.told());
            case Wish.Unreadable(String why) -> parts.add(why);
        }
        if (one.nextTry() != null) {
            parts.add("next try at " + one.nextTry());
        }
        if (one.message() != null) {
            parts.add(one.message());
        }
        return String.join("; ", parts);
    }

    private void tellHeld(long held) throws IOException {
        if (held > 0) {
            console.out()
                    .write(
                            "\nheld: "
                                    + held
                                    + " datagrams that killed accounting; see: narwhal held\n");
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
        json.put("components", status.components().stream().map(one -> json(status, one)).toList());
        json.put("alarms", status.alarms().stream().map(StatusCommand::json).toList());
        json.put("journals", status.processed().stream().map(StatusCommand::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(NodeStatus status, NodeStatus.Component one) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", one.name());
        json.put("kind", one.kind().label());
        json.put("pid", one.pid() == 0 ? null : one.pid());
        json.put("desired", one.desired());
        json.put("state", one.state());
        json.put("restarts", one.restarts());
        json.put("records", one.records());
        json.put("lag", lag(status, one.name()));
        json.put("since", one.since());
        json.put("failures", one.failures());
        json.put("next_try", one.nextTry());
        json.put("last_end", one.lastEnd());
        json.put("message", one.message());
        json.put("recovery", RecoveryText.json(one.recovery()));
        json.put("stopped", one.wish() instanceof Wish.Stopped wish ? json(wish) : null);
        return json;
    }

    private static Map<String, @Nullable Object> json(Wish.Stopped wish) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("since", wish.since());
        json.put("by", wish.by());
        json.put("reason", wish.reason().isEmpty() ? null : wish.reason());
        return json;
    }

    private static Map<String, @Nullable Object> json(Alarm one) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("what", one.what());
        json.put("about", one.about());
        json.put("since", one.since());
        json.put("detail", one.detail());
        json.put("next", one.next());
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
