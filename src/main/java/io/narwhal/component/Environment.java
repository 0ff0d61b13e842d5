package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.config.NodeConfig;

/**
 * What a component is given of the world.
 *
 * @param config the node's configuration
 * @param layout where its data stands
 */
public record Environment(
        NodeConfig config,
        NodeLayout layout,
        Disk disk,
        Net net,
        Processes processes,
        Clock clock) {}
