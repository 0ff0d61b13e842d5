package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.SmallFile;
import io.narwhal.base.UdpSocket;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.config.NodeConfig;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The listening sockets of a node. Every process of the node holds all of them, whether it reads
 * them or not, so that a socket and what the kernel queues in it live until the last process has
 * died. A component inherits them from the node manager; a new manager takes them from whichever
 * component it finds alive.
 */
public final class Sockets implements AutoCloseable {
    private static final int FIRST_INHERITED = 3;

    // By key of the place.
    private final Map<Long, UdpSocket> sockets = new LinkedHashMap<>();
    private final Set<Long> parked = new HashSet<>();

    private Sockets() {}

    /**
     * Takes every socket of the configuration that is parked or held by a living process of the
     * node, and binds those that are not. The node manager's way.
     *
     * @throws NetFailure when a socket can be neither taken nor bound; none is then held
     */
    public static Sockets takeOrBind(
            NodeConfig config,
            NodeLayout layout,
            Disk disk,
            Net net,
            Processes processes,
            Parking parking) {
        var sockets = new Sockets();
        if (!net.canShare()) {
            return sockets; // each collector binds its own
        }
        try {
            sockets.takeParked(config, parking);
            sockets.take(config, layout, disk, net, processes);
            sockets.takeFromKeeper(config, layout, disk, net, processes);
            for (SocketPlace place : SocketPlace.of(config)) {
                if (sockets.find(place).isEmpty()) {
                    sockets.bind(place, net);
                }
            }
            return sockets;
        } catch (NetFailure e) {
            sockets.close();
            throw e;
        }
    }

    /** The sockets that this process inherited, in the order of {@link #descriptors}. */
    public static Sockets inherited(NodeConfig config, int count, Net net) {
        var sockets = new Sockets();
        int descriptor = FIRST_INHERITED;
        for (SocketPlace place : SocketPlace.of(config)) {
            if (descriptor < FIRST_INHERITED + count) {
                sockets.sockets.put(
                        place.key(), net.inherited(descriptor++, place.listen().port()));
            }
        }
        return sockets;
    }

    /** The descriptors of all sockets in the order of the configuration; none if not sharable. */
    public List<Integer> descriptors(NodeConfig config) {
        return sharable(config).map(place -> socket(place).descriptor()).toList();
    }

    /** What a child that inherits them holds, in the order of {@link #descriptors}. */
    public List<ComponentPage.Held> heldByChild(NodeConfig config) {
        List<ComponentPage.Held> held = new ArrayList<>();
        sharable(config)
                .forEach(
                        place ->
                                held.add(
                                        new ComponentPage.Held(
                                                place.key(),
                                                FIRST_INHERITED + held.size(),
                                                socket(place).cookie())));
        return held;
    }

    private Stream<SocketPlace> sharable(NodeConfig config) {
        return SocketPlace.of(config).stream()
                .filter(place -> find(place).stream().anyMatch(one -> one.descriptor() >= 0));
    }

    private UdpSocket socket(SocketPlace place) {
        return find(place).orElseThrow();
    }

    private void takeParked(NodeConfig config, Parking parking) {
        for (SocketPlace place : SocketPlace.of(config)) {
            parking.find(place)
                    .ifPresent(
                            socket -> {
                                sockets.put(place.key(), socket);
                                parked.add(place.key());
                            });
        }
    }

    private void take(
            NodeConfig config, NodeLayout layout, Disk disk, Net net, Processes processes) {
        for (String file : disk.list(layout.run())) {
            if (file.endsWith(".page")) {
                try (var page = ComponentPage.open(disk, layout.run().resolve(file))) {
                    takeFrom(page, config, net, processes);
                }
            }
        }
    }

    private void takeFrom(ComponentPage page, NodeConfig config, Net net, Processes processes) {
        Processes.Identity owner = page.owner();
        if (owner.pid() == processes.self().pid() || !processes.isAlive(owner)) {
            return;
        }
        List<ComponentPage.Held> held = page.sockets();
        for (SocketPlace place : SocketPlace.of(config)) {
            held.stream()
                    .filter(socket -> socket.key() == place.key())
                    .findFirst()
                    .filter(socket -> isNews(socket, place))
                    .flatMap(socket -> share(owner, socket, place.listen(), net))
                    .ifPresent(socket -> putInstead(place, socket));
        }
    }

