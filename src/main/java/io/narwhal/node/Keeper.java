package io.narwhal.node;

import io.narwhal.base.DiskFailure;
import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.NodeLayout;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.List;

/**
 * A shell that does nothing but hold the node's sockets, so that they outlive even the death of all
 * other processes: a node manager takes a second to start, and whoever kills every component within
 * that second must not empty the kernel's queue. It ends by itself when another keeper has taken
 * its place, when it was dismissed, or when the data directory is gone: all of that shows in the
 * one file that it looks at.
 */
final class Keeper {
    /** Name of its page. */
    static final String PAGE = "_keeper"; // no component may be called so

    private static final long END_MS_MAX = 2_000;
    private static final long LOOK_MS = 20;
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    // On a full disk the file has nothing in it. Then whoever holds the sockets goes on holding
    // them.
    static final String LOOP =
            "echo $$ >\"$0\"; while k=$(cat \"$0\" 2>/dev/null) && [ \"${k:-$$}\" = $$ ];"
                    + " do sleep 0.5; done";

    private final NodeManager.Host host;
    private final NodeLayout layout;
    private Processes.@Nullable Identity process;

    Keeper(NodeManager.Host host, NodeLayout layout) {
        this.host = host;
        this.layout = layout;
    }

    /** Starts a keeper in the place of the one that there may be. */
    void hold(List<Integer> descriptors, List<ComponentPage.Held> held) {
        if (descriptors.isEmpty()) {
            return; // sockets cannot be shared on this system
        }
        try (var page = ComponentPage.open(host.disk(), layout.page(PAGE))) {
            Processes.Identity keeper =
                    host.processes()
                            .start(
                                    List.of("/bin/sh", "-c", LOOP, file().toString()),
                                    layout.log(PAGE),
                                    descriptors);
            process = keeper;
            page.claim(keeper);
            page.setSockets(held);
        } catch (DiskFailure e) {
            LOG.warn("{}; the components alone hold the sockets", e.getMessage());
        }
    }

    /** Lets the keeper end, and the sockets with it. */
    void dismiss() {
        host.disk().delete(file());
    }

    /** Waits until the keeper that was dismissed has ended, which it does within a second. */
    void awaitEnd() {
        for (long waitedMs = 0; isAlive() && waitedMs < END_MS_MAX; waitedMs += LOOK_MS) {
            host.clock().sleepMillis(LOOK_MS);
        }
    }

    private boolean isAlive() {
        return process != null && host.processes().isAlive(process);
    }

    private Path file() {
        return layout.keeper().toAbsolutePath();
    }
}
