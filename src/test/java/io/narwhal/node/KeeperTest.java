package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.InFlight;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.ServiceManager;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Parking;
import io.narwhal.component.Sockets;
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
import java.nio.file.Files;
import java.nio.file.Path;

/** R20: the sockets while every other process of the node is dead. */
@Timeout(30)
class KeeperTest {
    @TempDir Path directory;
    private final NodeManager.Host host =
            new NodeManager.Host(Disk.system(), Net.system(), Processes.system(), Clock.system());
    private NodeLayout layout;
    private NodeConfig config;
    private Keeper keeper;
    private int port;

    @BeforeEach
    void prepare() throws IOException {
        if (!host.net().canShare()) {
            System.out.println("skipped: sockets cannot be shared on this system");
        }
        Assumptions.assumeTrue(host.net().canShare());
        try (var socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            port = socket.getLocalPort();
        }
        String yaml =
                """
                node: edge-1
                data: ./data
                collectors: { flows: { protocol: netflow, listen: "127.0.0.1:%d", sockets: 2 } }
                usage: { by-pair: { keys: [src_addr], bin: 1m, close-after: 5m } }
                """;
        Path file = directory.resolve("narwhal.yaml");
        config = ((Loaded.Valid) ConfigLoader.load(file, yaml.formatted(port))).config();
        layout = new NodeLayout(config.data());
        host.disk().createDirectories(layout.run());
        host.disk().createDirectories(layout.logs());
        keeper = new Keeper(host, layout);
    }

    @AfterEach
    void end() {
        if (keeper != null) {
            keeper.dismiss();
            keeper.awaitEnd();
        }
    }

    private Sockets takeOrBind() {
        return Sockets.takeOrBind(
                config,
                layout,
                host.disk(),
                host.net(),
                host.processes(),
                new Parking(ServiceManager.none(), host.net(), config));
    }

    /** The manager binds, starts the keeper and dies, and every component with it. */
    private void holdAndDie() throws IOException {
        try (Sockets sockets = takeOrBind()) {
            keeper.hold(sockets.descriptors(config), sockets.heldByChild(config));
        }
        awaitFile("");
    }

    // It writes its number when it runs, a moment after it was started.
    private String awaitFile(String other) throws IOException {
        while (true) {
            String text = Files.exists(layout.keeper()) ? Files.readString(layout.keeper()) : "";
            if (text.endsWith("\n") && !text.equals(other)) {
                return text;
            }
            Thread.onSpinWait();
        }
    }

    private void send(int datagrams) throws IOException {
        for (int i = 0; i < datagrams; i++) {
            try (var socket = new DatagramSocket()) { // each its own, for both sockets to get some
                var to = InetAddress.getByName("127.0.0.1");
                socket.send(new DatagramPacket(new byte[10], 10, to, port));
            }
        }
    }

    private int received(Sockets sockets) {
        int count = 0;
        try (var area = InFlight.inMemory()) {
            for (ComponentPage.Held held : sockets.held()) {
                var socket = host.net().inherited(held.descriptor(), port);
                for (int n = 1; n > 0; count += n) {
                    n = socket.receive(area, 1);
                }
            }
        }
        return count;
    }

    @Test
    void whatIsQueuedWaitsAtTheKeeperWhenAllElseIsKilled() throws IOException {
        holdAndDie();
        send(20);
        try (Sockets sockets = takeOrBind()) {
            assertThat(received(sockets)).isEqualTo(20);
        }
    }

    @Test
    void aKeeperThatItsManagerHadNoTimeToNoteIsFoundByItsFile() throws IOException {
        holdAndDie();
        host.disk().delete(layout.page(Keeper.PAGE));
        send(20);
        try (Sockets sockets = takeOrBind()) {
            assertThat(sockets.held()).hasSize(2).doesNotHaveDuplicates();
            assertThat(received(sockets)).isEqualTo(20);
        }
    }

    @Test
    void aFileThatNamesAnyOtherProcessHarmsNothing() throws IOException {
        Files.writeString(layout.keeper(), ProcessHandle.current().pid() + "\n");
        takeOrBind().close();
        Files.writeString(layout.keeper(), "no number");
        takeOrBind().close();
        Files.writeString(layout.keeper(), "999999999\n");
        takeOrBind().close();
    }

    @Test
    void aKeeperThatIsDismissedLetsGo() throws IOException {
        holdAndDie();
        keeper.dismiss();
        keeper.awaitEnd();
        host.net().bind("127.0.0.1", port, 1 << 16).close();
    }

    @Test
    void aKeeperEndsWhenAnotherTakesItsPlace() throws IOException {
        holdAndDie();
        String first = Files.readString(layout.keeper());
        var second = new Keeper(host, layout);
        try (Sockets sockets = takeOrBind()) {
            second.hold(sockets.descriptors(config), sockets.heldByChild(config));
        }
        awaitFile(first);
        keeper.awaitEnd();
        assertThat(host.processes().find(Long.parseLong(first.strip()))).isEmpty();
        send(5);
        try (Sockets sockets = takeOrBind()) {
            assertThat(received(sockets)).isEqualTo(5);
        }
        second.dismiss();
        second.awaitEnd();
    }
}
