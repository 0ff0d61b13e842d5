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
import io.narwhal.config.NodeConfig;
import io.narwhal.node.ConfigurationCopy;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/** What the node manager starts; not for people. */
@Command(
        name = ComponentCommand.NAME,
        hidden = true,
        description = "Run one component of a node; the node manager does this.")
final class ComponentCommand implements Callable<Integer> {
    static final String NAME = "component";

    @Parameters(paramLabel = "COMPONENT", description = "Its name in the configuration.")
    private String component = "";

    @Option(
            names = "--config",
            required = true,
            description = "Where the configuration came from; paths in it are relative to it.")
    private Path config = Path.of("");

    @Option(names = "--data", required = true, description = "The node's data directory.")
    private Path data = Path.of("");

    @Override
    public Integer call() {
        Disk disk = Disk.system();
        var layout = new NodeLayout(data);
        NodeConfig node =
                switch (ConfigLoader.load(config, ConfigurationCopy.read(disk, layout))) {
                    case Loaded.Valid(var valid, var _) -> valid;
                    case Loaded.Invalid(var problems) -> throw new ConfigurationRejected(problems);
                };
        var environment =
                new Environment(
                        node, layout, disk, Net.system(), Processes.system(), Clock.system());
        return new ComponentProcess(component, environment).run();
    }
}