    // What a living process reads is the socket of that place, should another one be parked.
    private boolean isNews(ComponentPage.Held held, SocketPlace place) {
        return find(place)
                .map(one -> parked.contains(place.key()) && one.cookie() != held.cookie())
                .orElse(true);
    }

    private void putInstead(SocketPlace place, UdpSocket socket) {
        parked.remove(place.key());
        Optional.ofNullable(sockets.put(place.key(), socket)).ifPresent(UdpSocket::close);
    }

    // Its manager may have died before it wrote the keeper on a page. Then its file tells which
    // process it is, and the sockets themselves tell what they are.
    private void takeFromKeeper(
            NodeConfig config, NodeLayout layout, Disk disk, Net net, Processes processes) {
        Optional<Processes.Identity> keeper = keeper(layout, disk).flatMap(processes::find);
        if (keeper.isEmpty() || SocketPlace.of(config).stream().allMatch(this::isHeld)) {
            return;
        }
        for (int i = 0; i < ComponentPage.SOCKETS_MAX; i++) {
            try (UdpSocket one = net.share(keeper.get().pid(), FIRST_INHERITED + i, 0)) {
                takeIfWanted(one, config, net);
            } catch (NetFailure e) {
                return; // it holds no more
            }
        }
    }

    private void takeIfWanted(UdpSocket one, NodeConfig config, Net net) {
        if (sockets.values().stream().anyMatch(held -> held.cookie() == one.cookie())) {
            return;
        }
        for (SocketPlace place : SocketPlace.of(config)) {
            Optional<UdpSocket> own =
                    isHeld(place)
                            ? Optional.empty()
                            : net.adopt(one.descriptor(), Parking.wanted(place));
            if (own.isPresent()) {
                sockets.put(place.key(), own.get());
                return;
            }
        }
    }

    private boolean isHeld(SocketPlace place) {
        return find(place).isPresent();
    }

    private static Optional<Long> keeper(NodeLayout layout, Disk disk) {
        if (!disk.exists(layout.keeper())) {
            return Optional.empty();
        }
        String text = new String(SmallFile.read(disk, layout.keeper()), StandardCharsets.US_ASCII);
        return text.strip().matches("[0-9]{1,9}")
                ? Optional.of(Long.valueOf(text.strip()))
                : Optional.empty();
    }

    // The process may die, or close its socket and open something else, while we ask.
    private static Optional<UdpSocket> share(
            Processes.Identity owner, ComponentPage.Held held, Listen listen, Net net) {
        try {
            UdpSocket socket = net.share(owner.pid(), held.descriptor(), listen.port());
            if (socket.cookie() == held.cookie()) {
                return Optional.of(socket);
            }
            socket.close();
            return Optional.empty();
        } catch (NetFailure e) {
            return Optional.empty();
        }
    }

    /** Binds a socket for this process. */
    public UdpSocket bind(SocketPlace place, Net net) {
        CollectorConfig collector = place.collector();
        int buffer = (int) Math.min(collector.receiveBufferBytes(), Integer.MAX_VALUE / 2);
        Listen listen = place.listen();
        try {
            if (place.isShared() && isFirst(place)) {
                // Several sockets may have one address, but not some of another program.
                net.bind(listen.host(), listen.port(), buffer).close();
            }
            UdpSocket socket =
                    place.isShared()
                            ? net.bindShared(listen.host(), listen.port(), buffer)
                            : net.bind(listen.host(), listen.port(), buffer);
            sockets.put(place.key(), socket);
            return socket;
        } catch (NetFailure e) {
            throw new NetFailure("collectors." + collector.name() + ".listen: " + e.getMessage());
        }
    }

    private boolean isFirst(SocketPlace place) {
        return SocketPlace.of(place.collector()).stream()
                .filter(other -> other.listen().equals(place.listen()))
                .allMatch(other -> find(other).isEmpty());
    }

    /** The socket of that place, if this process holds it. */
    public Optional<UdpSocket> find(SocketPlace place) {
        return Optional.ofNullable(sockets.get(place.key()));
    }

    /** What is to stand on this process's page. */
    public List<ComponentPage.Held> held() {
        List<ComponentPage.Held> held = new ArrayList<>();
        sockets.forEach(
                (key, socket) -> {
                    if (socket.descriptor() >= 0) {
                        held.add(new ComponentPage.Held(key, socket.descriptor(), socket.cookie()));
                    }
                });
        return held;
    }

    /** Lets go of all sockets; from any thread, once or more often. */
    @Override
    public synchronized void close() {
        sockets.values().forEach(UdpSocket::close);
        sockets.clear();
    }
}
