package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Disk;
import io.narwhal.base.FakeServices;
import io.narwhal.base.InFlight;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.ServiceManager;
import io.narwhal.base.StreamHandle;
import io.narwhal.base.UdpSocket;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** R20, R21: sockets that outlive every process of the node, at the service manager. */
@Timeout(30)
class ParkingTest {
    private static final long COOKIE_NONE = 1;

    @TempDir Path directory;
    private final Net net = Net.system();
    private final Disk disk = Disk.system();
    private final Processes processes = Processes.system();
    private FakeServices services = new FakeServices(0);
    private int port;

    @BeforeEach
    void prepare() throws IOException {
        if (!net.canShare()) {
            System.out.println("skipped: sockets cannot be shared on this system");
        }
        Assumptions.assumeTrue(net.canShare());
        port = freePort();
        disk.createDirectories(directory.resolve("data").resolve("run"));
    }

    @AfterEach
    void letGo() {
        services.stop();
    }

    private static int freePort() throws IOException {
        try (var socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            return socket.getLocalPort();
        }
    }

    private NodeConfig config(int port, String more) {
        return config("\"127.0.0.1:" + port + "\"", more);
    }

    private NodeConfig config(String listen, String more) {
        String yaml =
                """
                node: edge-1
                data: ./data
                collectors: { flows: { protocol: netflow, listen: %s } }
                usage: { by-pair: { keys: [src_addr], bin: 1m, close-after: 5m } }
                """;
        Path file = directory.resolve("narwhal.yaml");
        return ((Loaded.Valid) ConfigLoader.load(file, yaml.formatted(listen + more))).config();
    }

    /** What a node manager does that systemd starts. */
    private Sockets start(NodeConfig config) {
        services = services.restart();
        var parking = new Parking(services, net, config);
        Sockets sockets = take(config, parking);
        parking.settle(config, sockets);
        return sockets;
    }

    private Sockets take(NodeConfig config, Parking parking) {
        var layout = new NodeLayout(config.data());
        return Sockets.takeOrBind(config, layout, disk, net, processes, parking);
    }

    private static UdpSocket only(Sockets sockets, NodeConfig config) {
        return sockets.find(SocketPlace.of(config).getFirst()).orElseThrow();
    }

    private void send(int datagrams) throws IOException {
        try (var socket = new DatagramSocket()) {
            for (int i = 0; i < datagrams; i++) {
                var to = InetAddress.getByName("127.0.0.1");
                socket.send(new DatagramPacket(new byte[10], 10, to, port));
            }
        }
    }

    private int received(UdpSocket socket) {
        try (var area = InFlight.inMemory()) {
            return socket.receive(area, 1);
        }
    }

    @Test
    void aQueueOutlivesEveryProcessOfTheNode() throws IOException {
        NodeConfig config = config(port, "");
        start(config).close(); // whoever held it was killed
        send(3);
        try (Sockets sockets = start(config)) {
            assertThat(received(only(sockets, config))).isEqualTo(3);
        }
        send(2);
        try (Sockets sockets = start(config)) {
            assertThat(received(only(sockets, config))).isEqualTo(2);
        }
        assertThat(services.stored()).hasSize(1);
    }

    @Test
    void aSocketThatTheConfigurationNoLongerWantsIsLetGo() throws IOException {
        start(config(port, "")).close();
        start(config(freePort(), "")).close();
        assertThat(services.stored()).hasSize(1);
        net.bind("127.0.0.1", port, 1 << 16).close(); // nobody has it
    }

    @Test
    void oneSocketIsNotMadeOneOfSeveral() {
        start(config(port, "")).close();
        NodeConfig several = config(port, ", sockets: 3");
        try (Sockets sockets = start(several)) {
            assertThat(sockets.held()).hasSize(3);
            assertThat(services.stored()).hasSize(3);
        }
        try (Sockets sockets = start(config(port, ""))) {
            assertThat(sockets.held()).hasSize(1);
            assertThat(services.stored()).hasSize(1);
        }
    }

    @Test
    void anotherReceiveBufferIsAskedForAtAnySocket() {
        start(config(port, ", receive-buffer: 1MiB")).close();
        NodeConfig config = config(port, ", receive-buffer: 128KiB");
        try (Sockets sockets = start(config)) {
            assertThat(only(sockets, config).receiveBufferBytes()).isEqualTo(2 * 128 * 1024);
        }
    }

    @Test
    void whatIsNoSocketOfOursIsClosedAndForgotten() {
        try (var stranger = net.bind("127.0.0.1", 0, 1 << 16)) {
            NodeConfig config = config(port, "");
            String name;
            try (Sockets ignored = start(config)) {
                name = services.stored().getFirst();
            }
            services.remove(name);
            services.store(name, stranger.descriptor()); // by the right name
            services.store("something", stranger.descriptor());
            try (Sockets sockets = start(config)) {
                assertThat(only(sockets, config).cookie()).isNotEqualTo(stranger.cookie());
                assertThat(services.stored()).containsExactly(name);
            }
        }
    }

