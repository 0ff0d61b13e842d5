package io.narwhal.remote;

import io.narwhal.base.Clock;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import java.util.Map;
import java.util.concurrent.Executor;

/** All links of a manager: each a connection of its own, on few threads. */
public final class ManagerClient implements AutoCloseable {
    /** Connects to nothing yet. */
    public ManagerClient(Settings settings) {
        if (settings.limits() == null) {
            throw new IllegalArgumentException();
        }
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
        throw new UnsupportedOperationException(target + "" + handler);
    }

    /** How many were refused, by reason; those that never happened are left out. */
    public Map<Refusal, Long> refused() {
        return Map.of();
    }

    /**
     * Looks whether files of open links have changed; to be called every second or so. Links whose
     * agent would no longer be let in are ended.
     */
    public void refresh() {}

    /** Ends all links. */
    @Override
    public void close() {}
}
