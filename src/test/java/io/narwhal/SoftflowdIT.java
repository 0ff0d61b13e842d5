package io.narwhal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;

/** A foreign exporter: what it says that it sent is what must come out. */
class SoftflowdIT {
    private static final int PACKETS = 20_000;
    private static final long SEED = 20_260_101;
    private static final long START_MS = 1_767_225_600_000L;

    @ParameterizedTest
    @EnumSource(Softflowd.Version.class)
    void itsStatisticsAreWhatTheCaptureHoldsAndWhatItSends(
            Softflowd.Version version, @TempDir Path directory) throws IOException {
        SyntheticPcap.Written pcap =
                SyntheticPcap.write(Path.of("target", "softflowd.pcap"), SEED, PACKETS, START_MS);
        boolean ipv4Only = version == Softflowd.Version.V5;
        try (DatagramSocket receiver = new DatagramSocket(null)) {
            receiver.setReceiveBufferSize(4 << 20);
            receiver.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            Softflowd.Statistics said =
                    softflowd().export(directory, pcap.file(), version, receiver.getLocalPort());

            assertThat(said.packets()).isEqualTo(said.packetsProcessed());
            assertThat(said.packets())
                    .isEqualTo(
                            ipv4Only ? SyntheticPcap.Written.packets(pcap.ipv4()) : pcap.packets());
            assertThat(said.octets())
                    .isEqualTo(
                            ipv4Only ? SyntheticPcap.Written.octets(pcap.ipv4()) : pcap.octets());
            assertThat(said.records()).isGreaterThan(said.flows());
            assertThat(said.failures()).isZero();
            assertThat(datagrams(receiver)).isEqualTo(said.datagrams());
        }
    }

    private static Softflowd softflowd() {
        return switch (Softflowd.search(Path.of("target", "peers"))) {
            case Softflowd.Search.Found(var softflowd) -> softflowd;
            case Softflowd.Search.Missing(var why) -> throw new AssertionError(why);
        };
    }

    /** The socket holds all of them when softflowd has ended. */
    private static long datagrams(DatagramSocket receiver) throws IOException {
        receiver.setSoTimeout(200);
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        for (long count = 0; ; count++) {
            try {
                receiver.receive(packet);
            } catch (SocketTimeoutException e) {
                return count;
            }
        }
    }
}
