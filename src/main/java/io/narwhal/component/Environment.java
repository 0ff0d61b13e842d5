package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.Randomness;
import io.narwhal.config.NodeConfig;

import java.util.function.LongSupplier;

/**
 * What a component is given of the world.
 *
 * @param config the node's configuration
 * @param layout where its data stands
 * @param identities numbers unlike any other
 */
public record Environment(
        NodeConfig config,
        NodeLayout layout,
        Disk disk,
        Net net,
        Processes processes,
        Clock clock,
        LongSupplier identities) {
    /** With identities of this machine's making. */
    public Environment(
            NodeConfig config,
            NodeLayout layout,
            Disk disk,
            Net net,
            Processes processes,
            Clock clock) {
        this(config, layout, disk, net, processes, clock, Randomness.identities());
    }
}
