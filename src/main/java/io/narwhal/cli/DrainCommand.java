package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code narwhal drain}. */
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        description = {
            "Stop the intake, process everything, close every bin, deliver; then exit with 0.",
            "",
            "The node manager does the work; it goes on running, without components, until it is"
                    + " stopped, and takes traffic again when it is next started. Interrupting this"
                    + " command does not interrupt the drain; giving it again shows how far it is."
        },
        footer = {"", "Example:", "", "  narwhal drain --config narwhal.yaml"})
final class DrainCommand implements Callable<Integer> {
    private static final long LOOK_MS = 100;
    private static final long TELL_EVERY = 10;

    private final Console console;
    private final Disk disk = Disk.system();
    private final Processes processes = Processes.system();

    @Mixin private ConfigOption option = new ConfigOption();

    DrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        if (NodeStatus.of(config, disk, processes).managerPid() == 0) {
            console.err()
                    .println(
                            "narwhal: node "
                                    + config.node()
                                    + " has no node manager that could drain it; start it first:"
                                    + " narwhal run --config "
                                    + config.source().file());
            return ExitCode.FAILURE;
        }
        var layout = new NodeLayout(config.data());
        Path request = layout.drainRequest();
        disk.open(request, Disk.Mode.REPLACE).close();
        disk.forceDirectory(layout.node());
        return await(config, request);
    }

    private int await(NodeConfig config, Path request) {
        for (long looks = 0; disk.exists(request); looks++) {
            NodeStatus status = NodeStatus.of(config, disk, processes);
            if (status.managerPid() == 0) {
                console.err()
                        .println(
                                "narwhal: the node manager ended before the drain did; start it"
                                        + " again and it goes on: narwhal run --config "
                                        + config.source().file());
                return ExitCode.FAILURE;
            }
            if (looks % TELL_EVERY == 0) {
                console.err().println(tell(status));
            }
            Clock.system().sleepMillis(LOOK_MS);
        }
        console.err().println("drained: everything received is accounted and delivered");
        return ExitCode.OK;
    }

    // What it holds is neither accounted nor delivered before it runs again.
    private static String tell(NodeStatus.Component one) {
        boolean isWaitedFor = one.isToStop() && !one.state().equals("drained");
        return one.name()
                + " "
                + one.state()
                + (isWaitedFor ? " (waiting for it; run: narwhal start " + one.name() + ")" : "");
    }

    private static String tell(NodeStatus status) {
        long bytes = status.processed().stream().mapToLong(one -> one.lag()).sum();
        return "draining: "
                + bytes
                + " bytes to go; "
                + status.components().stream()
                        .map(DrainCommand::tell)
                        .collect(Collectors.joining(", "));
    }
}
