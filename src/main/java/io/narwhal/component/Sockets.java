package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.UdpSocket;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.config.NodeConfig;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The listening sockets of a node. Every process of the node holds all of them, whether it reads
 * them or not, so that a socket and what the kernel queues in it live until the last process has
 * died. A component inherits them from the node manager; a new manager takes them from whichever
 * component it finds alive.
 */
public final class Sockets implements AutoCloseable {
    private static final int FIRST_INHERITED = 3;

    private final Map<Listen, UdpSocket> sockets = new LinkedHashMap<>();

    private Sockets() {}

    /** Identity of a place to listen, the same in every process: FNV-1a, 64 bits, of its text. */
    static long key(Listen listen) {
        long hash = 0xcbf29ce484222325L;
        for (char c : listen.toString().toCharArray()) {
            hash = (hash ^ c) * 0x100000001b3L;
        }
        return hash;
    }

    /**
     * Takes every socket of the configuration from a living process of the node, and binds those
     * that none holds. The node manager's way.
     *
     * @throws NetFailure when a socket can be neither taken nor bound; none is then held
     */
    public static Sockets takeOrBind(
            NodeConfig config, NodeLayout layout, Disk disk, Net net, Processes processes) {
        var sockets = new Sockets();
        if (!net.canShare()) {
            return sockets; // each collector binds its own
        }
        try {
            sockets.take(config, layout, disk, net, processes);
            for (CollectorConfig collector : config.collectors()) {
                for (Listen listen : collector.listen()) {
                    if (!sockets.sockets.containsKey(listen)) {
                        sockets.bind(collector, listen, net);
                    }
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
        for (CollectorConfig collector : config.collectors()) {
            for (Listen listen : collector.listen()) {
                if (descriptor < FIRST_INHERITED + count) {
                    sockets.sockets.put(listen, net.inherited(descriptor++, listen.port()));
                }
            }
        }
        return sockets;
    }

    /** The descriptors of all sockets in the order of the configuration; none if not sharable. */
    public List<Integer> descriptors(NodeConfig config) {
        List<Integer> descriptors = new ArrayList<>();
        for (CollectorConfig collector : config.collectors()) {
            for (Listen listen : collector.listen()) {
                find(listen)
                        .filter(socket -> socket.descriptor() >= 0)
                        .ifPresent(socket -> descriptors.add(socket.descriptor()));
            }
        }
        return descriptors;
    }

    /** What a child that inherits them holds, in the order of {@link #descriptors}. */
    public List<ComponentPage.Held> heldByChild(NodeConfig config) {
        List<ComponentPage.Held> held = new ArrayList<>();
        for (CollectorConfig collector : config.collectors()) {
            for (Listen listen : collector.listen()) {
                find(listen)
                        .filter(socket -> socket.descriptor() >= 0)
                        .ifPresent(
                                socket ->
                                        held.add(
                                                new ComponentPage.Held(
                                                        key(listen),
                                                        FIRST_INHERITED + held.size(),
                                                        socket.cookie())));
            }
        }
        return held;
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
        for (CollectorConfig collector : config.collectors()) {
            for (Listen listen : collector.listen()) {
                if (!sockets.containsKey(listen)) {
                    held.stream()
                            .filter(socket -> socket.key() == key(listen))
                            .findFirst()
                            .flatMap(socket -> share(owner, socket, listen, net))
                            .ifPresent(socket -> sockets.put(listen, socket));
                }
            }
        }
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

    /** Binds a socket of this collector for this process. */
    public UdpSocket bind(CollectorConfig collector, Listen listen, Net net) {
        try {
            UdpSocket socket =
                    net.bind(
                            listen.host(),
                            listen.port(),
                            (int) Math.min(collector.receiveBufferBytes(), Integer.MAX_VALUE / 2));
            sockets.put(listen, socket);
            return socket;
        } catch (NetFailure e) {
            throw new NetFailure("collectors." + collector.name() + ".listen: " + e.getMessage());
        }
    }

    /** The socket that listens there, if this process holds it. */
    public Optional<UdpSocket> find(Listen listen) {
        return Optional.ofNullable(sockets.get(listen));
    }

    /** What is to stand on this process's page. */
    public List<ComponentPage.Held> held() {
        List<ComponentPage.Held> held = new ArrayList<>();
        sockets.forEach(
                (listen, socket) -> {
                    if (socket.descriptor() >= 0) {
                        held.add(
                                new ComponentPage.Held(
                                        key(listen), socket.descriptor(), socket.cookie()));
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