    @Test
    void aFailedAttemptToBindLeavesWhatIsParkedForTheNext() throws IOException {
        int other = freePort();
        start(config(port, "")).close();
        send(1);
        NodeConfig both = config("[\"127.0.0.1:" + port + "\", \"127.0.0.1:" + other + "\"]", "");
        services = services.restart();
        var parking = new Parking(services, net, both);
        try (var _ = net.bind("127.0.0.1", other, 1 << 16)) {
            assertThatThrownBy(() -> take(both, parking)).hasMessageContaining("is in use");
        }
        try (Sockets sockets = take(both, parking)) {
            parking.settle(both, sockets);
            assertThat(received(only(sockets, both))).isEqualTo(1);
            assertThat(services.stored()).hasSize(2);
        }
    }

    @Test
    void aDrainGivesThePortsBack() {
        NodeConfig config = config(port, "");
        services = services.restart();
        var parking = new Parking(services, net, config);
        Sockets sockets = take(config, parking);
        parking.settle(config, sockets);
        sockets.close();
        parking.release();
        assertThat(services.stored()).isEmpty();
        net.bind("127.0.0.1", port, 1 << 16).close();
    }

    @Test
    void theSocketThatALivingProcessReadsGoesBeforeTheParkedOne() {
        processes.allowSharing();
        NodeConfig config = config(port, ", sockets: 2");
        SocketPlace place = SocketPlace.of(config).getFirst();
        start(config).close();
        UdpSocket read = net.bindShared("127.0.0.1", port, 1 << 16);
        long cookie = read.cookie();
        Processes.Identity reader =
                processes.start(
                        List.of("/bin/sleep", "60"),
                        directory.resolve("log"),
                        List.of(read.descriptor()));
        read.close();
        var layout = new NodeLayout(config.data());
        try (var page = ComponentPage.open(disk, layout.page("flows"))) {
            page.claim(reader);
            page.setSockets(List.of(new ComponentPage.Held(place.key(), 3, cookie)));
            try (Sockets sockets = start(config)) {
                assertThat(only(sockets, config).cookie()).isEqualTo(cookie);
            }
            processes.kill(reader);
            while (processes.isAlive(reader)) {
                Thread.onSpinWait();
            }
            try (Sockets sockets = start(config)) {
                assertThat(only(sockets, config).cookie()).as("parked then").isEqualTo(cookie);
            }
        } finally {
            processes.kill(reader);
        }
    }

    @Test
    void aStreamSocketIsClaimedByItsCookieAtItsAddress() {
        NodeConfig config = config(port, "");
        try (var listener = net.listen("127.0.0.1", port, 1 << 16)) {
            new Parking(services, net, config).park(listener);
            long cookie = listener.cookie();
            assertThat(claim(cookie, port, true)).isPresent();
            assertThat(claim(COOKIE_NONE, port, true)).isEmpty();
            assertThat(services.stored()).hasSize(1);
            assertThat(claim(cookie, port, false)).as("no connection").isEmpty();
            assertThat(services.stored()).isEmpty();

            new Parking(services, net, config).park(listener);
            assertThat(claim(cookie, port == 65_535 ? 1 : port + 1, true)).isEmpty();
            assertThat(services.stored()).isEmpty();
        }
    }

    private Optional<Long> claim(long cookie, int at, boolean listens) {
        services = services.restart();
        var parking = new Parking(services, net, config(port, ""));
        var wanted = new Net.Wanted("127.0.0.1", at, 1 << 16, false);
        Optional<StreamHandle> claimed = parking.claim(cookie, wanted, listens);
        claimed.ifPresent(StreamHandle::close);
        return claimed.map(ignored -> cookie);
    }

    @Test
    void aStreamSocketThatNobodyClaimsIsLetGo() {
        NodeConfig config = config(port, "");
        try (var listener = net.listen("127.0.0.1", port, 1 << 16)) {
            new Parking(services, net, config).park(listener);
        }
        services = services.restart();
        new Parking(services, net, config).dropUnclaimed();
        assertThat(services.stored()).isEmpty();
        net.listen("127.0.0.1", port, 1 << 16).close();
    }

    @Test
    void withoutAServiceManagerEverySocketIsBoundAnew() throws IOException {
        NodeConfig config = config(port, "");
        for (int i = 0; i < 2; i++) {
            var parking = new Parking(ServiceManager.none(), net, config);
            try (Sockets sockets = take(config, parking)) {
                parking.settle(config, sockets);
                assertThat(received(only(sockets, config))).isZero();
                send(1);
            }
        }
    }
}
