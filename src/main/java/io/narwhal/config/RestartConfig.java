package io.narwhal.config;

/**
 * Back-off when a component keeps dying.
 *
 * @param delayMs before the first restart that follows a quick death; doubles each time
 * @param delayMaxMs where the doubling stops
 */
public record RestartConfig(long delayMs, long delayMaxMs) {}
