package io.narwhal.config;

import java.util.List;
import java.util.stream.Stream;

/**
 * Flow records get who held their addresses.
 *
 * @param collectors names of the collectors that receive the accounting of sessions, in file order;
 *     known also to a node {@link NodeConfig#withoutCollectors}
 * @param pulled links and collectors of agents that receive it, as {@code edge-1/acct}
 * @param waitMs how long flows wait for sessions that are told of late
 * @param keepMs how long it is known who held an address, after the session's end
 */
public record SubscribersConfig(
        List<String> collectors, List<String> pulled, long waitMs, long keepMs) {
    public SubscribersConfig {
        collectors = List.copyOf(collectors);
        pulled = List.copyOf(pulled);
    }

    /** Names of the lanes whose journals tell of sessions. */
    public List<String> journals() {
        return pulled.isEmpty()
                ? collectors
                : Stream.concat(collectors.stream(), Stream.of(NodeConfig.PULL)).toList();
    }
}
