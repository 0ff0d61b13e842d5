package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** Answers on loopback: they come from the socket and the address that were asked. */
class AnswersTest {
    private static final int BUFFER_BYTES = 4 << 20;
    private static final int WAIT_MS = 2_000;

    private final Net net = Net.system();

    private static DatagramSocket client(String host) throws Exception {
        var client = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(host), 0));
        client.setSoTimeout(WAIT_MS);
        return client;
    }

    private static void ask(DatagramSocket client, String host, int port, byte... question)
            throws Exception {
        var to = new InetSocketAddress(InetAddress.ofLiteral(host), port);
        client.send(new DatagramPacket(question, question.length, to));
    }

    private static DatagramPacket answer(DatagramSocket client) throws Exception {
        var packet = new DatagramPacket(new byte[Answers.ANSWER_BYTES_MAX], 4096);
        client.receive(packet);
        return packet;
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 127.0.0.2, 127.0.0.1",
        "0.0.0.0, 127.0.0.1, 127.0.0.3",
        "::, 127.0.0.2, 127.0.0.1",
        "::, ::1, ::1",
        "127.0.0.2, 127.0.0.2, 127.0.0.1",
    })
    void anAnswerLeavesFromTheAddressThatWasAsked(String bound, String asked, String from)
            throws Exception {
        Linux.assume();
        try (var socket = net.bind(bound, 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var answers = socket.answers(area);
                var client = client(from)) {
            for (byte round = 0; round < 3; round++) {
                ask(client, asked, socket.port(), round);
                assertThat(answers.receive(WAIT_MS)).isEqualTo(1);
                answers.put(0, new byte[] {7, round, 9}, 2);
                area.clear(1);
                assertThat(answers.send()).isEqualTo(1);

                DatagramPacket answer = answer(client);
                assertThat(answer.getAddress()).isEqualTo(InetAddress.ofLiteral(asked));
                assertThat(answer.getPort()).isEqualTo(socket.port());
                assertThat(answer.getLength()).isEqualTo(2);
                assertThat(answer.getData()).startsWith(7, round);
            }
        }
    }

    /** What the kernel queued before anyone asked for addresses, as for a predecessor. */
    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.2", "::, 127.0.0.2", "::, ::1"})
    void whatWasQueuedBeforeIsAnsweredFromTheAddressAskedToo(String bound, String asked)
            throws Exception {
        Linux.assume();
        try (var socket = net.bind(bound, 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var client = client(asked.equals("::1") ? "::1" : "127.0.0.1")) {
            ask(client, asked, socket.port(), (byte) 1);
            try (var answers = socket.answers(area)) {
                assertThat(answers.receive(WAIT_MS)).isEqualTo(1);
                answers.put(0, new byte[] {5}, 1);
                assertThat(answers.send()).isEqualTo(1);
                assertThat(answer(client).getAddress()).isEqualTo(InetAddress.ofLiteral(asked));
            }
        }
    }

    @Test
    void answersToSeveralBatchesAreSentTogetherToThoseWhoAsked() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var answers = socket.answers(area);
                var one = client("127.0.0.1");
                var other = client("127.0.0.1")) {
            for (byte batch = 0; batch < 3; batch++) {
                ask(one, "127.0.0.1", socket.port(), batch);
                ask(other, "127.0.0.1", socket.port(), batch, (byte) 1);
                int received = answers.receive(WAIT_MS);
                assertThat(received).isEqualTo(2);
                for (int slot = 0; slot < received; slot++) {
                    answers.put(slot, new byte[] {batch, (byte) area.length(slot)}, 2);
                }
                area.clear(received);
            }
            assertThat(answers.receive(0)).isZero();
            assertThat(answers.send()).isEqualTo(6);
            for (byte batch = 0; batch < 3; batch++) {
                assertThat(answer(one).getData()).startsWith(batch, 1);
                assertThat(answer(other).getData()).startsWith(batch, 2);
            }
            assertThat(answers.send()).as("nothing twice").isZero();
        }
    }

    @Test
    void whatTheKernelRefusesStopsNoOther() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var answers = socket.answers(area);
                var client = client("127.0.0.1")) {
            ask(client, "127.0.0.1", socket.port(), (byte) 1);
            assertThat(answers.receive(WAIT_MS)).isEqualTo(1);
            answers.put(0, new byte[] {1}, 1);
            area.put(1, ByteBuffer.wrap(new byte[1]), 0, 0xffff_0000_0000L, 0); // 0.0.0.0 port 0
            answers.put(1, new byte[] {2}, 1);
            answers.put(0, new byte[] {3}, 1);

            assertThat(answers.send()).isEqualTo(2);
            assertThat(answer(client).getData()).startsWith(1);
            assertThat(answer(client).getData()).startsWith(3);
        }
    }

    @Test
    void roomIsToldBatchByBatch() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var answers = socket.answers(area);
                var client = client("127.0.0.1")) {
            ask(client, "127.0.0.1", socket.port(), (byte) 1);
            assertThat(answers.receive(WAIT_MS)).isEqualTo(1);
            int put = 0;
            while (answers.hasRoom()) {
                for (int i = 0; i < InFlight.SLOTS; i++, put++) {
                    answers.put(0, new byte[20], 20);
                }
            }
            assertThat(put).isEqualTo(Answers.COUNT_MAX);
            answers.send();
            for (int large = 0; answers.hasRoom(); large++) {
                assertThat(large).isLessThan(2 * InFlight.SLOTS);
                answers.put(0, new byte[4096], 4096);
            }
            for (int i = 0; i < InFlight.SLOTS - 1; i++) {
                answers.put(0, new byte[4096], 4096);
            }
        }
    }

    @Test
    void withoutAnswersNothingIsAsked() throws Exception {
        try (var socket = net.bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var client = client("127.0.0.1")) {
            ask(client, "127.0.0.1", socket.port(), (byte) 1);
            try (var answers = socket.answers(area)) {
                assertThat(answers.receive(WAIT_MS)).isEqualTo(1);
                area.clear();
            }
            ask(client, "127.0.0.1", socket.port(), (byte) 1);
            assertThat(socket.receive(area, WAIT_MS)).as("the memory is given back").isEqualTo(1);
            client.setSoTimeout(50);
            assertThatThrownBy(() -> answer(client)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void theJdkAloneAnswersToo() throws Exception {
        try (var socket = new PortableNet().bind("127.0.0.1", 0, BUFFER_BYTES);
                var area = InFlight.inMemory();
                var answers = socket.answers(area);
                var client = client("127.0.0.1")) {
            assertThat(answers.receive(0)).isZero();
            ask(client, "127.0.0.1", socket.port(), (byte) 1);
            assertThat(answers.receive(WAIT_MS)).isEqualTo(1);
            assertThat(answers.hasRoom()).isTrue();
            answers.put(0, new byte[] {4, 5}, 1);
            assertThat(answers.send()).isEqualTo(1);
            assertThat(answer(client).getData()).startsWith(4);
        }
    }
}
