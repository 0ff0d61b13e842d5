package io.narwhal.remote;

import io.grpc.Attributes;
import io.grpc.Codec;
import io.grpc.Context;
import io.grpc.DecompressorRegistry;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.remote.Trust.Purpose;
import io.narwhal.remote.v1.TransferGrpc;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Where an agent listens for its managers. */
public final class AgentServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);
    private static final Context.Key<Tracer> TRACER = Context.key("tracer");
    private static final int THREADS = 2;
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int HEADER_BYTES_MAX = 8 << 10;
    private static final int RESETS_MAX = 100;
    private static final int RESETS_SECONDS = 10;

    private final Settings settings;
    private final LinkHandler<FromManager, FromAgent> handler;
    private final Refusals refusals;
    private final Doors doors;
    private final EventLoopGroup threads;
    private final Map<Long, ServerLink> links = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);
    private final Object counting = new Object();
    private Contexts.@Nullable Renewable context;
    private @Nullable Server server;
    private int seen;

    private AgentServer(Settings settings, LinkHandler<FromManager, FromAgent> handler) {
        this.settings = settings;
        this.handler = handler;
        this.refusals = new Refusals(settings.clock());
        this.doors =
                new Doors(
                        settings.limits(),
                        refusals,
                        settings.security() instanceof Security.Mutual);
        this.threads = Transport.threads(THREADS, "agent-links");
    }

    /**
     * What it needs.
     *
     * @param listen addresses, resolved; port 0 takes a free one
     * @param managers whom it lets in, by the names of their certificates; in clear everyone
     */
    public record Settings(
            List<InetSocketAddress> listen,
            Security security,
            Set<String> managers,
            Limits limits,
            Clock clock) {
        public Settings {
            listen = List.copyOf(listen);
            managers = Set.copyOf(managers);
            Check.that(!listen.isEmpty(), "an address to listen at");
        }
    }

    /** What became of opening. */
    public sealed interface Opening {
        /** It listens. */
        record Listening(AgentServer server) implements Opening {}

        /** It does not; the message says why and what next. */
        record Refused(String message) implements Opening {}
    }

    /** Listens at all addresses, or at none. Links come to the handler. */
    public static Opening open(Settings settings, LinkHandler<FromManager, FromAgent> handler) {
        for (InetSocketAddress address : settings.listen()) {
            if (address.isUnresolved()) {
                return new Opening.Refused(address + " is no address");
            }
            if (settings.security() instanceof Security.InClear
                    && !address.getAddress().isLoopbackAddress()) {
                return new Opening.Refused(
                        address
                                + " is not a loopback address, so data would leave this host in"
                                + " clear; give certificates (tls), or listen at 127.0.0.1");
            }
        }
        var opened = new AgentServer(settings, handler);
        try {
            opened.start();
            return new Opening.Listening(opened);
        } catch (IOException e) {
            opened.close();
            return new Opening.Refused(
                    "cannot listen at " + settings.listen() + ": " + Door.why(e));
        }
    }

    private void start() throws IOException {
        Limits limits = settings.limits();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(settings.listen().getFirst());
        settings.listen().stream().skip(1).forEach(builder::addListenAddress);
        builder.channelFactory(doors::listening)
                .bossEventLoopGroup(threads)
                .workerEventLoopGroup(threads)
                .directExecutor()
                .addService(service())
                .addStreamTracerFactory(new Tracers())
                .decompressorRegistry(
                        DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
                .maxInboundMessageSize(limits.managerMessageBytes())
                .maxInboundMetadataSize(HEADER_BYTES_MAX)
                .maxConcurrentCallsPerConnection(limits.linksOfConnection())
                .maxRstFramesPerWindow(RESETS_MAX, RESETS_SECONDS)
                .flowControlWindow(WINDOW_BYTES)
                .handshakeTimeout(limits.handshakeMs(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(limits.silentMs(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(limits.pingMs(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(false)
                .keepAliveTime(limits.keepAliveMs(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.handshakeMs(), TimeUnit.MILLISECONDS);
        if (settings.security() instanceof Security.Mutual(Credentials credentials)) {
            Credentials.Generation first = credentials.current();
            seen = first.number();
            context = new Contexts.Renewable(Contexts.server(first, settings.managers()));
            builder.sslContext(context);
        }
        server = builder.build().start();
    }

    private ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(TransferGrpc.SERVICE_NAME)
                .addMethod(Wire.AGENTS, (call, _) -> begin(call))
                .build();
    }

    private ServerCall.Listener<Decoded<FromManager>> begin(
            ServerCall<Decoded<FromManager>, FromAgent> call) {
        Attributes attributes = call.getAttributes();
        SocketAddress address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Door door = doors.of(address);
        if (door == null) {
            return refused(call, "the connection is closing");
        }
        door.link();
        List<X509Certificate> chain = chain(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        boolean inClear = settings.security() instanceof Security.InClear;
        List<String> names = chain.isEmpty() ? List.of() : Trust.namesOf(chain.getFirst());
        var peer = new Peer(names, text(address), inClear);
        try {
            verify(chain);
        } catch (Untrusted e) {
            refusals.add(e.refusal(), peer.address(), e.why());
            door.close();
            return refused(call, e.why());
        }
        var link =
                new ServerLink(
                        this,
                        call,
                        handler,
                        nextId.getAndIncrement(),
                        peer,
                        chain,
                        door,
                        settings.limits().aheadBytes());
        String full = add(link);
        if (!full.isEmpty()) {
            refusals.add(Refusal.TOO_MANY, peer.address(), full);
            return refused(call, full);
        }
        Tracer tracer = TRACER.get();
        if (tracer != null) {
            tracer.link = link;
        }
        afterSilence(link);
        link.begin(settings.limits().readyBytes());
        return link;
    }

    private static String text(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? (inet.getAddress() == null
                                ? inet.getHostString()
                                : inet.getAddress().getHostAddress())
                        + ":"
                        + inet.getPort()
                : String.valueOf(address);
    }

    private static ServerCall.Listener<Decoded<FromManager>> refused(
            ServerCall<Decoded<FromManager>, FromAgent> call, String why) {
        call.close(Status.UNAVAILABLE.withDescription(why), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static List<X509Certificate> chain(@Nullable SSLSession session) {
        if (session == null) {
            return List.of();
        }
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate one : session.getPeerCertificates()) {
                chain.add((X509Certificate) one);
            }
        } catch (SSLPeerUnverifiedException _) {
            return List.of();
        }
        return chain;
    }

    /** Once more, as a session may have been resumed, or lists renewed since the handshake. */
    private void verify(List<X509Certificate> chain) throws Untrusted {
        switch (settings.security()) {
            case Security.InClear() -> {}
            case Security.Mutual(Credentials credentials) ->
                    new Gatekeeper(credentials.current().trust(), settings.managers())
                            .judge(chain, Purpose.CLIENT);
        }
    }

    private String add(ServerLink link) {
        Limits limits = settings.limits();
        synchronized (counting) {
            if (links.size() >= limits.links()) {
                return "more than " + limits.links() + " links";
            }
            String label = link.peer().inClear() ? "" : link.peer().label();
            long same =
                    links.values().stream()
                            .filter(one -> one.peer().label().equalsIgnoreCase(label))
                            .count();
            if (!label.isEmpty() && same >= limits.linksOfPeer()) {
                return "more than " + limits.linksOfPeer() + " links of " + label;
            }
            links.put(link.id(), link);
            return "";
        }
    }

    private void afterSilence(ServerLink link) {
        long ms = settings.limits().silentMs();
        threads.next()
                .schedule(
                        () -> {
                            if (!link.hadMessage()) {
                                link.refuse(
                                        Refusal.TOO_SLOW, "no valid message within " + ms + " ms");
                            }
                        },
                        ms,
                        TimeUnit.MILLISECONDS);
    }

    void gone(ServerLink link) {
        links.remove(link.id());
    }

    void count(Refusal refusal, Peer peer, String why) {
        refusals.add(refusal, peer.label(), why);
    }

    Limits limits() {
        return settings.limits();
    }

    /** Tells why the transport itself ends a link. */
    private final class Tracers extends ServerStreamTracer.Factory {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new Tracer(refusals);
        }
    }

    private static final class Tracer extends ServerStreamTracer {
        private final Refusals refusals;
        private volatile @Nullable ServerLink link;

        Tracer(Refusals refusals) {
            this.refusals = refusals;
        }

        @Override
        public Context filterContext(Context context) {
            return context.withValue(TRACER, this);
        }

        @Override
        public void streamClosed(Status status) {
            ServerLink ended = link;
            String why = String.valueOf(status.getDescription());
            if (ended != null && status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                refusals.add(Refusal.TOO_LARGE, ended.peer().label(), why);
                ended.tooLarge(why);
            }
        }
    }

    /** Where it listens, with the ports that were taken. */
    public List<InetSocketAddress> addresses() {
        Server listening = server;
        return listening == null
                ? List.of()
                : listening.getListenSockets().stream().map(InetSocketAddress.class::cast).toList();
    }

    /** Open links. */
    public int links() {
        return links.size();
    }

    /** How many were refused, by reason; those that never happened are left out. */
    public Map<Refusal, Long> refused() {
        return refusals.counts();
    }

    /**
     * Looks whether the files have changed; to be called every second or so. New certificates are
     * used from the next handshake on; links whose peer would no longer be let in are ended.
     */
    public void refresh() {
        if (settings.security() instanceof Security.Mutual(Credentials credentials)) {
            credentials.refresh();
            Credentials.Generation now = credentials.current();
            if (now.number() != seen) {
                seen = now.number();
                renew(now);
            }
        }
    }

    private void renew(Credentials.Generation now) {
        try {
            if (context != null) {
                context.renew(Contexts.server(now, settings.managers()));
            }
        } catch (SSLException e) {
            LOG.error("new certificates cannot be used: {}; going on with the old", Door.why(e));
        }
        var gatekeeper = new Gatekeeper(now.trust(), settings.managers());
        for (ServerLink link : links.values()) {
            try {
                gatekeeper.judge(link.chain(), Purpose.CLIENT);
            } catch (Untrusted e) {
                link.refuse(e.refusal(), e.why());
            }
        }
    }

    /** What is wrong with the files; empty: nothing. */
    public String complaint() {
        return switch (settings.security()) {
            case Security.InClear() -> "";
            case Security.Mutual(Credentials credentials) -> credentials.complaint();
        };
    }

    /** Ends all links and listens no longer. Waits until this is done, two seconds at the most. */
    @Override
    public void close() {
        links.values().forEach(link -> link.close("the agent stops"));
        if (server != null) {
            server.shutdown();
            try {
                if (!server.awaitTermination(settings.limits().closeMs(), TimeUnit.MILLISECONDS)) {
                    server.shutdownNow();
                    doors.closeAll();
                }
            } catch (InterruptedException _) {
                server.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        threads.shutdownGracefully(0, settings.limits().closeMs(), TimeUnit.MILLISECONDS);
    }
}
