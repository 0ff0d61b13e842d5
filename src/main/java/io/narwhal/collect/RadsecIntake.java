package io.narwhal.collect;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.InFlight;
import io.narwhal.base.Net;
import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamListener;
import io.narwhal.base.StreamSocket;
import io.narwhal.radius.Clients;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * RADIUS requests over TLS (RFC 6614), of all connections of one address: a {@link RequestIntake}
 * whose packets come by {@link RadsecConnections}. One thread at a time.
 *
 * <p>What all connections bring in one round shares one force; then each answer leaves by the
 * connection that its request came by. Nothing of a connection outlives the process, and nothing
 * need: what was not answered, the client sends again by another connection.
 */
public final class RadsecIntake implements AutoCloseable {
    private final InFlight area = InFlight.inMemory();
    private final RadsecConnections connections;
    private final RequestIntake requests;

    /**
     * What it is told.
     *
     * @param listen number of the address among those of the collector
     * @param sessionsMax connections at once
     * @param secure makes a connection that was just accepted one that speaks TLS
     */
    public record Settings(int listen, int sessionsMax, UnaryOperator<StreamSocket> secure) {
        public Settings {
            Check.that(sessionsMax <= SessionArea.SESSIONS_MAX, "%d connections", sessionsMax);
        }
    }

    /**
     * An intake that has accepted nothing yet.
     *
     * @param clients this intake's own
     * @param log takes lines about refused packets and ended connections
     */
    public RadsecIntake(
            Collector collector,
            Net net,
            StreamListener listener,
            Clients clients,
            Clock clock,
            Settings settings,
            Consumer<String> log) {
        this.connections =
                new RadsecConnections(net, listener, area, clients, clock, settings, log);
        this.requests =
                new RequestIntake(
                        collector,
                        new SocketArea(settings.listen(), connections, area, clock),
                        clients,
                        log);
    }

    /** As {@link RequestIntake#step}. */
    public int step(int timeoutMs) {
        return requests.step(timeoutMs);
    }

    /** The requests and their answers, to be counted. */
    public RequestIntake requests() {
        return requests;
    }

    /** Connections now; from any thread. */
    public int sessions() {
        return connections.open();
    }

    /** Connections that TLS refused since this process began; from any thread. */
    public long refusedByTls() {
        return connections.refusedByTls();
    }

    /** Connections that were closed because the client did not read; from any thread. */
    public long slowReaders() {
        return connections.slowReaders();
    }

    /** Ends all connections for good. */
    public void endSessions() {
        connections.end("the collector is drained");
    }

    /** Ends all connections and lets go of the memory. */
    @Override
    public void close() {
        requests.release();
        area.close();
    }
}
