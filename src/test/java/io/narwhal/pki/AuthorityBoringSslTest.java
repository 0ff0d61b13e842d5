package io.narwhal.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** R63: two nodes of one authority meet under mutual TLS in BoringSSL; strangers do not. */
class AuthorityBoringSslTest {
    private static final int TURNS_MAX = 100;
    private static final int BUFFER_BYTES = 65_536;

    @TempDir private Path directory;
    private Path edge = Path.of("");
    private Path central = Path.of("");
    private Path stranger = Path.of("");

    @BeforeEach
    void issue() {
        if (!OpenSsl.isAvailable()) {
            System.out.println(
                    "skipped: no BoringSSL for this system: " + OpenSsl.unavailabilityCause());
        }
        assumeTrue(OpenSsl.isAvailable(), "no BoringSSL for this system");
        edge = directory.resolve("edge-1");
        central = directory.resolve("central");
        stranger = directory.resolve("stranger");
        Authority ours = init("pki");
        ours.issue(Order.of("edge-1"), edge);
        ours.issue(Order.of("central"), central);
        init("other").issue(Order.of("central"), stranger);
    }

    private Authority init(String name) {
        return Authority.init(
                Disk.system(), Clock.system(), directory.resolve(name), "one name for both", 10);
    }

    private static SSLEngine server(Path node) throws SSLException {
        SslContext context =
                SslContextBuilder.forServer(
                                node.resolve(Authority.CERTIFICATE).toFile(),
                                node.resolve(Authority.KEY).toFile())
                        .sslProvider(SslProvider.OPENSSL)
                        .trustManager(node.resolve(Authority.CA).toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .protocols("TLSv1.3")
                        .build();
        return context.newEngine(ByteBufAllocator.DEFAULT);
    }

    private static SSLEngine client(Path node) throws SSLException {
        SslContext context =
                SslContextBuilder.forClient()
                        .keyManager(
                                node.resolve(Authority.CERTIFICATE).toFile(),
                                node.resolve(Authority.KEY).toFile())
                        .sslProvider(SslProvider.OPENSSL)
                        .trustManager(node.resolve(Authority.CA).toFile())
                        .protocols("TLSv1.3")
                        .endpointIdentificationAlgorithm("HTTPS")
                        .build();
        return context.newEngine(ByteBufAllocator.DEFAULT, "edge-1", 4747);
    }

    private static void meet(SSLEngine client, SSLEngine server) throws SSLException {
        ByteBuffer toServer = ByteBuffer.allocate(BUFFER_BYTES);
        ByteBuffer toClient = ByteBuffer.allocate(BUFFER_BYTES);
        client.beginHandshake();
        server.beginHandshake();
        for (int i = 0; i < TURNS_MAX && !(isDone(client) && isDone(server)); i++) {
            turn(client, toClient, toServer);
            turn(server, toServer, toClient);
        }
        assertThat(isDone(client) && isDone(server)).as("both are done").isTrue();
    }

    private static boolean isDone(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void turn(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        in.flip();
        engine.unwrap(in, ByteBuffer.allocate(BUFFER_BYTES));
        in.compact();
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run();
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            engine.wrap(ByteBuffer.allocate(0), out);
        }
    }

    @Test
    void nodesOfOneAuthorityMeetAndKnowEachOthersName() throws SSLException {
        SSLEngine client = client(central);
        SSLEngine server = server(edge);

        meet(client, server);

        assertThat(peer(server)).isEqualTo("CN=central");
        assertThat(peer(client)).isEqualTo("CN=edge-1");
    }

    private static String peer(SSLEngine engine) throws SSLPeerUnverifiedException {
        return engine.getSession().getPeerPrincipal().getName();
    }

    @Test
    void aNodeOfAnotherAuthorityIsRefusedEvenIfBothAuthoritiesHaveTheSameName() {
        assertThatThrownBy(() -> meet(client(stranger), server(edge)))
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> meet(client(edge), server(stranger)))
                .isInstanceOf(SSLException.class);
    }
}
