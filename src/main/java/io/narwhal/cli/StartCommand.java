package io.narwhal.cli;

import io.narwhal.node.Wishes;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.concurrent.Callable;

/** {@code narwhal start}. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = {
            "Start components of a node that were stopped by 'narwhal stop'.",
            "",
            "They go on where they stopped. One that fails again and again is tried at once,"
                    + " without waiting for its next try."
        },
        footer = {"", "Example:", "", "  narwhal start ledger --config narwhal.yaml"})
final class StartCommand implements Callable<Integer> {
    private static final String DRAINED = "drained";

    private final Console console;

    @Mixin private ComponentsOption options = new ComponentsOption();

    StartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var administration = new Administration(console, options);
        if (!administration.hasNode()) {
            return ExitCode.FAILURE;
        }
        NodeStatus before = administration.status();
        for (String name : options.names()) {
            administration.wishes().start(name);
            before.component(name)
                    .filter(one -> before.managerPid() != 0 && one.nextTry() != null)
                    .ifPresent(one -> tryNow(administration, one));
        }
        return administration.await(
                "start",
                (one, saved) ->
                        saved.desired().equals(DRAINED)
                                ? one.state().equals(DRAINED)
                                : one.isRunning() && saved.desired().equals("running"));
    }

    private static void tryNow(Administration administration, NodeStatus.Component one) {
        administration
                .wishes()
                .restart(one.name(), new Wishes.Restart(one.process(), administration.user(), ""));
    }
}
