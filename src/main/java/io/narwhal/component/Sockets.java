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
 * The listening sockets of a node. Every process of the node holds all of them, whether it reads them
 * or not, so that a socket and what the kernel queues in it live until the last process has died. A
 * new process takes them from whichever one it finds alive.
 */
public final class Sockets implements AutoCloseable {
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
     * Takes every socket of the configuration from a living process of the node, and binds those that
     * none holds. The node manager's way.
     *
     * @throws NetFailure when a socket can be neither taken nor bound; none is then held
     */
    public static Sockets takeOrBind(
            NodeConfig config, NodeLayout layout, Disk disk, Net net, Processes processes) {
        var sockets = take(config, layout, disk, net, processes);
        if (!net.canShare()) {
            return sockets; // each collector binds its own
        }
        try {
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

    /** Takes the sockets that living processes of the node hold, and no others. */
    public static Sockets take(
            NodeConfig config, NodeLayout layout, Disk disk, Net net, Processes processes) {
        var sockets = new Sockets();
        if (!net.canShare()) {
            return sockets;
        }
        for (String file : disk.list(layout.run())) {
            if (file.endsWith(".page")) {
                try (var page = ComponentPage.open(disk, layout.run().resolve(file))) {
                    sockets.takeFrom(page, config, net, processes);
                }
            }
        }
        return sockets;
    }

    private void takeFrom(
            ComponentPage page, NodeConfig config, Net net, Processes processes) {
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

    /** Lets go of all sockets. */
    @Override
    public void close() {
        sockets.values().forEach(UdpSocket::close);
        sockets.clear();
    }
}
