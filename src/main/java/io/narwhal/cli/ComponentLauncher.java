package io.narwhal.cli;

import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.NodeManager;

import java.util.ArrayList;
import java.util.List;

/** The command line of a component: this very program, as its own process with its own memory. */
final class ComponentLauncher implements NodeManager.Launcher {
    private static final long MIB = 1 << 20;

    private final NodeConfig config;
    private final NodeLayout layout;

    ComponentLauncher(NodeConfig config) {
        this.config = config;
        this.layout = new NodeLayout(config.data());
    }

    @Override
    public List<String> command(String component, Kind kind, int sockets) {
        List<String> options = new ArrayList<>();
        options.add("-Xmx" + heapBytes(kind) / MIB + "m");
        options.add("-Xms" + Math.min(32, heapBytes(kind) / MIB) + "m");
        options.add("-XX:+ExitOnOutOfMemoryError");
        // Only these have loops that repay the better compiler's own work.
        boolean repays =
                switch (kind) {
                    case ACCOUNTING, MANAGER, AGENT -> true;
                    case COLLECTOR, OUTPUT -> false;
                };
        options.add("-XX:TieredStopAtLevel=" + (repays ? 4 : 1));
        ThisProgram.classArchive(archive(kind)).ifPresent(options::add);
        List<String> command = new ArrayList<>(ThisProgram.command(options));
        command.add(ComponentMain.COMMAND);
        command.add(component);
        command.add(config.source().file().toString());
        command.add(layout.data().toAbsolutePath().toString());
        command.add(Integer.toString(sockets));
        return command;
    }

    // The node manager has one by that name itself: packaging/archives makes them.
    private static String archive(Kind kind) {
        return switch (kind) {
            case COLLECTOR, ACCOUNTING, OUTPUT -> kind.label();
            case MANAGER -> NodeConfig.PULL;
            case AGENT -> NodeConfig.SERVE;
        };
    }

    private long heapBytes(Kind kind) {
        return switch (kind) {
            case COLLECTOR -> config.memory().collectorBytes();
            case ACCOUNTING -> config.memory().accountingBytes();
            case OUTPUT -> config.memory().outputBytes();
            case MANAGER, AGENT -> config.memory().transferBytes();
        };
    }
}
