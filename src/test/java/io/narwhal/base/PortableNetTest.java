package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

/** R1: receiving with what every system has. */
class PortableNetTest {
    private final Net net = new PortableNet();

    @Test
    void aBatchLiesInTheAreaAsTheKernelWouldPutItThere() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, 1 << 20);
                var area = InFlight.inMemory()) {
            int from = LinuxNetTest.send(socket.port(), 10, 1_400);
            int received = 0;
            while (received < 2) {
                assertThat(received).isZero(); // both were queued before we asked
                received += socket.receive(area, 1_000);
            }
            assertThat(area.length(0)).isEqualTo(10);
            assertThat(area.length(1)).isEqualTo(1_400);
            var bytes = ByteBuffer.allocate(1_400);
            area.copyTo(1, bytes);
            assertThat(bytes.array()).containsOnly(1);
            assertThat(area.sourcePort(1)).isEqualTo(from);
            assertThat(area.sourceHigh(1)).isZero();
            assertThat(area.sourceLow(1)).isEqualTo(0xffff_7f00_0001L);
        }
    }

    @Test
    void aPortThatIsTakenIsToldWithItsPlace() {
        try (var socket = net.bind("127.0.0.1", 0, 1 << 20)) {
            assertThatThrownBy(() -> net.bind("127.0.0.1", socket.port(), 1 << 20))
                    .isInstanceOf(NetFailure.class)
                    .hasMessageContaining("cannot bind 127.0.0.1 port " + socket.port());
        }
    }

    @Test
    void itNeitherSharesNorInherits() {
        try (var socket = net.bind("127.0.0.1", 0, 1 << 20)) {
            assertThat(net.canShare()).isFalse();
            assertThat(socket.descriptor()).isEqualTo(-1);
            assertThatThrownBy(() -> net.share(1, 3, 1)).isInstanceOf(NetFailure.class);
            assertThatThrownBy(() -> net.inherited(3, 1)).isInstanceOf(NetFailure.class);
        }
    }
}
