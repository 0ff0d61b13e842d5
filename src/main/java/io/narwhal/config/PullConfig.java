package io.narwhal.config;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

/**
 * A link: an agent whose journals of one kind this node pulls.
 *
 * @param name of the link
 * @param address where the agent listens
 * @param journal which of its journals
 * @param sessions names of the agent's collectors that receive the accounting of sessions, whose
 *     subscribers flows are to get; none when its flows get none from here
 * @param everyMs how often it is asked without having asked for it
 * @param thresholds when it is to ask
 * @param credit how much it may send in one answer
 * @param identity name of the agent's node, which its certificate must have
 * @param tls who this node is and whom it believes; null: in clear, on this machine alone
 */
public record PullConfig(
        String name,
        PeerAddress address,
        Journal journal,
        List<String> sessions,
        long everyMs,
        Thresholds thresholds,
        Credit credit,
        String identity,
        @Nullable TransferTls tls) {
    public PullConfig {
        sessions = List.copyOf(sessions);
    }

    /** What comes by this link of these collectors, as an origin says it. */
    public List<String> sessionPaths() {
        return sessions.stream().map(collector -> name + "/" + collector).toList();
    }

    /** At which journal the chain is cut. */
    public enum Journal {
        /** Records as received: this node accounts them. */
        RECEIVED,
        /** Usage: the agent has accounted it, this node delivers it. */
        USAGE;

        /** As in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * When the agent is to ask.
     *
     * @param fillPercent of its capacity that is held; 0 and 100: never
     * @param clearPercent below this it is armed again
     * @param records that are held; 0: never
     * @param ageMs of the oldest record; 0: never
     * @param retryMs between two requests while the condition holds
     */
    public record Thresholds(
            int fillPercent, int clearPercent, long records, long ageMs, long retryMs) {}

    /**
     * How much it may send in one answer.
     *
     * @param records as the agent counts them
     * @param bytes of its journals
     */
    public record Credit(long records, long bytes) {}
}
