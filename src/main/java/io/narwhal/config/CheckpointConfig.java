package io.narwhal.config;

/**
 * How often a component saves its context.
 *
 * @param everyMs about this long between two checkpoints while there is work
 * @param recoveryMs how long a restart may take until it has done again what its predecessor had
 *     done: checkpoints become more frequent to hold it
 */
public record CheckpointConfig(long everyMs, long recoveryMs) {}
