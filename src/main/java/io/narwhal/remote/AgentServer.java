package io.narwhal.remote;

import io.narwhal.base.Clock;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where an agent listens for its managers. */
public final class AgentServer implements AutoCloseable {
    private AgentServer() {}

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
        throw new UnsupportedOperationException(settings + "" + handler);
    }

    /** Where it listens, with the ports that were taken. */
    public List<InetSocketAddress> addresses() {
        return List.of();
    }

    /** Open links. */
    public int links() {
        return 0;
    }

    /** How many were refused, by reason; those that never happened are left out. */
    public Map<Refusal, Long> refused() {
        return Map.of();
    }

    /**
     * Looks whether the files have changed; to be called every second or so. New certificates are
     * used from the next handshake on; links whose peer would no longer be let in are ended.
     */
    public void refresh() {}

    /** What is wrong with the files; empty: nothing. */
    public String complaint() {
        return "";
    }

    /** Ends all links and listens no longer. Waits until this is done, two seconds at the most. */
    @Override
    public void close() {}
}
