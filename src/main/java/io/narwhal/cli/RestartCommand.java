package io.narwhal.cli;

import io.narwhal.base.Processes;
import io.narwhal.node.Wishes;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code narwhal restart}. */
@Command(
        name = "restart",
        mixinStandardHelpOptions = true,
        description = {
            "End the processes of components in order, and start others in their place.",
            "",
            "As after a change of the customers table or of a RADIUS secret, which are read at the"
                    + " start. It is done once, however often the node manager is killed meanwhile."
                    + " A component that was stopped is started."
        },
        footer = {"", "Example:", "", "  narwhal restart accounting --config narwhal.yaml"})
final class RestartCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private ComponentsOption options = new ComponentsOption();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why; 'narwhal status' shows it.")
    private String reason = "";

    RestartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var administration = new Administration(console, options);
        if (!administration.hasNode()) {
            return ExitCode.FAILURE;
        }
        NodeStatus before = administration.status();
        Map<String, Processes.Identity> ending = new HashMap<>();
        for (String name : options.names()) {
            Optional<NodeStatus.Component> one = before.component(name);
            Processes.Identity process =
                    one.map(NodeStatus.Component::process).orElse(new Processes.Identity(0, 0));
            ending.put(name, process);
            administration
                    .wishes()
                    .restart(name, new Wishes.Restart(process, administration.user(), reason));
            administration.wishes().start(name);
        }
        return administration.await(
                "restart",
                (one, saved) ->
                        one.isRunning()
                                && !one.process().equals(ending.get(one.name()))
                                && one.process().pid() == saved.pid()
                                && !administration.wishes().wantsRestart(one.name()));
    }
}
