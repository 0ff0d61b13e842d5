package io.narwhal.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who an agent is, and for whom it keeps data.
 *
 * @param agent name of its node
 * @param capacityBytes what it can hold, for the hello; 0: bounded by its disk alone
 * @param configId changes with its configuration
 * @param readers each reader's managers, in order of preference: a manager that is in no group is a
 *     reader of its own name with itself as the one member
 * @param failoverAfterMs how long the active manager of a group is away before another is served
 */
public record AgentSettings(
        String agent,
        long capacityBytes,
        String configId,
        Map<String, List<String>> readers,
        long failoverAfterMs) {
    public AgentSettings {
        Map<String, List<String>> copy = new TreeMap<>();
        readers.forEach((name, members) -> copy.put(name, List.copyOf(members)));
        readers = java.util.Collections.unmodifiableMap(copy);
    }

    /** The readers of these managers: those of groups by the group, all others by themselves. */
    public static Map<String, List<String>> readers(
            List<String> managers, Map<String, List<String>> groups) {
        Map<String, List<String>> readers = new TreeMap<>(groups);
        List<String> grouped = new ArrayList<>();
        groups.values().forEach(grouped::addAll);
        for (String manager : managers) {
            if (!grouped.contains(manager)) {
                readers.put(manager, List.of(manager));
            }
        }
        return readers;
    }

    /** For which reader a manager pulls. */
    public Optional<String> readerOf(String manager) {
        return readers.entrySet().stream()
                .filter(reader -> reader.getValue().contains(manager))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
