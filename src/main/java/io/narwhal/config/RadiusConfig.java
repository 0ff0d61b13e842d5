package io.narwhal.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What a collector of RADIUS accounting has beside the others.
 *
 * @param clients who may send; at least one
 * @param dictionaries files that define vendors' attributes
 */
public record RadiusConfig(List<ClientConfig> clients, List<Path> dictionaries) {
    public RadiusConfig {
        clients = List.copyOf(clients);
        dictionaries = List.copyOf(dictionaries);
    }
}
