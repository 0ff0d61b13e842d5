package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.Environment;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.ReaderRemoval;
import io.narwhal.component.TransferWishes;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.inspect.TransferLink;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code narwhal transfer}: the links between this host and others. */
@Command(
        name = "transfer",
        mixinStandardHelpOptions = true,
        description = {
            "Show every link between this node and others: what is pulled from agents (pull), and"
                    + " who pulls from this node (serve).",
            "",
            "'held' is what the agent keeps as it is not acknowledged yet, 'fill' how much of its"
                    + " capacity that is, 'oldest' when the oldest of it arrived. Positions are"
                    + " bytes of the agent's journal: everything before is saved by the manager."
                    + " docs/operations/transfer.md says what to do when."
        },
        synopsisSubcommandLabel = "[accept | pull | remove]",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the node has no links, or no such link",
            "2:wrong options or configuration"
        },
        footer = {
            "",
            "Examples:",
            "",
            "  narwhal transfer --config narwhal.yaml",
            "  narwhal transfer --watch",
            "  narwhal transfer pull edge-1",
            "  narwhal transfer accept edge-1",
            "  narwhal transfer remove old-central"
        })
final class TransferCommand implements Callable<Integer> {
    private static final long WATCH_MS = 1_000;

    private final Console console;
    private final Disk disk = Disk.system();

    @Mixin private ConfigOption option = new ConfigOption();

    @Mixin private FormatOption.OfReport printing = new FormatOption.OfReport();

    @Option(names = "--watch", description = "Print it again every second, until interrupted.")
    private boolean watch;

    TransferCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        if (config.pull().isEmpty() && config.serve() == null) {
            console.err()
                    .println(
                            "narwhal: node "
                                    + config.node()
                                    + " has no links: its configuration has neither 'serve' nor"
                                    + " 'pull'; see docs/operations/transfer.md");
            return ExitCode.FAILURE;
        }
        show(config);
        while (watch && !Thread.currentThread().isInterrupted()) {
            Clock.system().sleepMillis(WATCH_MS);
            console.out().write("\n");
            show(config);
        }
        return ExitCode.OK;
    }

    private void show(NodeConfig config) throws IOException {
        List<TransferLink> links = TransferLink.of(config, disk);
        if (printing.format == Format.JSON) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("node", config.node());
            json.put("running", running(config));
            json.put("links", links.stream().map(TransferLink::tree).toList());
            Json.write(console.out(), json);
        } else {
            print(config, links);
        }
        console.out().flush();
    }

    private Map<String, @Nullable Object> running(NodeConfig config) {
        Map<String, @Nullable Object> running = new LinkedHashMap<>();
        if (config.serve() != null) {
            running.put(NodeConfig.SERVE, isRunning(config, NodeConfig.SERVE));
        }
        if (!config.pull().isEmpty()) {
            running.put(NodeConfig.PULL, isRunning(config, NodeConfig.PULL));
        }
        return running;
    }

    private boolean isRunning(NodeConfig config, String component) {
        var file = new NodeLayout(config.data()).page(component);
        if (!disk.exists(file)) {
            return false;
        }
        try (var page = ComponentPage.open(disk, file)) {
            return Processes.system().isAlive(page.owner());
        }
    }

    private void print(NodeConfig config, List<TransferLink> links) throws IOException {
        running(config)
                .forEach(
                        (component, runs) -> {
                            if (Boolean.FALSE.equals(runs)) {
                                console.err()
                                        .println(
                                                "narwhal: component "
                                                        + component
                                                        + " does not run; this is how its links"
                                                        + " stood last");
                            }
                        });
        table(links);
        for (TransferLink link : links) {
            details(link);
        }
    }

    private void table(List<TransferLink> links) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("link"),
                        Column.text("direction"),
                        Column.text("with"),
                        Column.text("journal"),
                        Column.text("state"),
                        Column.number("held records"),
                        Column.number("bytes"),
                        Column.number("fill"),
                        Column.text("oldest"),
                        Column.number("acknowledged"),
                        Column.text("at"),
                        Column.number("pulls"),
                        Column.text("asked for"),
                        Column.number("bytes/s"))) {
            for (TransferLink one : links) {
                rows.row(
                        one.link(),
                        one.component().equals(NodeConfig.SERVE) ? "serves" : "pulls",
                        with(one),
                        one.journal(),
                        state(one),
                        one.held().records(),
                        one.held().bytes(),
                        one.held().fillPercent() + " %",
                        one.held().oldest(),
                        one.ackedTxn(),
                        one.lastAck(),
                        one.pulls(),
                        asked(one),
                        one.bytesPerSecond());
            }
        }
    }

    private static String with(TransferLink one) {
        return one.address().isEmpty() ? one.reader() : one.reader() + " " + one.address();
    }

    private static String state(TransferLink one) {
        String state = one.standby() ? one.state() + " (standby)" : one.state();
        return one.buffer().isEmpty() || one.buffer().equals("normal")
                ? state
                : state + ", buffer " + one.buffer();
    }

    private static String asked(TransferLink one) {
        return one.requests().entrySet().stream()
                .map(request -> request.getValue() + " " + request.getKey())
                .collect(Collectors.joining(", "));
    }

    private void details(TransferLink link) throws IOException {
        var out = console.out();
        if (!link.complaint().isEmpty()) {
            out.write("\n" + link.link() + ": " + link.complaint() + "\n");
        }
        for (TransferLink.Stream stream : link.streams()) {
            out.write(
                    "\n%s %s/%s: position %d, %d bytes behind%s"
                            .formatted(
                                    link.link(),
                                    stream.journal(),
                                    stream.name(),
                                    stream.position(),
                                    stream.lag(),
                                    stream.detail().isEmpty()
                                            ? ""
                                            : " ("
                                                    + stream.verdict()
                                                    + ": "
                                                    + stream.detail()
                                                    + ")"));
        }
        out.write(link.streams().isEmpty() ? "" : "\n");
        for (TransferLink.Event event : link.events().reversed().stream().limit(5).toList()) {
            out.write("  " + event.at() + " " + event.what() + ": " + event.detail() + "\n");
        }
    }

    // ---- what may be asked for ----

    @Command(
            name = "accept",
            mixinStandardHelpOptions = true,
            description = {
                "Let the usage journals of a link go on whose histories part: the agent's store was"
                        + " lost or restored, and what it accounts now may be usage that this node"
                        + " has already.",
                "",
                "See first what 'narwhal transfer' says of the link, and compare the agent's rows"
                        + " from that time on with those here. The request is kept on disk: it is"
                        + " done within a second, or when the component next runs."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:it is asked for",
                "1:this node has no such link",
                "2:wrong options or configuration"
            },
            footer = {"", "Example:", "", "  narwhal transfer accept edge-1"})
    int accept(
            @Parameters(paramLabel = "LINK", description = "As the configuration calls it.")
                    String link,
            @Mixin ConfigOption chosen)
            throws IOException {
        return wish(TransferWishes.What.ACCEPT, link, chosen);
    }

    @Command(
            name = "pull",
            mixinStandardHelpOptions = true,
            description = {
                "Pull from an agent now, whenever it would be its turn: within a second, if it is"
                        + " connected."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:it is asked for",
                "1:this node has no such link",
                "2:wrong options or configuration"
            },
            footer = {"", "Example:", "", "  narwhal transfer pull edge-1"})
    int pull(
            @Parameters(paramLabel = "LINK", description = "As the configuration calls it.")
                    String link,
            @Mixin ConfigOption chosen)
            throws IOException {
        return wish(TransferWishes.What.PULL, link, chosen);
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = {
                "Give up a manager, or a group of managers, that will not come again: what it has"
                        + " not saved is no longer kept for it. Take it out of the configuration"
                        + " first, and start the node with that.",
                "",
                "Tells what would be given up; does it with --yes only."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:it is removed, or (without --yes) could be",
                "1:it cannot be removed, or nothing is kept for it",
                "2:wrong options or configuration"
            },
            footer = {
                "",
                "Examples:",
                "",
                "  narwhal transfer remove central",
                "  narwhal transfer remove central --yes"
            })
    int remove(
            @Parameters(paramLabel = "NAME", description = "Of the manager or the group.")
                    String name,
            @Option(names = "--yes", description = "Do it.") boolean yes,
            @Mixin ConfigOption chosen)
            throws IOException {
        ConfigOption named = chosen.file == null ? option : chosen;
        NodeConfig config = named.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        var removal =
                new ReaderRemoval(
                        new Environment(
                                config,
                                new NodeLayout(config.data()),
                                disk,
                                Net.system(),
                                Processes.system(),
                                Clock.system()));
        switch (removal.plan(name)) {
            case ReaderRemoval.Plan.Refused(String message) -> {
                console.err().println("narwhal: " + message);
                return ExitCode.FAILURE;
            }
            case ReaderRemoval.Plan.Ready ready -> {
                tell(ready);
                if (yes) {
                    removal.remove(ready);
                }
                console.out()
                        .write(
                                yes
                                        ? "removed: nothing is kept for it any more\n"
                                        : "nothing is removed yet; to do it, add --yes\n");
                console.out().flush();
                return ExitCode.OK;
            }
        }
    }

    private void tell(ReaderRemoval.Plan.Ready ready) throws IOException {
        try (var rows =
                RowWriter.to(
                        console.out(),
                        Format.TABLE,
                        Column.text("kept for " + ready.name()),
                        Column.number("records"),
                        Column.number("bytes"),
                        Column.text("since"))) {
            for (ReaderRemoval.Kept one : ready.kept()) {
                rows.row(
                        one.journal(),
                        one.records(),
                        one.bytes(),
                        one.oldestMicros() == 0
                                ? ""
                                : Instant.ofEpochMilli(one.oldestMicros() / 1_000));
            }
        }
    }

    private int wish(TransferWishes.What what, String link, ConfigOption chosen)
            throws IOException {
        ConfigOption named = chosen.file == null ? option : chosen;
        NodeConfig config = named.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        if (config.pull().stream().noneMatch(one -> one.name().equals(link))) {
            console.err()
                    .println(
                            "narwhal: node "
                                    + config.node()
                                    + " pulls by no link called "
                                    + link
                                    + "; it has: "
                                    + config.pull().stream()
                                            .map(PullConfig::name)
                                            .collect(Collectors.joining(", ")));
            return ExitCode.FAILURE;
        }
        new TransferWishes(disk, new NodeLayout(config.data()))
                .add(new TransferWishes.Wish(what, link));
        console.out().write(what.name().toLowerCase(Locale.ROOT) + " is asked for\n");
        console.out().flush();
        return ExitCode.OK;
    }
}
