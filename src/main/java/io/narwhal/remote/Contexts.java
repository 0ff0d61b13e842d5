package io.narwhal.remote;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.narwhal.base.Tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;

/** TLS with what {@link Credentials} have. */
final class Contexts {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private Contexts() {}

    /** For one who listens and lets these in. */
    static SslContext server(Credentials.Generation ours, Set<String> names) throws SSLException {
        var builder = SslContextBuilder.forServer(key(ours), chain(ours));
        return finish(builder.clientAuth(ClientAuth.REQUIRE), ours, names);
    }

    /** For one who dials this agent. */
    static SslContext client(Credentials.Generation ours, String identity) throws SSLException {
        var builder = SslContextBuilder.forClient().keyManager(key(ours), chain(ours));
        return finish(builder, ours, Set.of(identity));
    }

    private static SslContext finish(
            SslContextBuilder builder, Credentials.Generation ours, Set<String> names)
            throws SSLException {
        return GrpcSslContexts.configure(builder, Transport.provider())
                .protocols(PROTOCOLS)
                .trustManager(new Gatekeeper(ours.trust(), names))
                .build();
    }

    private static PrivateKey key(Credentials.Generation ours) {
        return Objects.requireNonNull(ours.identity().key(), "a certificate has its key");
    }

    private static X509Certificate[] chain(Credentials.Generation ours) {
        Tls.Identity identity = ours.identity();
        return identity.chain().toArray(X509Certificate[]::new);
    }

    /** One that can be replaced while a server uses it: each handshake takes the newest. */
    static final class Renewable extends SslContext {
        private volatile SslContext newest;

        Renewable(SslContext first) {
            newest = first;
        }

        void renew(SslContext next) {
            newest = next;
        }

        @Override
        public boolean isClient() {
            return newest.isClient();
        }

        @Override
        public List<String> cipherSuites() {
            return newest.cipherSuites();
        }

        @Override
        @SuppressWarnings("deprecation") // abstract, though deprecated
        public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
            return newest.applicationProtocolNegotiator();
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator allocator) {
            return newest.newEngine(allocator);
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
            return newest.newEngine(allocator, host, port);
        }

        @Override
        public SSLSessionContext sessionContext() {
            return newest.sessionContext();
        }
    }
}
