package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.NodeConfig;
import io.narwhal.output.DuckDb;

import java.nio.file.Path;

/**
 * A database engine for one command, with scratch space of its own that goes when the command ends.
 *
 * @param duck the engine
 */
record LedgerAccess(DuckDb duck, Disk disk, Path scratch) implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int MEMORY_MIB = 1024;

    static LedgerAccess open(NodeConfig config, Disk disk) {
        var layout = new NodeLayout(config.data());
        if (!disk.exists(layout.run())) {
            throw new NodeNeverRan(
                    "node "
                            + config.node()
                            + " has never run on "
                            + config.data()
                            + "; start it with: narwhal run --config "
                            + config.source().file());
        }
        Path scratch = layout.scratch("command-" + Processes.system().self().pid());
        disk.createDirectories(scratch);
        disk.createDirectories(layout.natives());
        return new LedgerAccess(
                DuckDb.open(
                        disk, new DuckDb.Settings(layout.natives(), scratch, THREADS, MEMORY_MIB)),
                disk,
                scratch);
    }

    /** There is nothing to look at yet. */
    static final class NodeNeverRan extends RuntimeException {
        NodeNeverRan(String message) {
            super(message);
        }
    }

    @Override
    public void close() {
        duck.close();
        disk.list(scratch).forEach(name -> disk.delete(scratch.resolve(name)));
        disk.delete(scratch);
    }
}
