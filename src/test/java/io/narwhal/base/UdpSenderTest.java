package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;

class UdpSenderTest {
    private interface Opener {
        UdpSender open(
                List<InetSocketAddress> sources, InetSocketAddress target, int slots, int bytes);
    }

    @Test
    void theBatchSenderSendsEachSlotAsADatagram() throws Exception {
        assertSends(UdpSender::open);
    }

    @Test
    void theChannelSenderDoesTheSame() throws Exception {
        assertSends(ChannelUdpSender::new);
    }

    private static void assertSends(Opener opener) throws Exception {
        List<InetSocketAddress> sources =
                List.of(
                        new InetSocketAddress("127.0.0.11", 0),
                        new InetSocketAddress("127.0.0.12", 0));
        try (DatagramChannel receiver = DatagramChannel.open()) {
            receiver.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            InetSocketAddress target = (InetSocketAddress) receiver.getLocalAddress();
            try (UdpSender sender = opener.open(sources, target, 4, 100)) {
                sender.buffer().putLong(0, 7).putLong(100, 8).putLong(200, 9);
                sender.send(1, new int[] {8, 16, 100, 0}, 3);

                assertThat(sender.source(1).getAddress().getHostAddress()).isEqualTo("127.0.0.12");
                ByteBuffer in = ByteBuffer.allocate(200);
                int[] sizes = {8, 16, 100};
                for (int i = 0; i < 3; i++) {
                    assertThat(receiver.receive(in.clear())).isEqualTo(sender.source(1));
                    assertThat(in.flip().remaining()).isEqualTo(sizes[i]);
                    assertThat(in.getLong(0)).isEqualTo(7 + i);
                }
            }
        }
    }

    @Test
    void nobodyListeningDoesNotFailTheSender() throws Exception {
        int port;
        try (DatagramChannel gone = DatagramChannel.open()) {
            gone.bind(new InetSocketAddress("127.0.0.1", 0));
            port = ((InetSocketAddress) gone.getLocalAddress()).getPort();
        }
        List<InetSocketAddress> sources = List.of(new InetSocketAddress("127.0.0.1", 0));
        InetSocketAddress target = new InetSocketAddress("127.0.0.1", port);
        try (UdpSender sender = UdpSender.open(sources, target, 8, 64)) {
            int[] lengths = {8, 8, 8, 8, 8, 8, 8, 8};
            for (int i = 0; i < 100; i++) {
                sender.send(0, lengths, 8);
            }
        }
    }

    @Test
    void aRefusedDatagramIsTold() {
        List<InetSocketAddress> sources = List.of(new InetSocketAddress("127.0.0.1", 0));
        InetSocketAddress target = new InetSocketAddress("127.0.0.1", 9);
        try (UdpSender sender = UdpSender.open(sources, target, 2, 65_536)) {
            assertThatThrownBy(() -> sender.send(0, new int[] {8, 65_536}, 2))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("sent 1 of 2 datagrams to");
        }
    }

    @Test
    void aSourceThatIsNotOursIsRefused() {
        List<InetSocketAddress> sources = List.of(new InetSocketAddress("192.0.2.1", 0));
        InetSocketAddress target = new InetSocketAddress("127.0.0.1", 9);
        assertThatThrownBy(() -> UdpSender.open(sources, target, 2, 100))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot send from /192.0.2.1:0");
    }
}
