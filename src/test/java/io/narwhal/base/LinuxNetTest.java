package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** R1, R20: batches from the kernel, and sockets that several processes hold. */
@Timeout(30)
class LinuxNetTest {
    private static final int BUFFER_BYTES = 1 << 20;

    @TempDir Path directory;
    private final Net net = Net.system();

    @BeforeEach
    void onlyOnLinux() {
        Linux.assume();
    }

    /** Sends datagrams of these lengths, each filled with its own index. */
    static int send(int port, int... lengths) throws Exception {
        try (var sender = DatagramChannel.open()) {
            sender.bind(new InetSocketAddress("127.0.0.1", 0));
            for (int i = 0; i < lengths.length; i++) {
                byte[] bytes = new byte[lengths[i]];
                Arrays.fill(bytes, (byte) i);
                sender.send(ByteBuffer.wrap(bytes), new InetSocketAddress("127.0.0.1", port));
            }
            return ((InetSocketAddress) sender.getLocalAddress()).getPort();
        }
    }

    @Test
    void aBatchLiesInTheAreaWithSourcesAndLengths() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = net.inFlight(directory.resolve("area"))) {
            area.format(1, 2);
            int from = send(socket.port(), 10, 1_400, 65_507);

            assertThat(socket.receive(area, 1_000)).isEqualTo(3);
            assertThat(List.of(area.length(0), area.length(1), area.length(2), area.length(3)))
                    .containsExactly(10, 1_400, 65_507, 0);
            for (int slot = 0; slot < 3; slot++) {
                var bytes = ByteBuffer.allocate(area.length(slot));
                area.copyTo(slot, bytes);
                assertThat(bytes.array()).containsOnly(slot);
                assertThat(area.sourcePort(slot)).isEqualTo(from);
                assertThat(area.sourceHigh(slot)).isZero();
                assertThat(area.sourceLow(slot)).isEqualTo(0xffff_7f00_0001L);
            }
            assertThat(socket.drops()).isZero();
        }
    }

    @Test
    void whatTheKernelPutIntoAnAreaIsThereForTheNextProcess() throws Exception {
        Path file = directory.resolve("area");
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES)) {
            try (var area = net.inFlight(file)) {
                area.format(1, 2);
                send(socket.port(), 10, 20);
                assertThat(socket.receive(area, 1_000)).isEqualTo(2);
            }
            try (var again = net.inFlight(file)) {
                assertThat(again.isOf(1, 2)).isTrue();
                assertThat(again.length(0)).isEqualTo(10);
                assertThat(again.length(1)).isEqualTo(20);
            }
        }
    }

    @Test
    void nothingIsReceivedWhenNothingComes() {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory()) {
            assertThat(socket.receive(area, 1)).isZero();
        }
    }

    @Test
    void aBatchIsNotLargerThanTheArea() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory()) {
            send(socket.port(), new int[InFlight.SLOTS + 5]); // all of them empty datagrams
            send(socket.port(), 1);
            assertThat(socket.receive(area, 1_000)).isEqualTo(InFlight.SLOTS);
            assertThat(socket.receive(area, 1_000)).isEqualTo(6);
            assertThat(area.length(4)).isZero();
            assertThat(area.length(5)).isEqualTo(1);
        }
    }

    @Test
    void whatTheQueueHadNoRoomForIsCounted() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, 8_192);
                var area = InFlight.inMemory()) {
            int[] lengths = new int[200];
            Arrays.fill(lengths, 1_000);
            send(socket.port(), lengths);
            int received = 0;
            for (int n = 1; n > 0; received += n) {
                n = socket.receive(area, 1);
            }
            assertThat(received).isPositive();
            assertThat(socket.drops()).isPositive().isEqualTo(200 - received);
        }
    }

    @Test
    void severalSocketsOfOneAddressGetEverythingBetweenThem() throws Exception {
        try (var first = net.bindShared("127.0.0.1", 0, BUFFER_BYTES);
                var second = net.bindShared("127.0.0.1", first.port(), BUFFER_BYTES);
                var area = InFlight.inMemory()) {
            int sent = 0;
            int[] received = new int[2];
            // Each sender has its own port; among this many both sockets get some.
            for (; sent < 64; sent++) {
                send(first.port(), 10);
            }
            for (int n = 1; n > 0; received[0] += n) {
                n = first.receive(area, 1);
            }
            for (int n = 1; n > 0; received[1] += n) {
                n = second.receive(area, 1);
            }
            assertThat(received[0] + received[1]).isEqualTo(sent);
            assertThat(received[0]).isPositive();
            assertThat(received[1]).isPositive();
        }
    }

    @Test
    void aPortThatIsTakenIsToldWithTheNextStep() {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES)) {
            assertThatThrownBy(() -> net.bind("127.0.0.1", socket.port(), BUFFER_BYTES))
                    .isInstanceOf(NetFailure.class)
                    .hasMessageContaining("127.0.0.1:" + socket.port() + " is in use")
                    .hasMessageContaining("ss -lunp");
        }
    }

    @Test
    void anAddressOfAnotherHostIsToldAsSuch() {
        assertThatThrownBy(() -> net.bind("192.0.2.1", 9_995, BUFFER_BYTES))
                .isInstanceOf(NetFailure.class)
                .hasMessageContaining("192.0.2.1:9995 is no address of this host");
    }

    @Test
    void anotherProcessHoldsTheSocketAndItsQueueAndGivesThemBack() throws Exception {
        var processes = Processes.system();
        processes.allowSharing();
        int port;
        long cookie;
        Processes.Identity child;
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES)) {
            port = socket.port();
            cookie = socket.cookie();
            child =
                    processes.start(
                            List.of("/bin/sleep", "60"),
                            directory.resolve("log"),
                            List.of(socket.descriptor()));
        } // from here on only the child holds it
        try {
            send(port, 10, 20, 30);
            try (var shared = net.share(child.pid(), 3, port);
                    var area = InFlight.inMemory()) {
                assertThat(shared.cookie()).isEqualTo(cookie);
                assertThat(shared.receive(area, 1_000)).isEqualTo(3);
                assertThat(area.length(2)).isEqualTo(30);
            }
        } finally {
            processes.kill(child);
        }
    }

    @Test
    void aSocketOfAProcessThatIsGoneCannotBeShared() {
        assertThatThrownBy(() -> net.share(Long.MAX_VALUE, 3, 1))
                .isInstanceOf(NetFailure.class)
                .hasMessageContaining("cannot share the socket of process");
    }

    @Test
    void onlyASocketThatIsWhatItShouldBeIsAdopted() {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var shared = net.bindShared("127.0.0.1", 0, BUFFER_BYTES);
                var dual = net.bind("::", 0, BUFFER_BYTES);
                var listener = net.listen("127.0.0.1", socket.port(), BUFFER_BYTES)) {
            assertThat(adopts(socket, "127.0.0.1", socket.port(), false)).isTrue();
            assertThat(adopts(shared, "127.0.0.1", shared.port(), true)).isTrue();
            assertThat(adopts(dual, "::", dual.port(), false)).isTrue();

            assertThat(adopts(socket, "127.0.0.1", shared.port(), false)).as("port").isFalse();
            assertThat(adopts(socket, "127.0.0.2", socket.port(), false)).as("host").isFalse();
            assertThat(adopts(socket, "127.0.0.1", socket.port(), true)).as("one").isFalse();
            assertThat(adopts(shared, "127.0.0.1", shared.port(), false)).as("many").isFalse();
            assertThat(adopts(dual, "0.0.0.0", dual.port(), false)).as("family").isFalse();
            var wanted = new Net.Wanted("127.0.0.1", socket.port(), BUFFER_BYTES, false);
            assertThat(net.adopt(listener.descriptor(), wanted)).as("TCP").isEmpty();
            assertThat(net.adopt(0, wanted)).as("no socket").isEmpty();
            assertThat(net.adoptStream(socket.descriptor(), wanted)).as("UDP").isEmpty();
            assertThat(net.adoptStream(0, wanted)).as("no socket").isEmpty();
        }
    }

    private boolean adopts(UdpSocket socket, String host, int port, boolean shared) {
        var adopted =
                net.adopt(socket.descriptor(), new Net.Wanted(host, port, BUFFER_BYTES, shared));
        adopted.ifPresent(
                one -> {
                    assertThat(one.cookie()).isEqualTo(socket.cookie());
                    assertThat(one.descriptor()).isNotEqualTo(socket.descriptor());
                    one.close();
                });
        return adopted.isPresent();
    }
}
