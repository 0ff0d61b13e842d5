package io.narwhal.config;

/**
 * How accounting works.
 *
 * @param threads that decode and sum; 0: one less than the machine has processors, at least one
 */
public record AccountingConfig(int threads) {}
