package io.narwhal.cli;

import io.narwhal.component.Kind;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.NodeManager;

import java.nio.file.Path;
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
        List<String> command = new ArrayList<>();
        command.add(java());
        command.add("-Xmx" + heapBytes(kind) / MIB + "m");
        command.add("-Xms" + Math.min(32, heapBytes(kind) / MIB) + "m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-XX:TieredStopAtLevel=" + (kind == Kind.OUTPUT ? 1 : 4));
        command.add("-Xshare:auto");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Djava.io.tmpdir=" + layout.data().resolve("tmp"));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(ComponentMain.class.getName());
        command.add(component);
        command.add(config.source().file().toString());
        command.add(layout.data().toAbsolutePath().toString());
        command.add(Integer.toString(sockets));
        return command;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private long heapBytes(Kind kind) {
        return switch (kind) {
            case COLLECTOR -> config.memory().collectorBytes();
            case ACCOUNTING -> config.memory().accountingBytes();
            case OUTPUT -> config.memory().outputBytes();
        };
    }
}
