package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The proxy does what it says, and again the same for the same seed. */
class FaultyProxyTest {
    private static final byte[] SENT = new byte[8 << 20];

    static {
        for (int i = 0; i < SENT.length; i++) {
            SENT[i] = (byte) (i * 31 + (i >> 8));
        }
    }

    @Test
    void withoutFaultsEveryByteArrives() throws Exception {
        try (var sink = new Sink();
                var proxy = FaultyProxy.before(sink.port(), 1, FaultyProxy.Fault.NONE)) {
            assertThat(sink.after(proxy, SENT)).isEqualTo(SENT);
        }
    }

    @Test
    void aCutEndsTheStreamSomewhereAndNothingBeforeIsChanged() throws Exception {
        List<Integer> lengths = cutLengths(7);
        assertThat(lengths).anyMatch(length -> length < SENT.length);
        assertThat(cutLengths(7)).as("the same seed").isEqualTo(lengths);
        assertThat(cutLengths(8)).as("another seed").isNotEqualTo(lengths);
    }

    private static List<Integer> cutLengths(long seed) throws Exception {
        List<Integer> lengths = new ArrayList<>();
        try (var sink = new Sink();
                var proxy = FaultyProxy.before(sink.port(), seed, FaultyProxy.Fault.CUT)) {
            for (int i = 0; i < 6; i++) {
                byte[] got = sink.after(proxy, SENT);
                assertThat(Arrays.mismatch(got, Arrays.copyOf(SENT, got.length))).isEqualTo(-1);
                lengths.add(got.length);
            }
        }
        return lengths;
    }

    @Test
    void oneBitIsChanged() throws Exception {
        try (var sink = new Sink();
                var proxy = FaultyProxy.before(sink.port(), 3, FaultyProxy.Fault.CORRUPT)) {
            int bits = 0;
            for (int i = 0; i < 6; i++) {
                byte[] got = sink.after(proxy, SENT);
                for (int at = 0; at < SENT.length; at++) {
                    bits += Integer.bitCount((got[at] ^ SENT[at]) & 0xff);
                }
            }
            assertThat(bits)
                    .isPositive()
                    .isEqualTo(proxy.happened().get(FaultyProxy.Fault.CORRUPT));
        }
    }

    @Test
    void whoIsHalfOpenIsNotAnsweredUntilItIsReset() throws Exception {
        try (var sink = new Sink();
                var proxy = FaultyProxy.before(sink.port(), 5, FaultyProxy.Fault.HALF_OPEN)) {
            for (int i = 0; !proxy.happened().containsKey(FaultyProxy.Fault.HALF_OPEN); i++) {
                assertThat(i).isLessThan(20);
                sink.after(proxy, SENT);
            }
            proxy.calm();
            assertThat(sink.after(proxy, SENT)).isEqualTo(SENT);
        }
    }

    @Test
    void nobodyBehindItIsAResetForWhoCalls() throws Exception {
        int port;
        try (var sink = new Sink()) {
            port = sink.port();
        }
        try (var proxy = FaultyProxy.before(port, 1, FaultyProxy.Fault.NONE);
                var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                    .isInstanceOf(IOException.class);
        }
    }

    /** Takes one connection after the other, and keeps what came. */
    private static final class Sink implements AutoCloseable {
        private final ServerSocket server =
                new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

        Sink() throws IOException {}

        int port() {
            return server.getLocalPort();
        }

        /** What of this arrives through the proxy. */
        byte[] after(FaultyProxy proxy, byte[] bytes) throws Exception {
            var sender = Thread.ofVirtual().start(() -> send(proxy.port(), bytes));
            byte[] got = new byte[bytes.length];
            int length = 0;
            try (Socket socket = server.accept()) {
                for (int read; length < got.length; length += read) {
                    read = socket.getInputStream().read(got, length, got.length - length);
                    if (read < 0) {
                        break;
                    }
                }
            } catch (IOException e) {
                // Reset: what came before it counts.
            }
            sender.join();
            return Arrays.copyOf(got, length);
        }

        private static void send(int port, byte[] bytes) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                socket.getInputStream().read();
            } catch (IOException e) {
                return; // a fault has struck
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
