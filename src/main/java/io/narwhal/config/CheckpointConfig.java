package io.narwhal.config;

/**
 * How often a component saves its context.
 *
 * @param everyMs about this long between two checkpoints while there is work
 */
public record CheckpointConfig(long everyMs) {}
