package io.narwhal.component;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The kinds of component, in the order of a record's way through a node. */
public enum Kind {
    /** Takes datagrams from devices and journals them as received. */
    COLLECTOR,
    /** Pulls from agents and journals what they held. */
    MANAGER,
    /** Decodes, enhances, aggregates. */
    ACCOUNTING,
    /** Delivers usage to one destination. */
    OUTPUT,
    /** Serves this node's journals to managers. */
    AGENT;

    /** As in status. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The components of a node by name, in the order of {@link Kind}. */
    public static Map<String, Kind> components(NodeConfig config) {
        Map<String, Kind> components = new LinkedHashMap<>();
        for (CollectorConfig collector : config.collectors()) {
            components.put(collector.name(), COLLECTOR);
        }
        if (!config.pull().isEmpty()) {
            components.put(NodeConfig.PULL, MANAGER);
        }
        if (config.hasAccounting()) {
            components.put(NodeConfig.ACCOUNTING, ACCOUNTING);
        }
        for (OutputConfig output : config.outputs()) {
            components.put(output.name(), OUTPUT);
        }
        if (config.serve() != null) {
            components.put(NodeConfig.SERVE, AGENT);
        }
        return components;
    }
}
