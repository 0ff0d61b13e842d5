package io.narwhal.node;

import io.narwhal.base.DiskFailure;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamHandle;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.record.Transport;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds a duplicate of every connection of the node's collectors, and of the sockets by which they
 * listen for connections, so that they outlive a collector that is killed: its successor takes them
 * back and goes on. What is in a connection's queue survives with it. A TLS connection cannot be
 * gone on with, so only its listening socket is held.
 */
final class StreamKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamKeeper.class);

    private final NodeManager.Host host;
    private final List<Place> places = new ArrayList<>();

    StreamKeeper(NodeManager.Host host, NodeLayout layout, NodeConfig config) {
        this.host = host;
        if (!host.net().canShare()) {
            return;
        }
        for (CollectorConfig collector : config.collectors()) {
            for (int i = 0;
                    collector.transport().isSession() && i < collector.listen().size();
                    i++) {
                places.add(
                        new Place(
                                layout.sessions(collector.name(), i),
                                collector.transport() == Transport.TCP));
            }
        }
    }

    /** Takes what is new, and lets go of what is over. */
    void look() {
        places.forEach(Place::look);
    }

    @Override
    public void close() {
        places.forEach(Place::close);
    }

    /** One listening address. */
    private final class Place {
        private final Path file;
        private final boolean keepsSessions;
        private final Map<Integer, Kept> sessions = new HashMap<>();
        private @Nullable Kept listener;
        private @Nullable SessionArea area;
        private boolean complained;

        /** A socket that we hold; the cookie is that by which it was asked for. */
        private record Kept(long cookie, StreamHandle handle) {}

        Place(Path file, boolean keepsSessions) {
            this.file = file;
            this.keepsSessions = keepsSessions;
        }

        void look() {
            if (area == null) {
                area = open();
            }
            SessionArea seen = area;
            if (seen == null || !seen.isOf(host.processes().boot())) {
                return;
            }
            if (!seen.keeper().equals(host.processes().self())) {
                letGo();
                seen.keep(host.processes().self());
            }
            Processes.Identity owner = seen.owner();
            listener = keep(listener, seen.listener(), owner, true);
            seen.keepListener(listener == null ? -1 : listener.handle().descriptor());
            int used = keepsSessions ? seen.used() : 0;
            for (int number = 0; number < used; number++) {
                keepSession(seen, number, owner);
            }
            sessions.entrySet()
                    .removeIf(
                            entry -> {
                                boolean over = entry.getKey() >= used;
                                if (over) {
                                    entry.getValue().handle().close();
                                }
                                return over;
                            });
        }

        private @Nullable SessionArea open() {
            try {
                return host.net().lookAtSessions(file).orElse(null);
            } catch (DiskFailure e) {
                if (!complained) {
                    LOG.warn("{}; its connections are not kept", e.getMessage());
                    complained = true;
                }
                return null;
            }
        }

        private void keepSession(SessionArea seen, int number, Processes.Identity owner) {
            Kept before = sessions.remove(number);
            Kept now = keep(before, seen.session(number), owner, false);
            if (now != null) {
                sessions.put(number, now);
            }
            seen.keepSession(number, now == null ? -1 : now.handle().descriptor());
        }

        private @Nullable Kept keep(
                @Nullable Kept before,
                SessionArea.Handle wanted,
                Processes.Identity owner,
                boolean listens) {
            if (before != null && before.cookie() == wanted.cookie()) {
                return before;
            }
            if (before != null) {
                before.handle().close();
            }
            return wanted.cookie() == 0 || !host.processes().isAlive(owner)
                    ? null
                    : share(wanted, owner.pid(), listens);
        }

        // The owner may close it, or open something else by that number, while we ask.
        private @Nullable Kept share(SessionArea.Handle wanted, long pid, boolean listens) {
            try {
                StreamHandle handle =
                        listens
                                ? host.net().shareListener(pid, wanted.descriptor())
                                : host.net().shareStream(pid, wanted.descriptor());
                if (handle.cookie() == wanted.cookie()) {
                    return new Kept(wanted.cookie(), handle);
                }
                handle.close();
                return null;
            } catch (NetFailure e) {
                return null;
            }
        }

        private void letGo() {
            sessions.values().forEach(kept -> kept.handle().close());
            sessions.clear();
            if (listener != null) {
                listener.handle().close();
                listener = null;
            }
        }

        void close() {
            letGo();
            if (area != null) {
                area.close();
            }
        }
    }
}
