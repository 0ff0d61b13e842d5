package io.narwhal.node;

import io.narwhal.base.DiskFailure;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamHandle;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Parking;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
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
import java.util.Optional;

/**
 * Holds a duplicate of every connection of the node's collectors, and of the sockets by which they
 * listen for connections, so that they outlive a collector that is killed: its successor takes them
 * back and goes on. What is in a connection's queue survives with it. A TLS connection cannot be
 * gone on with, so only its listening socket is held.
 */
final class StreamKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamKeeper.class);

    private final NodeManager.Host host;
    private final Parking parking;
    private final List<Place> places = new ArrayList<>();

    StreamKeeper(NodeManager.Host host, NodeLayout layout, NodeConfig config, Parking parking) {
        this.host = host;
        this.parking = parking;
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
                                wanted(collector, collector.listen().get(i)),
                                collector.transport() == Transport.TCP));
            }
        }
    }

    private static Net.Wanted wanted(CollectorConfig collector, Listen listen) {
        int buffer = (int) Math.min(collector.receiveBufferBytes(), Integer.MAX_VALUE / 2);
        return new Net.Wanted(listen.host(), listen.port(), buffer, false);
    }

    /** Takes what is new, and lets go of what is over. */
    void look() {
        places.forEach(Place::look);
        parking.dropUnclaimed();
    }

    @Override
    public void close() {
        places.forEach(Place::close);
    }

    /** One listening address. */
    private final class Place {
        private final Path file;
        private final Net.Wanted wanted;
        private final boolean keepsSessions;
        private final Map<Integer, Kept> sessions = new HashMap<>();
        private @Nullable Kept listener;
        private @Nullable SessionArea area;
        private boolean complained;

        /** A socket that we hold; the cookie is that by which it was asked for. */
        private record Kept(long cookie, StreamHandle handle) {}

        Place(Path file, Net.Wanted wanted, boolean keepsSessions) {
            this.file = file;
            this.wanted = wanted;
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
                                    letGo(entry.getValue());
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
                SessionArea.Handle named,
                Processes.Identity owner,
                boolean listens) {
            if (before != null && before.cookie() == named.cookie()) {
                return before;
            }
            if (before != null) {
                letGo(before);
            }
            if (named.cookie() == 0) {
                return null;
            }
            Optional<StreamHandle> parked = parking.claim(named.cookie(), wanted, listens);
            if (parked.isPresent()) {
                return new Kept(named.cookie(), parked.get());
            }
            return host.processes().isAlive(owner) ? share(named, owner.pid(), listens) : null;
        }

        // The owner may close it, or open something else by that number, while we ask.
        private @Nullable Kept share(SessionArea.Handle named, long pid, boolean listens) {
            try {
                StreamHandle handle =
                        listens
                                ? host.net().shareListener(pid, named.descriptor())
                                : host.net().shareStream(pid, named.descriptor());
                if (handle.cookie() == named.cookie()) {
                    parking.park(handle);
                    return new Kept(named.cookie(), handle);
                }
                handle.close();
                return null;
            } catch (NetFailure e) {
                return null;
            }
        }

        private void letGo() {
            sessions.values().forEach(this::letGo);
            sessions.clear();
            if (listener != null) {
                letGo(listener);
                listener = null;
            }
        }

        private void letGo(Kept kept) {
            parking.forget(kept.cookie());
            kept.handle().close();
        }

        void close() {
            letGo();
            if (area != null) {
                area.close();
            }
        }
    }
}
