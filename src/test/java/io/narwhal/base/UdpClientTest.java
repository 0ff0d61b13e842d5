package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

class UdpClientTest {
    private static final long SECOND = 1_000_000_000L;
    private static final List<InetSocketAddress> TWO =
            List.of(new InetSocketAddress("127.0.0.11", 0), new InetSocketAddress("127.0.0.12", 0));

    private final List<String> answers = new ArrayList<>();

    private void take(int socket, byte[] bytes, int length) {
        answers.add(socket + ":" + new String(bytes, 0, length, UTF_8));
    }

    private void awaitAnswers(UdpClient client, int count) {
        for (int tries = 0; answers.size() < count && tries < 100; tries++) {
            client.receive(this::take, SECOND / 10);
        }
    }

    private static DatagramChannel server() throws Exception {
        return DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    }

    private static InetSocketAddress address(DatagramChannel channel) throws Exception {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    @Test
    void anAnswerComesToTheSocketThatAsked() throws Exception {
        try (var server = server();
                var client = UdpClient.open(TWO, address(server))) {
            ByteBuffer in = ByteBuffer.allocate(100);
            for (int socket = 1; socket >= 0; socket--) {
                assertThat(client.send(socket, new byte[] {'q', '0', 'x'}, 2)).isTrue();
                SocketAddress from = server.receive(in.clear());
                assertThat(from).isEqualTo(client.source(socket));
                assertThat(in.flip().remaining()).isEqualTo(2);
                server.send(text("first"), from);
                server.send(text("second"), from);
            }
            awaitAnswers(client, 4);
            assertThat(answers)
                    .containsExactlyInAnyOrder("1:first", "1:second", "0:first", "0:second");
            assertThat(client.receive(this::take, 0)).isZero();
        }
    }

    @Test
    void whatComesFromAnotherAddressIsNoAnswer() throws Exception {
        try (var server = server();
                var stranger = server();
                var client = UdpClient.open(TWO, address(server))) {
            stranger.send(text("trust me"), client.source(0));
            server.send(text("real"), client.source(0));
            awaitAnswers(client, 1);
            assertThat(answers).containsExactly("0:real");
        }
    }

    @Test
    void nobodyListeningLosesTheRequestAndNothingElse() throws Exception {
        InetSocketAddress gone;
        try (var server = server()) {
            gone = address(server);
        }
        try (var client = UdpClient.open(TWO, gone)) {
            for (int i = 0; i < 20; i++) {
                client.send(0, new byte[8], 8);
                assertThat(client.receive(this::take, 1)).isZero();
            }
            try (var server = DatagramChannel.open().bind(gone)) {
                // What is still told of the requests before may cost one or the other.
                while (!client.send(0, new byte[8], 8)) {
                    client.receive(this::take, 1);
                }
                server.send(text("back"), client.source(0));
                awaitAnswers(client, 1);
            }
            assertThat(answers).containsExactly("0:back");
        }
    }

    @Test
    void aSourceThatIsNotOursIsNamed() {
        var notOurs = List.of(new InetSocketAddress("192.0.2.1", 0));
        assertThatThrownBy(() -> UdpClient.open(notOurs, new InetSocketAddress("127.0.0.1", 9)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot send from")
                .hasMessageContaining("192.0.2.1");
    }
}
