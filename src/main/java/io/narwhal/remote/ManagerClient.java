package io.narwhal.remote;

import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.narwhal.base.Clock;
import io.narwhal.remote.Trust.Purpose;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.SSLException;

/** All links of a manager: each a connection of its own, on few threads. */
public final class ManagerClient implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int WINDOW_BYTES = 4 << 20;
    private static final int HEADER_BYTES_MAX = 8 << 10;

    private final Settings settings;
    private final Refusals refusals;
    private final EventLoopGroup threads;
    private final Map<Long, ClientLink> links = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);
    private final Map<ContextKey, Context> contexts = new HashMap<>();

    private record ContextKey(Credentials credentials, String identity) {}

    private record Context(int generation, SslContext tls) {}

    /** Connects to nothing yet. */
    public ManagerClient(Settings settings) {
        this.settings = settings;
        this.refusals = new Refusals(settings.clock());
        this.threads = Transport.threads(THREADS, "manager-links");
    }

    /**
     * What it needs.
     *
     * @param executor runs the handlers' methods; {@code Runnable::run} for the transport's own
     *     threads
     */
    public record Settings(Limits limits, Executor executor, Clock clock) {}

    /**
     * An agent.
     *
     * @param host name or address
     * @param identity whom its certificate must name, whatever the host is
     */
    public record Target(String host, int port, String identity, Security security) {}

    /**
     * Dials once; whether it succeeds the handler is told ({@code opened}, or {@code closed} alone)
     * within {@link Limits#dialMs}.
     */
    public Link<FromManager> dial(Target target, LinkHandler<FromAgent, FromManager> handler) {
        var link = new ClientLink(this, target, handler, nextId.getAndIncrement());
        links.put(link.id(), link);
        long dialMs = settings.limits().dialMs();
        after(dialMs, () -> link.afterDialTime(dialMs));
        try {
            NettyChannelBuilder builder = builder(target);
            if (builder == null) {
                end(
                        link,
                        Ending.refused(
                                Refusal.CLEAR_NOT_ALLOWED,
                                target.host()
                                        + " is not a loopback address, so data would come in clear"
                                        + " from another host; give certificates (tls)"));
            } else {
                link.dial(builder.build());
            }
        } catch (SSLException | IllegalArgumentException e) {
            end(link, Ending.failed(target.host() + " cannot be dialled: " + Door.why(e)));
        }
        return link;
    }

    private void end(ClientLink link, Ending why) {
        settings.executor().execute(() -> link.gone(why));
    }

    private @Nullable NettyChannelBuilder builder(Target target) throws SSLException {
        @Nullable NettyChannelBuilder builder =
                switch (target.security()) {
                    case Security.InClear() -> inClear(target);
                    case Security.Mutual(Credentials credentials) ->
                            NettyChannelBuilder.forAddress(target.host(), target.port())
                                    .sslContext(context(credentials, target.identity()));
                };
        Limits limits = settings.limits();
        return builder == null
                ? null
                : builder.eventLoopGroup(threads)
                        .channelType(Transport.dialling(), InetSocketAddress.class)
                        .executor(settings.executor())
                        .proxyDetector(_ -> null)
                        .disableRetry()
                        .disableServiceConfigLookUp()
                        .decompressorRegistry(
                                DecompressorRegistry.emptyInstance()
                                        .with(Codec.Identity.NONE, false))
                        .userAgent("narwhal")
                        .maxInboundMessageSize(limits.agentMessageBytes())
                        .maxInboundMetadataSize(HEADER_BYTES_MAX)
                        .flowControlWindow(WINDOW_BYTES)
                        .keepAliveTime(limits.keepAliveMs(), TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(limits.handshakeMs(), TimeUnit.MILLISECONDS);
    }

    private static @Nullable NettyChannelBuilder inClear(Target target) {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(target.host());
            for (InetAddress address : addresses) {
                if (!address.isLoopbackAddress()) {
                    return null;
                }
            }
            return NettyChannelBuilder.forAddress(
                            new InetSocketAddress(addresses[0], target.port()))
                    .usePlaintext();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no such host", e);
        }
    }

    private SslContext context(Credentials credentials, String identity) throws SSLException {
        credentials.refresh();
        Credentials.Generation now = credentials.current();
        var key = new ContextKey(credentials, identity);
        synchronized (contexts) {
            Context known = contexts.get(key);
            if (known == null || known.generation() != now.number()) {
                known = new Context(now.number(), Contexts.client(now, identity));
                contexts.put(key, known);
            }
            return known.tls();
        }
    }

    void after(long ms, Runnable what) {
        threads.next().schedule(what, ms, TimeUnit.MILLISECONDS);
    }

    void count(Refusal refusal, Target target, String why) {
        refusals.add(
                refusal, target.identity() + " at " + target.host() + ":" + target.port(), why);
    }

    void gone(ClientLink link) {
        links.remove(link.id());
    }

    Limits limits() {
        return settings.limits();
    }

    /** How many were refused, by reason; those that never happened are left out. */
    public Map<Refusal, Long> refused() {
        return refusals.counts();
    }

    /**
     * Looks whether files of open links have changed; to be called every second or so. Links whose
     * agent would no longer be let in are ended.
     */
    public void refresh() {
        Map<Credentials, Boolean> looked = new HashMap<>();
        for (ClientLink link : List.copyOf(links.values())) {
            if (link.target().security() instanceof Security.Mutual(Credentials credentials)) {
                looked.computeIfAbsent(credentials, Credentials::refresh);
                judge(link, credentials);
            }
        }
    }

    private void judge(ClientLink link, Credentials credentials) {
        Credentials.Generation now = credentials.current();
        if (link.chain().isEmpty() || link.judged() == now.number()) {
            return;
        }
        try {
            link.judgedBy(now.number());
            new Gatekeeper(now.trust(), Set.of(link.target().identity()))
                    .judge(link.chain(), Purpose.SERVER);
        } catch (Untrusted e) {
            link.refuse(e.refusal(), e.why());
        }
    }

    /** Ends all links. */
    @Override
    public void close() {
        new ArrayList<>(links.values())
                .forEach(link -> link.gone(Ending.inOrder("the manager stops")));
        threads.shutdownGracefully(0, settings.limits().closeMs(), TimeUnit.MILLISECONDS);
    }
}
