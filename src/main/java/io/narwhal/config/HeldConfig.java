package io.narwhal.config;

/**
 * Data that waits for its template.
 *
 * @param memoryBytes how much may wait; what does not fit is counted as rejected
 * @param forMs how long it may wait, by arrival time; then it is counted as rejected
 */
public record HeldConfig(long memoryBytes, long forMs) {}
