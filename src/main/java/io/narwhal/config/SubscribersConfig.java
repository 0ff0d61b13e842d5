package io.narwhal.config;

import java.util.List;

/**
 * Flow records get who held their addresses.
 *
 * @param collectors names of the collectors that receive the accounting of sessions, in file order;
 *     known also to a node {@link NodeConfig#withoutCollectors}
 * @param waitMs how long flows wait for sessions that are told of late
 * @param keepMs how long it is known who held an address, after the session's end
 */
public record SubscribersConfig(List<String> collectors, long waitMs, long keepMs) {
    public SubscribersConfig {
        collectors = List.copyOf(collectors);
    }
}
