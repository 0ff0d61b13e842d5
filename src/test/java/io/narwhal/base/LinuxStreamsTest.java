package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Stream sockets on the real kernel, by its own calls and by the JDK alone; TLS over them. */
class LinuxStreamsTest {
    private static final Path TLS = Path.of("src/test/resources/tls");
    private static final int WAIT_MS = 100;

    private final SessionArea area = SessionArea.inMemory();

    static Stream<Net> nets() {
        return Stream.of(Net.system(), new PortableNet());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static StreamSocket accepted(Net net, StreamListener listener) {
        for (int i = 0; i < 100; i++) {
            Optional<StreamSocket> socket =
                    net.ready(List.of(listener), WAIT_MS).isEmpty()
                            ? Optional.empty()
                            : listener.accept();
            if (socket.isPresent()) {
                return socket.get();
            }
        }
        throw new AssertionError("nobody connected");
    }

    // What a session has after so many bytes came or the connection ended.
    private static int receive(Net net, StreamSocket socket, StreamSession session, int bytes) {
        for (int i = 0; i < 100 && session.to() < bytes; i++) {
            net.ready(List.of(socket), WAIT_MS);
            if (socket.receive(session) == StreamSocket.ENDED) {
                return session.to() < bytes ? StreamSocket.ENDED : session.to();
            }
        }
        return session.to();
    }

    @ParameterizedTest
    @MethodSource("nets")
    void whatIsSentStandsInTheSessionAndTheEndIsTold(Net net) throws IOException {
        int port = freePort();
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        try (var peer = new Socket("127.0.0.1", port)) {
            StreamSocket socket = accepted(net, listener);
            assertThat(socket.peerPort()).isEqualTo(peer.getLocalPort());
            assertThat(socket.peerLow()).isEqualTo(0xffff_7f00_0001L);
            StreamSession session = area.open(0);
            session.begin(socket);
            assertThat(socket.receive(session)).as("nothing yet").isZero();
            peer.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(receive(net, socket, session, 3)).isEqualTo(3);
            peer.getOutputStream().write(new byte[] {4});
            assertThat(receive(net, socket, session, 4)).isEqualTo(4);
            assertThat(session.bytes().getInt(0)).isEqualTo(0x01020304);
            peer.shutdownOutput();
            assertThat(receive(net, socket, session, 5)).isEqualTo(StreamSocket.ENDED);
            socket.close();
        } finally {
            listener.close();
        }
    }

    @ParameterizedTest
    @MethodSource("nets")
    void aResetIsTold(Net net) throws IOException {
        int port = freePort();
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        try (var peer = new Socket("127.0.0.1", port)) {
            StreamSocket socket = accepted(net, listener);
            area.open(0).begin(socket);
            peer.setSoLinger(true, 0);
            peer.close();
            assertThatThrownBy(() -> receive(net, socket, area.open(0), 1))
                    .isInstanceOf(NetFailure.class);
            socket.close();
        } finally {
            listener.close();
        }
    }

    @Test
    void anAddressInUseIsNamed() throws IOException {
        Net net = Net.system();
        int port = freePort();
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        assertThatThrownBy(() -> net.listen("127.0.0.1", port, 1 << 18))
                .isInstanceOf(NetFailure.class)
                .hasMessageContaining("127.0.0.1");
        listener.close();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void r20ADuplicateGoesOnWhereTheFirstHolderWas() throws IOException {
        Net net = Net.system();
        int port = freePort();
        StreamListener listener = net.listen("::", port, 1 << 18);
        try (var peer = new Socket("::1", port)) {
            StreamSocket first = accepted(net, listener);
            StreamSession session = area.open(0);
            session.begin(first);
            peer.getOutputStream().write(new byte[] {1, 2});
            assertThat(receive(net, first, session, 2)).isEqualTo(2);
            long self = ProcessHandle.current().pid();
            StreamSocket second = net.shareStream(self, first.descriptor());
            StreamListener other = net.shareListener(self, listener.descriptor());
            assertThat(second.cookie()).isEqualTo(first.cookie());
            assertThat(other.cookie()).isEqualTo(listener.cookie());
            first.close();
            listener.close();
            peer.getOutputStream().write(new byte[] {3});
            assertThat(receive(net, second, session, 3)).isEqualTo(3);
            assertThat(second.peerPort()).isEqualTo(peer.getLocalPort());
            assertThat(second.peerLow()).isEqualTo(1);
            try (var next = new Socket("::1", port)) {
                assertThat(accepted(net, other).peerPort()).isEqualTo(next.getLocalPort());
            }
            second.close();
            other.close();
        }
    }

    private static Tls tls(String name, String ca) throws IOException {
        byte[] certificate = name.isEmpty() ? null : Files.readAllBytes(TLS.resolve(name + ".pem"));
        byte[] key = name.isEmpty() ? null : Files.readAllBytes(TLS.resolve(name + ".key"));
        var read = Tls.read(certificate, key, Files.readAllBytes(TLS.resolve(ca)));
        assertThat(read).isInstanceOf(Tls.Read.Good.class);
        return ((Tls.Read.Good) read).tls();
    }

    /** A sender of 100,000 bytes with these keys; what the collector's side then has or says. */
    private String sendByTls(Net net, Tls sender, boolean requireClient) throws Exception {
        int port = freePort();
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        var any = new InetSocketAddress("127.0.0.1", 0);
        var target = new InetSocketAddress("127.0.0.1", port);
        var sent =
                CompletableFuture.runAsync(
                        () -> {
                            try (var out =
                                    StreamSender.open(List.of(any), target, sender, 1, 100_000)) {
                                out.buffer().put(99_999, (byte) 7);
                                out.send(0, new int[] {100_000}, 1);
                            } catch (UncheckedIOException e) {
                                // The other side tells why.
                            }
                        });
        StreamSocket socket = tls("edge", "ca.pem").over(accepted(net, listener), requireClient);
        StreamSession session = area.open(0);
        session.begin(socket);
        try {
            int got = receive(net, socket, session, 65_000);
            session.appended(session.to()); // room for the rest
            int all = got + Math.max(0, receive(net, socket, session, 100_000 - got));
            return all + " bytes, the last " + session.bytes().get(session.to() - 1);
        } catch (NetFailure e) {
            return String.valueOf(e.getMessage());
        } finally {
            socket.shutdown();
            socket.close();
            listener.close();
            sent.get(20, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @MethodSource("nets")
    void r63WhoShowsATrustedCertificateIsUnderstood(Net net) throws Exception {
        assertThat(sendByTls(net, tls("router", "ca.pem"), true))
                .isEqualTo("100000 bytes, the last 7");
    }

    @ParameterizedTest
    @MethodSource("nets")
    void r63AStrangerIsRefused(Net net) throws Exception {
        assertThat(sendByTls(net, tls("stranger", "ca.pem"), true)).startsWith("TLS: ");
    }

    @ParameterizedTest
    @MethodSource("nets")
    void r63WhoShowsNoneIsRefusedUnlessItNeedNot(Net net) throws Exception {
        assertThat(sendByTls(net, tls("", "ca.pem"), true)).startsWith("TLS: ");
        area.open(0).setState(StreamSession.State.FREE);
        assertThat(sendByTls(net, tls("", "ca.pem"), false)).isEqualTo("100000 bytes, the last 7");
    }

    // Takes the first octet of a peer; who writes anything has shown who it is.
    private static void awaitOctet(Net net, StreamSocket socket) {
        var octet = ByteBuffer.allocateDirect(StreamSocket.READ_BYTES_MIN);
        for (int i = 0; i < 100 && octet.position() == 0; i++) {
            net.ready(List.of(socket), WAIT_MS);
            assertThat(socket.read(octet)).isNotEqualTo(StreamSocket.ENDED);
        }
        assertThat(octet.flip().get()).isEqualTo((byte) 9);
    }

    /** Writes all, through a buffer; told when there is no room for the first time. */
    private static void write(Net net, StreamSocket socket, byte[] all, CountDownLatch blocked) {
        var buffer = ByteBuffer.allocateDirect(50_000);
        int at = 0;
        for (int i = 0; i < 10_000 && (at < all.length || socket.isBlocked()); i++) {
            int count = Math.min(buffer.capacity(), all.length - at);
            buffer.clear().put(all, at, count).flip();
            socket.write(buffer);
            at += buffer.position();
            if (buffer.hasRemaining()) {
                blocked.countDown();
                net.ready(List.of(socket), WAIT_MS);
            }
        }
        assertThat(at).isEqualTo(all.length);
    }

    private void assertAllIsRead(Net net, @Nullable Tls ours, @Nullable Tls peers)
            throws Exception {
        int port = freePort();
        var all = new byte[20_000_000];
        new Random(1).nextBytes(all);
        var blocked = new CountDownLatch(1);
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        var read =
                CompletableFuture.supplyAsync(
                        () -> {
                            try (Socket peer = connect(peers, port)) {
                                peer.getOutputStream().write(9);
                                blocked.await();
                                return peer.getInputStream().readNBytes(all.length);
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        StreamSocket plain = accepted(net, listener);
        StreamSocket socket = ours == null ? plain : ours.over(plain, true);
        assertThat(socket.isEstablished()).isEqualTo(ours == null);
        awaitOctet(net, socket);
        assertThat(socket.isEstablished()).isTrue();
        write(net, socket, all, blocked);
        assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(all);
        socket.shutdown();
        socket.close();
        listener.close();
    }

    private static Socket connect(@Nullable Tls tls, int port) throws IOException {
        return tls == null
                ? new Socket("127.0.0.1", port)
                : tls.context().getSocketFactory().createSocket("127.0.0.1", port);
    }

    @ParameterizedTest
    @MethodSource("nets")
    void whatIsWrittenWaitsForWhoReadsLate(Net net) throws Exception {
        assertAllIsRead(net, null, null);
    }

    @ParameterizedTest
    @MethodSource("nets")
    void r63WhatIsWrittenByTlsWaitsForWhoReadsLate(Net net) throws Exception {
        assertAllIsRead(net, tls("edge", "ca.pem"), tls("router", "ca.pem"));
    }

    private static CompletableFuture<byte[]> reading(int port, int bytes, CountDownLatch blocked) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Socket peer = connect(tls("router", "ca.pem"), port)) {
                        peer.getOutputStream().write(9);
                        blocked.await();
                        return peer.getInputStream().readNBytes(bytes);
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                runs -> Thread.ofPlatform().daemon().start(runs));
    }

    /** They share the thread's buffers; what one has left over there is not the other's. */
    @Test
    void connectionsByTlsThatOneThreadServesInTurnDoNotMix() throws Exception {
        Net net = Net.system();
        int port = freePort();
        var all = new byte[8_000_000];
        new Random(2).nextBytes(all);
        var blocked = new CountDownLatch(2);
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        var read = List.of(reading(port, all.length, blocked), reading(port, all.length, blocked));
        Tls ours = tls("edge", "ca.pem");
        List<StreamSocket> sockets =
                List.of(
                        ours.over(accepted(net, listener), true),
                        ours.over(accepted(net, listener), true));
        sockets.forEach(socket -> awaitOctet(net, socket));
        var buffers =
                List.of(ByteBuffer.allocateDirect(8_000_000), ByteBuffer.allocateDirect(8_000_000));
        buffers.forEach(buffer -> buffer.put(all).flip());
        for (int i = 0; i < 20_000; i++) {
            int one = i % 2;
            ByteBuffer buffer = buffers.get(one);
            buffer.limit(Math.min(all.length, buffer.position() + 1 + 777 * i % 40_000));
            sockets.get(one).write(buffer);
            if (buffer.hasRemaining() && blocked.getCount() > 0) {
                blocked.countDown();
            }
        }
        for (int one = 0; one < 2; one++) {
            ByteBuffer buffer = buffers.get(one).limit(all.length);
            while (buffer.hasRemaining() || sockets.get(one).isBlocked()) {
                net.ready(sockets, WAIT_MS);
                sockets.get(one).write(buffer);
            }
            assertThat(read.get(one).get(20, TimeUnit.SECONDS)).isEqualTo(all);
        }
        sockets.forEach(StreamSocket::close);
        listener.close();
    }

    @Test
    void whatIsNoTlsIsRefused() throws IOException {
        Net net = Net.system();
        int port = freePort();
        StreamListener listener = net.listen("127.0.0.1", port, 1 << 18);
        try (var peer = new Socket("127.0.0.1", port)) {
            StreamSocket socket = tls("edge", "ca.pem").over(accepted(net, listener), true);
            area.open(0).begin(socket);
            peer.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            assertThatThrownBy(() -> receive(net, socket, area.open(0), 1))
                    .isInstanceOf(NetFailure.class)
                    .hasMessageStartingWith("TLS: ");
            socket.close();
        } finally {
            listener.close();
        }
    }
}
