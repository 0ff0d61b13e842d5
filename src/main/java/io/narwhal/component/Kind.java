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
    /** Decodes, enhances, aggregates. */
    ACCOUNTING,
    /** Delivers usage to one destination. */
    OUTPUT;

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
        components.put(NodeConfig.ACCOUNTING, ACCOUNTING);
        for (OutputConfig output : config.outputs()) {
            components.put(output.name(), OUTPUT);
        }
        return components;
    }
}
