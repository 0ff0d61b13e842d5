package io.narwhal.cli;

import io.narwhal.component.Kind;
import io.narwhal.node.Wish;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.concurrent.Callable;

/** {@code narwhal stop}. */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = {
            "Stop components of a node, and keep them stopped until 'narwhal start'.",
            "",
            "The wish is on the disk before anything is said: it holds over restarts of the node"
                    + " manager and of the host, and may be given while no node manager runs."
                    + " Nothing is lost that was taken in. What a stopped collector should receive"
                    + " waits in the kernel's queue until that is full; see"
                    + " docs/operations/running.md."
        },
        footer = {
            "",
            "Example:",
            "",
            "  narwhal stop ledger --reason 'moving it to another disk' --config narwhal.yaml"
        })
final class StopCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ComponentsOption options = new ComponentsOption();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why; 'narwhal status' shows it.")
    private String reason = "";

    StopCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var administration = new Administration(console, options);
        if (!administration.hasNode()) {
            return ExitCode.FAILURE;
        }
        var wish = new Wish.Stopped(administration.now(), administration.user(), reason);
        for (String name : options.names()) {
            administration.wishes().stop(name, wish);
        }
        int code =
                administration.await(
                        "stop",
                        (one, saved) ->
                                one.pid() == 0
                                        && saved.pid() == 0
                                        && saved.desired().equals("stopped"));
        warn(administration.status());
        return code;
    }

    private void warn(NodeStatus status) {
        for (NodeStatus.Component one : status.components()) {
            if (options.names().contains(one.name()) && one.kind() == Kind.COLLECTOR) {
                console.err()
                        .println(
                                one.name()
                                        + " receives nothing now: its sockets queue what comes,"
                                        + " and when they are full UDP is lost (and counted)");
            }
        }
    }
}
