package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.component.ComponentProcess;
import io.narwhal.component.Environment;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.node.ConfigurationCopy;

import org.slf4j.LoggerFactory;

import java.nio.file.Path;

/**
 * The program that the node manager starts for a component; not for people. It has no command line
 * to speak of, since parsing one would take a third of the time that a component needs to start.
 */
final class ComponentMain {
    private ComponentMain() {}

    /** The first word on the command line of a component's process. */
    static final String COMMAND = "component";

    /**
     * Runs a component.
     *
     * @param args {@link #COMMAND}; name of the component; where the configuration came from; the
     *     data directory; how many sockets are inherited
     * @return the exit code
     */
    static int run(String... args) {
        return run(args[1], Path.of(args[2]), Path.of(args[3]), Integer.parseInt(args[4]));
    }

    private static int run(String component, Path config, Path data, int sockets) {
        Net net = Net.system();
        // Each takes as long as the configuration, and none needs another.
        inPassing("prepare-net", net::prepare);
        inPassing("prepare-log", () -> LoggerFactory.getLogger(ComponentMain.class));
        Disk disk = Disk.system();
        var layout = new NodeLayout(data);
        return switch (ConfigLoader.load(config, ConfigurationCopy.read(disk, layout))) {
            case Loaded.Valid(var node, var _) ->
                    new ComponentProcess(
                                    component,
                                    sockets,
                                    new Environment(
                                            node,
                                            layout,
                                            disk,
                                            net,
                                            Processes.system(),
                                            Clock.system()))
                            .run();
            case Loaded.Invalid(var problems) -> {
                problems.forEach(System.err::println);
                yield ExitCode.USAGE;
            }
        };
    }

    private static void inPassing(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }
}
