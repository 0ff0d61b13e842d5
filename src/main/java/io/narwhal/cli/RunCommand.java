package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.config.NodeConfig;
import io.narwhal.node.NodeManager;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

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
    private final Console console;

    @Mixin private ConfigOption option = new ConfigOption();

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        NodeConfig config = option.require(console, ConfigOption.Fallback.BUILT_IN);
        Disk disk = Disk.system();
        var manager =
                new NodeManager(
                        config,
                        new NodeManager.Host(
                                disk, Net.system(), Processes.system(), Clock.system()),
                        new ComponentLauncher(config),
                        this::tell);
        var over = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(manager, over), "stop"));
        try {
            manager.run(config.source().text());
        } finally {
            over.countDown();
        }
        return ExitCode.OK;
    }

    private static void stop(NodeManager manager, CountDownLatch over) {
        manager.stop();
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String line) {
        try {
            console.out().write(line + "\n");
            console.out().flush();
        } catch (java.io.IOException e) {
            // Whoever started us does not read; the node runs all the same.
            console.err().println("narwhal: cannot print '" + line + "': " + e.getMessage());
        }
    }
}
