package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.OrderlyEnd;
import io.narwhal.base.Processes;
import io.narwhal.base.ServiceManager;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.NodeManager;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.concurrent.Callable;

/** {@code narwhal run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Run this host's node in the foreground.",
            "",
            "Prints the line 'ready' on standard output once every component runs and every socket"
                + " is bound; everything else goes to standard error. SIGTERM or Ctrl-C stops the"
                + " node in order. If this process is killed its components go on, and the next"
                + " 'narwhal run' takes them over. Without --config the built-in configuration is"
                + " run: NetFlow and IPFIX on port 2055, data in ./narwhal-data."
        },
        footer = {"", "Example:", "", "  narwhal run --config narwhal.yaml"})
final class RunCommand implements Callable<Integer> {
    private static final long AGAIN_MS = 2_000;

    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        NodeConfig config = option.require(console, ConfigOption.Fallback.BUILT_IN);
        Disk disk = Disk.system();
        var services = ServiceManager.system();
        var manager =
                new NodeManager(
                        config,
                        new NodeManager.Host(
                                disk, Net.system(), Processes.system(), Clock.system(), services),
                        new ComponentLauncher(config),
                        this::tell);
        var end = OrderlyEnd.on(manager::stop);
        int code = ExitCode.FAILURE;
        try {
            manager.run(config.source().text());
            code = ExitCode.OK;
        } catch (NodeManager.AlreadyRunning | NetFailure | DiskFailure e) {
            console.err().println("narwhal: " + e.getMessage());
            giveTime(services, String.valueOf(e.getMessage()));
        } finally {
            end.over(code);
        }
        return code;
    }

    // The service starts us again at once, for the sake of what is killed. What fails by itself is
    // to be tried again with less haste.
    private static void giveTime(ServiceManager services, String why) {
        if (services.notify("STATUS=" + why)) {
            Clock.system().sleepMillis(AGAIN_MS);
        }
    }

    private void tell(String line) {
        try {
            console.out().write(line + "\n");
            console.out().flush();
        } catch (IOException e) {
            // Whoever started us does not read; the node runs all the same.
            console.err().println("narwhal: cannot print '" + line + "': " + e.getMessage());
        }
    }
}
