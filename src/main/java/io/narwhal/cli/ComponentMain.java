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

import java.nio.file.Path;

/**
 * The program that the node manager starts for a component; not for people. It has no command line
 * to speak of, since parsing one would take a third of the time that a component needs to start.
 */
public final class ComponentMain {
    private ComponentMain() {}

    /**
     * Runs a component and ends the process with its exit code.
     *
     * @param args name of the component; where the configuration came from; the data directory; how
     *     many sockets are inherited
     */
    public static void main(String[] args) {
        System.exit(run(args[0], Path.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3])));
    }

    private static int run(String component, Path config, Path data, int sockets) {
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
                                            Net.system(),
                                            Processes.system(),
                                            Clock.system()))
                            .run();
            case Loaded.Invalid(var problems) -> {
                problems.forEach(System.err::println);
                yield ExitCode.USAGE;
            }
        };
    }
}
